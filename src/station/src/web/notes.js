/* Annotations and snapshots beside the comparison microscope. */
(function () {
  "use strict";
  const section = document.getElementById("microscope"), tools = document.getElementById("notes");
  if (!section || !tools || !section.microscope) return;
  const m = section.microscope, data = JSON.parse(document.getElementById("notes-data").textContent);
  const mode = tools.querySelector("[name=annotate]"), told = tools.querySelector("output");
  const list = tools.querySelector("ul"), csrf = tools.querySelector("[name=csrf]").value;
  const button = (name) => tools.querySelector("[name=" + name + "]");
  /* What there was before each change, and what was taken back; of all marks. */
  const past = [], ahead = [];
  let marks = data.opened ? { [data.opened.kind]: data.opened.marks } : data.marks;
  let drag = null, timer = 0;
  const kind = () => m.shown && m.shown.p.kind;
  const here = () => marks[kind()] || [];
  const frozen = () => !!data.opened;

  function tell() {
    button("undo").disabled = frozen() || !past.length;
    button("redo").disabled = frozen() || !ahead.length;
    m.canvas.dataset.notes = JSON.stringify([mode.value, here()]);
    m.canvas.classList.toggle("measuring", mode.value !== "" || m.control.measure.checked);
  }
  function send(to, name, what) {
    return fetch(to, {
      method: "POST", credentials: "same-origin", redirect: "manual", keepalive: true,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ csrf: csrf, [name]: JSON.stringify(what) }),
    }).then((reply) => { if (!reply.ok) throw new Error(String(reply.status)); return reply; });
  }
  /* One after the other, so that the last is what is kept; a page that is left
     sends what waits. */
  let sending = Promise.resolve(), waiting = false;
  function pass() {
    if (!waiting) return;
    waiting = false;
    const now = marks;
    sending = sending.then(() => send(data.marksTo, "marks", now)).then(() => {
      told.textContent = "";
      if (!waiting) m.canvas.dataset.kept = "yes";
    }).catch(() => { told.textContent = data.failed; });
  }
  function keep() {
    waiting = true;
    delete m.canvas.dataset.kept;
    clearTimeout(timer);
    timer = setTimeout(pass, 300);
  }
  addEventListener("pagehide", pass);
  function change(to) {
    if (frozen()) return;
    past.push(marks);
    ahead.length = 0;
    marks = { ...marks, [kind()]: to };
    keep();
    m.draw();
  }
  function back(from, onto) {
    if (frozen() || !from.length) return;
    onto.push(marks);
    marks = from.pop();
    keep();
    m.draw();
  }

  /* Solid with = where they agree, dashed with ≠ where they differ. */
  function circle(g, mark, u) {
    const agrees = mark.says === "agree";
    for (const [colour, width] of [["#fff", 5], [agrees ? "#005a3c" : "#a24a00", 2.5]]) {
      g.setLineDash(agrees ? [] : [8 * u, 5 * u]);
      g.strokeStyle = colour;
      g.lineWidth = width * u;
      g.beginPath();
      g.arc(mark.x, mark.y, mark.r, 0, 2 * Math.PI);
      g.stroke();
    }
    g.save();
    g.translate(mark.x, mark.y);
    if (mark.side === "b" && m.hand.mirrored) g.scale(-1, 1);
    m.words(g, agrees ? "=" : "≠", 0, 0, u, agrees ? "#005a3c" : "#a24a00");
    g.restore();
  }
  m.over.push((g, pane, k, f) => {
    const all = drag ? [...here(), drag] : here();
    g.save();
    if (pane.side === "b") g.transform(...m.hand.matrix());
    all.filter((mark) => mark.side === pane.side).forEach((mark) => circle(g, mark, f / k));
    g.restore();
  });
  m.watchers.push({ drawn: tell });

  /* A place of the canvas as it lies in the mark that is seen there. */
  function place(e, side) {
    const box = m.canvas.getBoundingClientRect(), f = m.canvas.width / box.width;
    const at = m.at((e.clientX - box.left) * f, (e.clientY - box.top) * f);
    if (!at || (side && at.pane.side !== side)) return null;
    if (at.pane.side === "a") return { side: "a", x: at.x, y: at.y };
    const t = m.hand.matrix(), x = at.x - t[4], y = at.y - t[5];
    return { side: "b", x: t[0] * x + t[1] * y, y: t[2] * x + t[3] * y };
  }
  const round = (v) => Number(v.toFixed(1));
  section.addEventListener("pointerdown", (e) => {
    if (e.target !== m.canvas || !mode.value || e.button !== 0 || frozen()) return;
    const at = place(e);
    if (!at) return;
    e.stopPropagation();
    e.preventDefault();
    m.canvas.focus({ preventScroll: true });
    m.canvas.setPointerCapture(e.pointerId);
    drag = { side: at.side, says: mode.value, x: round(at.x), y: round(at.y), r: 0 };
  }, true);
  section.addEventListener("pointermove", (e) => {
    if (!drag) return;
    e.stopPropagation();
    const at = place(e, drag.side);
    if (!at) return;
    drag.r = round(Math.hypot(at.x - drag.x, at.y - drag.y));
    m.draw();
  }, true);
  section.addEventListener("pointerup", (e) => {
    if (!drag) return;
    e.stopPropagation();
    const made = drag, k = m.scale() / m.fine();
    drag = null;
    if (made.r * k > 4) return change([...here(), made]);
    const hit = (mark) => mark.side === made.side && Math.hypot(mark.x - made.x, mark.y - made.y) <= Math.max(mark.r, 10 / k);
    const found = here().findLast(hit);
    if (found) change(here().filter((mark) => mark !== found));
    else m.draw();
  }, true);
  section.addEventListener("pointercancel", () => { drag = null; }, true);

  function snapshot() {
    if (frozen()) return;
    const seen = m.get(), number = (name) => { seen[name] = Number(seen[name]); };
    ["split", "light", "height", "contrast"].forEach(number);
    delete seen.pair;
    delete seen.measure;
    send(data.viewsTo, "view", { kind: kind(), seen: seen, marks: here() }).then((reply) => reply.json()).then((kept) => {
      told.textContent = data.taken.replace("{at}", kept.at);
      document.querySelectorAll("form [name=view]").forEach((field) => {
        field.value = kept.digest;
        field.dispatchEvent(new Event("input", { bubbles: true }));
      });
      const item = document.createElement("li"), code = document.createElement("code"), name = document.createElement("a");
      code.textContent = kept.digest;
      name.textContent = kept.at;
      if (data.open.startsWith("/pair/")) name.href = data.open + kept.digest;
      item.append(name, " ", code);
      list.append(item);
    }).catch(() => { told.textContent = data.failed; });
  }

  const next = { "": "agree", agree: "differ", differ: "" };
  m.hands.keys.a = () => { mode.value = next[mode.value]; m.draw(); };
  m.hands.keys.b = snapshot;
  document.addEventListener("keydown", (e) => {
    const on = e.target instanceof Element ? e.target : document.body;
    if (!(e.ctrlKey || e.metaKey) || e.altKey || m.hands.typed(on)) return;
    const key = e.key.toLowerCase();
    if (key === "y" || (key === "z" && e.shiftKey)) back(ahead, past);
    else if (key === "z") back(past, ahead);
    else return;
    e.preventDefault();
  });
  mode.addEventListener("change", () => m.draw());
  button("undo").addEventListener("click", () => back(past, ahead));
  button("redo").addEventListener("click", () => back(ahead, past));
  button("snapshot").addEventListener("click", snapshot);
  mode.disabled = frozen();
  button("snapshot").disabled = frozen();
  tools.hidden = false;
  if (data.opened) {
    const at = m.data.pairs.findIndex((p) => p.kind === data.opened.kind);
    if (at >= 0) m.set({ ...data.opened.seen, pair: at });
  }
})();
