/* What a person does with the comparison microscope: keys, pointer, measuring. */
function microscopeHands(m) {
  "use strict";
  const { section, canvas, control, data, hand, fine } = m;
  const { pair, layout, surface, split, light, height, contrast, yes, no, alone, across, raw, hidden } = control;
  /* Where the pointer is over the canvas; the length that is measured. */
  let pointer = null, length = null, drag = null;
  let last = "pointer";
  /* On a page of its own the keys are the microscope's wherever the focus is;
     in a report only once it was touched. */
  let awake = section.dataset.awake === "yes";
  const toCanvas = () => canvas.focus({ preventScroll: true });

  m.over.push((g, pane, k, f) => {
    if (!length || !length.to || length.pane !== pane.side) return;
    const u = f / k, [x0, y0] = length.from, [x1, y1] = length.to;
    for (const [colour, width] of [["#17212b", 5], ["#ffd400", 2.5]]) {
      g.setLineDash([]);
      g.strokeStyle = colour;
      g.lineWidth = width * u;
      g.beginPath();
      g.moveTo(x0, y0);
      g.lineTo(x1, y1);
      g.stroke();
    }
    m.words(g, measured() + " µm", (x0 + x1) / 2, (y0 + y1) / 2 - 16 * u, u, "#17212b");
  });
  const measured = () => Math.hypot(length.to[0] - length.from[0], length.to[1] - length.from[1]).toFixed(1);
  function ruler() {
    m.said("length", { um: length && length.to ? measured() : "–" });
    m.draw();
  }

  /* A place with data near the middle: the middle itself is often a hole. */
  function anchor() {
    if (pointer) return pointer;
    const { a } = m.shown, pane = m.panes()[0], k = m.scale();
    const there = (x, y) => {
      const col = Math.round(x / a.um + (a.w - 1) / 2), row = Math.round(y / a.um + (a.h - 1) / 2);
      return col >= 0 && row >= 0 && col < a.w && row < a.h && a.v[row * a.w + col] === a.v[row * a.w + col];
    };
    for (let r = 0; r * k < canvas.width; r += 8 * a.um) {
      for (let n = 0; n < 24; n++) {
        const x = m.view.x + r * Math.sin(n * Math.PI / 12), y = m.view.y - r * Math.cos(n * Math.PI / 12);
        if (there(x, y)) return [pane.cx + (x - m.view.x) * k, pane.cy + (y - m.view.y) * k];
      }
    }
    return [pane.cx, pane.cy];
  }

  /* About a place of the canvas, so that it stays where it is. */
  function zoom(factor, [x, y] = anchor()) {
    const pane = (m.at(x, y) || { pane: m.panes()[0] }).pane, before = m.scale();
    m.view.zoom = Math.min(Math.max(m.view.zoom * factor, 0.5), 40);
    const step = 1 / before - 1 / m.scale();
    m.view.x += (x - pane.cx) * step;
    m.view.y += (y - pane.cy) * step;
    m.draw();
  }
  /* Both marks, or B alone over A; the difference is then made anew. */
  function pan(dx, dy) {
    const k = m.scale();
    if (alone.checked) {
      hand.shift(dx / k, dy / k);
      return layout.value === "difference" ? m.render() : m.draw();
    }
    m.view.x -= dx / k;
    m.view.y -= dy / k;
    m.draw();
  }
  /* The view goes where the arrow points, or B does, in small steps. */
  const step = (x, y) => alone.checked ? pan(-x / 10, -y / 10) : pan(x, y);
  function rotate(by) { hand.rotate(by, m.view.x, m.view.y); m.render("b"); }
  function back() { hand.set([0, false, 0, 0]); m.render("b"); }
  /* B as the runner-up has it, where the pair has one. */
  function second() {
    const to = data.pairs[pair.selectedIndex].runnerUp;
    if (to) { hand.set([...to]); m.render("b"); }
  }
  function mirror() { hand.mirror(m.view.x); m.render("b"); }
  function flip() {
    if (layout.value === "flip") m.flipped = !m.flipped;
    else layout.value = "flip";
    m.render();
  }
  function move(input, by, wrap) {
    const range = input.max - input.min + 1;
    if (input.disabled) return;
    let value = Number(input.value) + by;
    if (wrap) value = (value + range) % range;
    input.value = value;
    input === split ? m.draw() : m.render();
  }
  function cycle(select, by) {
    const n = select.options.length;
    select.selectedIndex = (select.selectedIndex + by + n) % n;
    select === pair ? m.choose(select.selectedIndex) : m.render();
  }
  /* The other mark of the same two casings. */
  function other() {
    const n = data.pairs.length, here = data.pairs[pair.selectedIndex];
    for (let i = 1; i < n; i++) {
      const to = (pair.selectedIndex + i) % n, p = data.pairs[to];
      if (p.nameA !== here.nameA || p.nameB !== here.nameB) continue;
      pair.selectedIndex = to;
      return m.choose(to);
    }
  }
  function reset() {
    Object.assign(m.view, { x: 0, y: 0, zoom: 1 });
    split.value = 50;
    light.value = 315;
    height.value = 45;
    contrast.value = 1;
    m.render();
  }
  function measure() {
    control.measure.checked = !control.measure.checked;
    measuring();
  }
  function measuring() {
    length = null;
    canvas.classList.toggle("measuring", control.measure.checked);
    ruler();
  }
  const toggle = (box) => { if (!box.disabled) { box.checked = !box.checked; m.draw(); } };
  const unfiltered = () => { if (!raw.disabled) { raw.checked = !raw.checked; m.choose(pair.selectedIndex); } };
  const list = section.querySelector("details.keys");

  const keys = {
    ArrowLeft: (e) => e.shiftKey ? step(40, 0) : move(split, -2),
    ArrowRight: (e) => e.shiftKey ? step(-40, 0) : move(split, 2),
    ArrowUp: (e) => e.shiftKey ? step(0, 40) : false,
    ArrowDown: (e) => e.shiftKey ? step(0, -40) : false,
    "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(0.8), "0": reset,
    l: () => move(light, 15, true), k: () => move(light, -15, true),
    h: () => move(height, 5), g: () => move(height, -5), f: flip,
    c: () => toggle(yes), x: () => toggle(no),
    v: () => cycle(layout, 1), s: () => surface.disabled || cycle(surface, 1),
    n: () => cycle(pair, 1), p: () => cycle(pair, -1), w: other, y: second,
    z: () => toggle(alone), q: (e) => rotate(e.shiftKey ? -0.1 : -1), e: (e) => rotate(e.shiftKey ? 0.1 : 1), r: back,
    t: () => toggle(across), d: mirror, m: measure, i: () => cycle(contrast, 1), u: unfiltered, o: () => toggle(hidden),
    "?": () => { list.open = !list.open; },
  };
  const typed = (e) => e.closest("input:not([type=range], [type=checkbox], [type=radio]), textarea, select, [contenteditable]");
  document.addEventListener("keydown", (e) => {
    last = "key";
    const name = e.key.length === 1 ? e.key.toLowerCase() : e.key, act = keys[name];
    if (!act || !awake || !m.shown || e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented) return;
    const on = e.target instanceof Element ? e.target : document.body;
    if (typed(on) || (name.startsWith("Arrow") && on.tagName === "INPUT")) return;
    if (act(e) !== false) e.preventDefault();
  });
  document.addEventListener("pointerdown", (e) => {
    last = "pointer";
    if (section.dataset.awake !== "yes") awake = section.contains(e.target);
  }, true);
  section.addEventListener("focusin", () => { awake = true; });
  section.addEventListener("focusout", (e) => {
    if (section.dataset.awake !== "yes" && e.relatedTarget && !section.contains(e.relatedTarget)) awake = false;
  });

  canvas.addEventListener("wheel", (e) => {
    if (document.activeElement !== canvas) return;
    e.preventDefault();
    zoom(e.deltaY < 0 ? 1.15 : 1 / 1.15, spot(e));
  }, { passive: false });
  const spot = (e) => {
    const box = canvas.getBoundingClientRect(), f = canvas.width / box.width;
    return [(e.clientX - box.left) * f, (e.clientY - box.top) * f];
  };
  const line = (x, y) => across.checked ? y - canvas.height * split.value / 100 : x - canvas.width * split.value / 100;
  canvas.addEventListener("pointerdown", (e) => {
    if (e.button !== 0 || !m.shown) return;
    const [x, y] = spot(e), place = m.at(x, y);
    toCanvas();
    canvas.setPointerCapture(e.pointerId);
    if (control.measure.checked && place) {
      length = { pane: place.pane.side, from: [place.x, place.y], to: null };
      drag = { ruler: place.pane };
      return ruler();
    }
    drag = { x: x, y: y, line: layout.value === "split" && Math.abs(line(x, y)) < 14 * fine() };
  });
  canvas.addEventListener("pointermove", (e) => {
    const [x, y] = pointer = spot(e);
    if (!m.shown) return;
    if (!drag) return point(x, y);
    if (drag.ruler) {
      const k = m.scale();
      length.to = [(x - drag.ruler.cx) / k + m.view.x, (y - drag.ruler.cy) / k + m.view.y];
      return ruler();
    }
    if (drag.line) { split.value = 100 * (across.checked ? y / canvas.height : x / canvas.width); m.draw(); }
    else pan(x - drag.x, y - drag.y);
    drag.x = x;
    drag.y = y;
  });
  ["pointerup", "pointercancel"].forEach((what) => canvas.addEventListener(what, () => { drag = null; }));
  canvas.addEventListener("pointerleave", () => { pointer = null; if (m.shown) point(-1, -1); });

  /* Which cell of which side is under the pointer. */
  function cellAt(x, y) {
    const place = m.at(x, y);
    if (!place || hidden.checked) return -1;
    const b = hand.matrix(), px = place.x - b[4], py = place.y - b[5];
    const [lx, ly] = place.pane.side === "b" ? [b[0] * px + b[1] * py, b[2] * px + b[3] * py] : [place.x, place.y];
    let best = -1, near = m.shown.p.cellUm / 2;
    m.shown.cells.forEach((cell, i) => {
      if (!(cell.congruent ? yes : no).checked) return;
      const away = Math.max(Math.abs(lx - cell[place.pane.side][0]), Math.abs(ly - cell[place.pane.side][1]));
      if (away < near) { near = away; best = i; }
    });
    return best;
  }
  function point(x, y) {
    const found = cellAt(x, y), readout = section.querySelector(".readouts [name=cell]");
    if (found === (m.shown.pointed ?? -1)) return;
    m.shown.pointed = found;
    const cell = found < 0 ? null : m.shown.p.cells[found];
    readout.textContent = cell
      ? readout.dataset.text + " " + (found + 1) + ": r " + cell.ccf.toFixed(2) + ", " + cell.rotation_deg.toFixed(1) + "°"
      : "";
    m.draw();
  }

  pair.addEventListener("change", () => m.choose(pair.selectedIndex));
  raw.addEventListener("change", () => m.choose(pair.selectedIndex));
  [layout, surface, contrast].forEach((c) => c.addEventListener("change", () => m.render()));
  [light, height].forEach((c) => c.addEventListener("input", () => m.render()));
  split.addEventListener("input", () => m.draw());
  [yes, no, across, alone, hidden].forEach((c) => c.addEventListener("change", () => m.draw()));
  control.measure.addEventListener("change", measuring);
  /* Who used the mouse goes on with the keys. */
  section.addEventListener("change", (e) => { if (last === "pointer" && e.target.type !== "range") toCanvas(); });
  const acts = { in: () => zoom(1.25), out: () => zoom(0.8), reset, left: () => rotate(-1), right: () => rotate(1), back, second, mirror };
  Object.entries(acts).forEach(([name, act]) => control[name].addEventListener("click", (e) => {
    act();
    if (e.detail > 0) toCanvas();
  }));

  /* The pictures of the ranked list show their pair here. */
  document.querySelectorAll("a.open").forEach((link) => link.addEventListener("click", () => {
    const to = data.pairs.findIndex((p) => p.a === link.dataset.a && p.b === link.dataset.b);
    if (to < 0) return;
    pair.selectedIndex = to;
    m.choose(to);
    toCanvas();
  }));
  return { keys, typed };
}

(function () {
  "use strict";
  const section = document.getElementById("microscope");
  if (!section) return;
  const m = microscope(section);
  m.hands = microscopeHands(m);
  section.microscope = m;
  section.hidden = false;
  new ResizeObserver(m.fit).observe(m.canvas);
  m.fit();
  m.choose(0);
})();
