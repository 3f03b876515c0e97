/* The comparison microscope. Everything it shows is in the page: the heights
   (or brightness) of both marks as grey pictures in the same frame, and the
   cells. Coordinates are micrometres from the centre of that frame. */
(function () {
  "use strict";
  const section = document.getElementById("microscope");
  if (!section) return;
  const data = JSON.parse(document.getElementById("microscope-data").textContent);
  const canvas = section.querySelector("canvas");
  const context = canvas.getContext("2d");
  const control = (name) => section.querySelector("[name=" + name + "]");
  const pairControl = control("pair"), layout = control("layout"), surface = control("surface");
  const split = control("split"), light = control("light"), height = control("height"), yes = control("yes"), no = control("no");
  let view = { x: 0, y: 0, zoom: 1 };
  const readout = section.querySelector("output");
  let shown = null;
  let flipped = false;
  let pointed = -1;
  let turn = 0;

  const option = (text, value) => {
    const o = document.createElement("option");
    o.textContent = text;
    o.value = value;
    pairControl.append(o);
  };
  data.pairs.forEach((p, i) => option(i + 1 + ". " + p.label, i));

  function load(id) {
    return new Promise((resolve, reject) => {
      const image = new Image();
      image.onload = () => {
        const c = document.createElement("canvas");
        c.width = image.width;
        c.height = image.height;
        const g = c.getContext("2d", { willReadFrequently: true });
        g.drawImage(image, 0, 0);
        const rgba = g.getImageData(0, 0, c.width, c.height).data;
        const v = new Float32Array(c.width * c.height);
        for (let i = 0; i < v.length; i++) v[i] = rgba[4 * i + 3] > 127 ? (rgba[4 * i] - 128) / 127 : NaN;
        resolve({ v: v, w: c.width, h: c.height });
      };
      image.onerror = reject;
      image.src = document.getElementById(id + "-field").getAttribute("href");
    });
  }

  async function choose(index) {
    const ticket = ++turn;
    const p = data.pairs[index];
    const [a, b] = await Promise.all([load(p.a), load(p.b)]);
    if (ticket !== turn) return;
    const w = a.w * p.pixelUm, h = a.h * p.pixelUm;
    shown = { p: p, a: a, b: b, w: w, h: h, cells: p.cells.map((c) => place(p, c)) };
    surface.disabled = !p.relief;
    light.disabled = height.disabled = !p.relief;
    pointed = -1;
    render();
  }

  /* A cell's place and turn in A, and in B seen from A's frame. It is upright in
     the mark it was cut from. */
  function place(p, c) {
    const turned = c.rotation_deg * Math.PI / 180, inA = p.cellsOfB ? -turned : 0;
    const s = Math.sin(p.pose.rotation), k = Math.cos(p.pose.rotation);
    const x = c.found_x_um - p.pose.dx * 1e6, y = c.found_y_um - p.pose.dy * 1e6;
    return {
      a: [c.x_um, c.y_um, inA],
      b: [k * x + s * y, k * y - s * x, inA + turned - p.pose.rotation],
      congruent: c.congruent,
    };
  }

  function ramp(stops, share) {
    const at = Math.min(Math.max(share, 0), 1) * (stops.length - 1);
    const i = Math.min(Math.floor(at), stops.length - 2), f = at - i;
    return [0, 1, 2].map((k) => stops[i][k] + f * (stops[i + 1][k] - stops[i][k]));
  }

  /* Lambert's law, as in the still pictures. */
  function shade(map, p) {
    const out = new Float32Array(map.v.length);
    const az = light.value * Math.PI / 180, el = height.value * Math.PI / 180;
    const lx = Math.sin(az) * Math.cos(el), ly = -Math.cos(az) * Math.cos(el), lz = Math.sin(el);
    const stretch = p.stretch * p.clip / p.pixelUm;
    const v = map.v, w = map.w;
    const diff = (before, here, after) =>
      before === before ? (after === after ? (after - before) / 2 : here - before) : (after === after ? after - here : 0);
    for (let i = 0; i < v.length; i++) {
      const here = v[i], col = i % w;
      const zx = stretch * diff(col > 0 ? v[i - 1] : NaN, here, col < w - 1 ? v[i + 1] : NaN);
      const zy = stretch * diff(i >= w ? v[i - w] : NaN, here, i + w < v.length ? v[i + w] : NaN);
      out[i] = Math.min(Math.max((lz - lx * zx - ly * zy) / Math.sqrt(1 + zx * zx + zy * zy), 0.04), 1);
    }
    return out;
  }

  function picture(map, colour) {
    const c = document.createElement("canvas");
    c.width = map.w;
    c.height = map.h;
    const g = c.getContext("2d"), pixels = g.createImageData(map.w, map.h);
    for (let i = 0; i < map.v.length; i++) {
      const rgb = colour(i);
      if (!rgb) continue;
      pixels.data.set(rgb, 4 * i);
      pixels.data[4 * i + 3] = 255;
    }
    g.putImageData(pixels, 0, 0);
    return c;
  }

  /* Recolours both marks: needed when pair, surface, layout or light change. */
  function render() {
    if (!shown) return;
    const { p, a, b } = shown;
    const there = (x) => x === x;
    const grey = (map) => {
      const s = p.relief ? shade(map, p) : map.v.map((x) => (x + 1) / 2);
      return (i) => 255 * s[i];
    };
    if (layout.value === "overlay") {
      const ga = grey(a), gb = grey(b);
      shown.both = picture(a, (i) => {
        const inA = there(a.v[i]), inB = there(b.v[i]);
        return inA || inB ? [inA ? ga(i) : 0, inB ? gb(i) : 0, inB ? gb(i) : 0] : null;
      });
    } else if (layout.value === "difference") {
      shown.both = picture(a, (i) =>
        there(a.v[i]) && there(b.v[i]) ? ramp(data.diverging, 0.5 + (a.v[i] - b.v[i]) / 2) : null);
    } else {
      const coloured = p.relief && surface.value === "height";
      const look = (map) => {
        const g = coloured ? null : grey(map);
        return picture(map, (i) => {
          if (!there(map.v[i])) return null;
          return coloured ? ramp(data.cividis, (map.v[i] + 1) / 2) : [g(i), g(i), g(i)];
        });
      };
      shown.left = look(a);
      shown.right = look(b);
    }
    draw();
  }

  /* The part of the canvas given to a side, in canvas pixels. */
  function panes() {
    const W = canvas.width, H = canvas.height, at = W * split.value / 100;
    if (layout.value === "side") return [
      { image: shown.left, side: "a", name: "A: " + shown.p.nameA, x: 0, w: W / 2 - 2, centre: W / 4 },
      { image: shown.right, side: "b", name: "B: " + shown.p.nameB, x: W / 2 + 2, w: W / 2 - 2, centre: 3 * W / 4 },
    ];
    if (layout.value === "split") return [
      { image: shown.left, side: "a", name: "A: " + shown.p.nameA, x: 0, w: at, centre: W / 2 },
      { image: shown.right, side: "b", name: "B: " + shown.p.nameB, x: at, w: W - at, centre: W / 2, right: true },
    ];
    if (layout.value === "flip") return [flipped
      ? { image: shown.right, side: "b", name: "B: " + shown.p.nameB, x: 0, w: W, centre: W / 2, right: true }
      : { image: shown.left, side: "a", name: "A: " + shown.p.nameA, x: 0, w: W, centre: W / 2 }];
    return [{ image: shown.both, side: "a", name: "", x: 0, w: W, centre: W / 2 }];
  }

  function scale() {
    const room = layout.value === "side" ? canvas.width / 2 : canvas.width;
    return 0.96 * view.zoom * Math.min(room / shown.w, canvas.height / shown.h);
  }

  function draw() {
    if (!shown) return;
    const H = canvas.height, k = scale();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = "#eceff1";
    context.fillRect(0, 0, canvas.width, H);
    for (const pane of panes()) {
      context.save();
      context.beginPath();
      context.rect(pane.x, 0, pane.w, H);
      context.clip();
      context.translate(pane.centre - view.x * k, H / 2 - view.y * k);
      context.scale(k, k);
      context.drawImage(pane.image, -shown.w / 2, -shown.h / 2, shown.w, shown.h);
      cells(pane.side, k);
      context.restore();
      label(pane);
    }
    if (layout.value === "split") {
      context.fillStyle = "#ffd400";
      context.fillRect(canvas.width * split.value / 100 - 1.5 * fine(), 0, 3 * fine(), H);
    }
    bar(k);
    if (shown.p.relief && layout.value !== "difference") lamp();
    canvas.dataset.state = [pairControl.value, layout.value, surface.value, split.value, light.value,
      height.value, flipped, yes.checked, no.checked, view.zoom.toFixed(3), view.x.toFixed(1), view.y.toFixed(1)].join(" ");
  }

  function cells(side, k) {
    const half = shown.p.cellUm / 2;
    shown.cells.forEach((cell, i) => {
      if (!(cell.congruent ? yes : no).checked) return;
      const [x, y, turned] = cell[side];
      context.save();
      context.translate(x, y);
      context.save();
      context.rotate(turned);
      const u = fine() / k;
      context.lineWidth = (i === pointed ? 5 : cell.congruent ? 2.5 : 1.5) * u;
      context.setLineDash(cell.congruent ? [] : [7 * u, 5 * u]);
      context.strokeStyle = cell.congruent ? "#005a9c" : "#a24a00";
      context.strokeRect(-half, -half, 2 * half, 2 * half);
      context.restore();
      context.font = "700 " + 16 * u + "px system-ui, sans-serif";
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.lineJoin = "round";
      context.setLineDash([]);
      context.lineWidth = 4 * u;
      context.strokeStyle = "#fff";
      context.strokeText(i + 1, 0, 0);
      context.fillStyle = cell.congruent ? "#00406f" : "#8a3d00";
      context.fillText(i + 1, 0, 0);
      context.restore();
    });
  }

  function plate(x, y, w, h) {
    context.fillStyle = "rgba(255,255,255,.88)";
    context.fillRect(x, y, w, h);
    context.fillStyle = "#17212b";
  }

  function label(pane) {
    if (!pane.name) return;
    context.save();
    context.beginPath();
    const u = fine();
    context.rect(pane.x, 0, pane.w, 40 * u);
    context.clip();
    context.font = "600 " + 16 * u + "px system-ui, sans-serif";
    context.textBaseline = "middle";
    const w = context.measureText(pane.name).width + 16 * u;
    const x = pane.right ? canvas.width - w - 8 * u : pane.x + 8 * u;
    plate(x, 8 * u, w, 26 * u);
    context.fillText(pane.name, x + 8 * u, 21 * u);
    context.restore();
  }

  function bar(k) {
    let length = shown.p.barUm;
    while (length * k > canvas.width / 3) length /= 10;
    const u = fine(), text = length + " µm", w = Math.max(length * k, 60 * u) + 20 * u;
    plate(8 * u, canvas.height - 46 * u, w, 38 * u);
    context.fillRect(18 * u, canvas.height - 18 * u, length * k, 4 * u);
    context.font = 14 * u + "px system-ui, sans-serif";
    context.textBaseline = "alphabetic";
    context.fillText(text, 18 * u, canvas.height - 24 * u);
  }

  /* A compass of the light: nearer to the middle is higher. */
  function lamp() {
    const u = fine(), r = 20 * u, x = canvas.width - 32 * u, y = canvas.height - 32 * u;
    const az = light.value * Math.PI / 180, out = r * Math.cos(height.value * Math.PI / 180);
    context.beginPath();
    context.arc(x, y, r, 0, 2 * Math.PI);
    context.fillStyle = "rgba(255,255,255,.88)";
    context.fill();
    context.lineWidth = 1.5 * u;
    context.strokeStyle = "#17212b";
    context.stroke();
    context.beginPath();
    context.arc(x + out * Math.sin(az), y - out * Math.cos(az), 5 * u, 0, 2 * Math.PI);
    context.fillStyle = "#ffd400";
    context.fill();
    context.stroke();
  }

  /* Canvas pixels in a CSS pixel: lines and letters keep their size. */
  const fine = () => canvas.width / Math.max(canvas.clientWidth, 1);

  /* As many canvas pixels as the screen has. */
  function fit() {
    const w = Math.round(Math.max(canvas.clientWidth, 320) * (window.devicePixelRatio || 1));
    if (w === canvas.width) return;
    canvas.width = w;
    canvas.height = Math.round(w * 0.62);
    draw();
  }

  /* Which cell of which side is under a place of the canvas. */
  function cellAt(x, y) {
    const pane = panes().find((p) => x >= p.x && x < p.x + p.w), k = scale();
    if (!pane) return -1;
    const px = (x - pane.centre) / k + view.x, py = (y - canvas.height / 2) / k + view.y;
    let best = -1, near = shown.p.cellUm / 2;
    shown.cells.forEach((cell, i) => {
      if (!(cell.congruent ? yes : no).checked) return;
      const away = Math.max(Math.abs(px - cell[pane.side][0]), Math.abs(py - cell[pane.side][1]));
      if (away < near) { near = away; best = i; }
    });
    return best;
  }

  function point(x, y) {
    const at = shown ? cellAt(x, y) : -1;
    if (at === pointed) return;
    pointed = at;
    const cell = at < 0 ? null : shown.p.cells[at];
    readout.textContent = cell
      ? readout.dataset.cell + " " + (at + 1) + ": r " + cell.ccf.toFixed(2) + ", " + cell.rotation_deg.toFixed(1) + "°"
      : "";
    draw();
  }

  /* About the middle, or about a place of the canvas so that it stays there. */
  function zoom(factor, x, y) {
    const before = scale();
    view.zoom = Math.min(Math.max(view.zoom * factor, 0.5), 20);
    if (x !== undefined) {
      const pane = panes().find((p) => x >= p.x && x < p.x + p.w) || panes()[0];
      const step = 1 / before - 1 / scale();
      view.x += (x - pane.centre) * step;
      view.y += (y - canvas.height / 2) * step;
    }
    draw();
  }
  function flip() {
    if (layout.value === "flip") flipped = !flipped;
    else layout.value = "flip";
    render();
  }
  function pan(dx, dy) {
    const k = scale();
    view.x -= dx / k;
    view.y -= dy / k;
    draw();
  }
  function move(input, by, wrap) {
    const range = input.max - input.min + 1;
    if (input.disabled) return;
    let value = Number(input.value) + by;
    if (wrap) value = (value + range) % range;
    input.value = value;
    input === split ? draw() : render();
  }
  function cycle(select, by) {
    const n = select.options.length;
    select.selectedIndex = (select.selectedIndex + by + n) % n;
    select === pairControl ? choose(select.selectedIndex) : render();
  }
  function reset() {
    view = { x: 0, y: 0, zoom: 1 };
    split.value = 50;
    light.value = 315;
    height.value = 45;
    render();
  }
  const toggle = (box) => { box.checked = !box.checked; draw(); };

  const keys = {
    ArrowLeft: (e) => e.shiftKey ? pan(40, 0) : move(split, -2),
    ArrowRight: (e) => e.shiftKey ? pan(-40, 0) : move(split, 2),
    ArrowUp: (e) => e.shiftKey ? pan(0, 40) : false,
    ArrowDown: (e) => e.shiftKey ? pan(0, -40) : false,
    "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(0.8), "0": reset,
    l: () => move(light, 15, true), k: () => move(light, -15, true),
    h: () => move(height, 5), g: () => move(height, -5), f: flip,
    c: () => toggle(yes), x: () => toggle(no),
    v: () => cycle(layout, 1), s: () => surface.disabled || cycle(surface, 1),
    n: () => cycle(pairControl, 1), p: () => cycle(pairControl, -1),
  };
  canvas.addEventListener("keydown", (e) => {
    const act = keys[e.key.length === 1 ? e.key.toLowerCase() : e.key];
    if (act && !e.ctrlKey && !e.metaKey && !e.altKey && act(e) !== false) e.preventDefault();
  });
  canvas.addEventListener("wheel", (e) => {
    if (document.activeElement !== canvas) return;
    e.preventDefault();
    zoom(e.deltaY < 0 ? 1.15 : 1 / 1.15, ...spot(e));
  }, { passive: false });

  let drag = null;
  const spot = (e) => {
    const box = canvas.getBoundingClientRect(), f = canvas.width / box.width;
    return [(e.clientX - box.left) * f, (e.clientY - box.top) * f];
  };
  canvas.addEventListener("pointerdown", (e) => {
    const [x, y] = spot(e);
    const onLine = layout.value === "split" && Math.abs(x - canvas.width * split.value / 100) < 14 * fine();
    drag = { x: x, y: y, line: onLine };
    canvas.setPointerCapture(e.pointerId);
  });
  canvas.addEventListener("pointermove", (e) => {
    const [x, y] = spot(e);
    if (!drag) return point(x, y);
    if (drag.line) { split.value = 100 * x / canvas.width; draw(); }
    else pan(x - drag.x, y - drag.y);
    drag.x = x;
    drag.y = y;
  });
  canvas.addEventListener("pointerup", () => { drag = null; });
  canvas.addEventListener("pointercancel", () => { drag = null; });

  pairControl.addEventListener("change", () => choose(pairControl.selectedIndex));
  layout.addEventListener("change", render);
  surface.addEventListener("change", render);
  light.addEventListener("input", render);
  height.addEventListener("input", render);
  canvas.addEventListener("pointerleave", () => point(-1, -1));
  split.addEventListener("input", draw);
  yes.addEventListener("change", draw);
  no.addEventListener("change", draw);
  control("in").addEventListener("click", () => zoom(1.25));
  control("out").addEventListener("click", () => zoom(0.8));
  control("reset").addEventListener("click", reset);

  /* The pictures of the ranked list show their pair here. */
  document.querySelectorAll("a.open").forEach((link) => link.addEventListener("click", () => {
    const at = data.pairs.findIndex((p) => p.a === link.dataset.a && p.b === link.dataset.b);
    if (at < 0) return;
    pairControl.selectedIndex = at;
    choose(at);
    canvas.focus({ preventScroll: true });
  }));

  section.hidden = false;
  new ResizeObserver(fit).observe(canvas);
  fit();
  choose(0);
})();
