/* Small helps; every page works without them, but for the microscope. */
(function () {
  "use strict";
  /* A page that nobody touches asks the server again, which then hides it. */
  const idle = Number(document.body.dataset.idle);
  if (idle) {
    let last = Date.now();
    ["keydown", "pointerdown", "pointermove", "wheel"].forEach((what) =>
      addEventListener(what, () => { last = Date.now(); }, { passive: true }));
    setInterval(() => { if (Date.now() - last > idle * 1000) location.reload(); }, 15000);
  }
  /* What is being written is kept on the server, so that a lost session loses
     nothing. */
  const form = document.getElementById("decision");
  if (form) {
    let timer = 0;
    const keep = () => fetch(form.dataset.draft, {
      method: "POST", credentials: "same-origin", redirect: "manual", keepalive: true,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(new FormData(form)),
    }).catch(() => {});
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(keep, 800); });
    form.addEventListener("submit", () => clearTimeout(timer));
  }
  /* Doubles of the serial number that is being typed. */
  const request = document.getElementById("request");
  if (request) {
    const told = document.getElementById("doubles");
    let timer = 0;
    request.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        const typed = new URLSearchParams();
        ["serial", "importer_serial", "make", "model", "calibre", "type"].forEach((name) => typed.set(name, request.elements[name].value));
        fetch(request.dataset.doubles + "?" + typed, { credentials: "same-origin", redirect: "manual" })
          .then((reply) => reply.ok ? reply.text() : "").then((text) => { told.textContent = text; }).catch(() => {});
      }, 400);
    });
  }
  /* The worklist by keyboard: up, down, Enter. */
  const rows = [...document.querySelectorAll("table.worklist tbody tr")];
  if (rows.length) {
    let at = -1;
    const go = (to) => {
      at = Math.min(Math.max(to, 0), rows.length - 1);
      rows.forEach((row, i) => row.classList.toggle("at", i === at));
      rows[at].querySelector("a").focus();
    };
    document.addEventListener("keydown", (e) => {
      if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input, select, textarea, button")) return;
      if (e.key === "ArrowDown") go(at + 1);
      else if (e.key === "ArrowUp") go(at - 1);
      else return;
      e.preventDefault();
    });
  }
})();
