/* The comparison microscope. Coordinates are micrometres from the centre of A's
   frame, in which B lies as it was registered; `hand` is what a person added.
   The pictures in the page come first; where a server has more, it is fetched. */
function microscope(section) {
  "use strict";
  const fields = microscopeFields(), hand = microscopeHand();
  const data = JSON.parse(document.getElementById("microscope-data").textContent);
  const canvas = section.querySelector("canvas");
  const context = canvas.getContext("2d");
  const layer = document.createElement("canvas");
  const control = {};
  section.querySelectorAll("[name]").forEach((e) => { control[e.name || e.getAttribute("name")] = e; });
  const { pair, layout, surface, split, light, height, contrast, yes, no, alone, across, raw, hidden } = control;
  const colours = { height: fields.table(data.cividis), difference: fields.table(data.diverging) };
  const all = 0xffffff, red = 0x0000ff, cyan = 0xffff00;
  let view = { x: 0, y: 0, zoom: 1 };
  let shown = null, flipped = false, turn = 0;
  /* What is drawn over the marks by others: measured lengths, annotations. */
  const over = [];
  const watchers = [];

  data.pairs.forEach((p, i) => {
    const o = document.createElement("option");
    o.textContent = i + 1 + ". " + p.label;
    o.value = i;
    pair.append(o);
  });

  const note = (text) => { section.querySelector(".readouts [name=source]").textContent = text; };
  const said = (name, values) => {
    const e = section.querySelector(".readouts [name=" + name + "]");
    const text = e.dataset.text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
    if (e.textContent !== text) e.textContent = text;
  };

  /* A pair's fields: those of the page at once, those of a server when there. */
  async function choose(index) {
    const ticket = ++turn, p = data.pairs[index], href = (id) => document.getElementById(id + "-field").getAttribute("href");
    const fresh = !shown || shown.p !== p;
    surface.disabled = light.disabled = height.disabled = !p.relief;
    raw.disabled = !p.more;
    if (fresh) {
      raw.checked = false;
      const [a, b] = await Promise.all([p.a, p.b].map((id) => fields.embedded(href(id), p)));
      if (ticket !== turn) return;
      hand.set([0, false, 0, 0]);
      show(p, a, b);
    }
    if (!p.more) return;
    const how = raw.checked ? "raw" : "filtered";
    note(section.dataset.loading);
    try {
      const [a, b] = await Promise.all(["a", "b"].map((side) => fields.served(p.more + "/" + side + "/" + how)));
      if (ticket === turn) show(p, a, b);
    } catch (error) {
      if (ticket !== turn) return;
      if (raw.checked) { raw.checked = false; choose(index).then(() => note(section.dataset.failed)); }
      else note(section.dataset.failed);
    }
  }

  function show(p, a, b) {
    const old = shown;
    shown = { p: p, a: a, b: b, w: a.w * a.um, h: a.h * a.um, cells: p.cells.map((c) => place(p, c)) };
    shown.sheets = { a: fields.sheet(a.w, a.h), b: fields.sheet(b.w, b.h) };
    if (!old || old.p !== p) watchers.forEach((w) => w.pair && w.pair(p));
    note(section.dataset.source.replace("{w}", a.w).replace("{h}", a.h).replace("{um}", Number(a.um.toFixed(3))));
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

  /* Recolours a mark, or both: needed when its values, the surface, the layout
     or the light change, and for B when it is turned, as the light stays. */
  function render(sides = "ab") {
    if (!shown) return;
    const { p, a, sheets } = shown, times = Number(contrast.value);
    if (layout.value === "difference") {
      fields.coloured(fields.difference(a, shown.b, hand), a.clip / times, colours.difference, sheets.a.pixels);
      sheets.a.put();
      return draw();
    }
    const az = light.value * Math.PI / 180, el = height.value * Math.PI / 180, m = hand.matrix();
    const lx = Math.sin(az) * Math.cos(el), ly = -Math.cos(az) * Math.cos(el), lz = Math.sin(el);
    const overlay = layout.value === "overlay";
    for (const side of sides) {
      const field = shown[side], sheet = sheets[side];
      const channels = overlay ? (side === "a" ? red : cyan) : all;
      if (!overlay && p.relief && surface.value === "height") fields.coloured(field.v, a.clip / times, colours.height, sheet.pixels);
      else if (p.relief) {
        const from = side === "a" ? [lx, ly, lz] : [m[0] * lx + m[1] * ly, m[2] * lx + m[3] * ly, lz];
        fields.lit(field, a.stretch * times, from, channels, sheet.pixels);
      } else fields.coloured(field.v, a.clip / times, greys(channels), sheet.pixels);
      sheet.put();
    }
    draw();
  }
  const greys = (channels) => Uint32Array.from({ length: 256 }, (_, n) => 0xff000000 | 0x010101 * n & channels);

  /* The parts of the canvas: what is shown there, where, about which centre. */
  function panes() {
    const W = canvas.width, H = canvas.height, down = across.checked;
    const one = (side, x, y, w, h, cx, cy, far) => ({
      side: side, x: x, y: y, w: w, h: h, cx: cx, cy: cy, far: far,
      name: side === "a" ? "A: " + shown.p.nameA : "B: " + shown.p.nameB,
    });
    if (layout.value === "side" && down) return [one("a", 0, 0, W, H / 2 - 2, W / 2, H / 4), one("b", 0, H / 2 + 2, W, H / 2 - 2, W / 2, 3 * H / 4)];
    if (layout.value === "side") return [one("a", 0, 0, W / 2 - 2, H, W / 4, H / 2), one("b", W / 2 + 2, 0, W / 2 - 2, H, 3 * W / 4, H / 2)];
    if (layout.value === "split") {
      const at = (down ? H : W) * split.value / 100;
      return down ? [one("a", 0, 0, W, at, W / 2, H / 2), one("b", 0, at, W, H - at, W / 2, H / 2, true)]
        : [one("a", 0, 0, at, H, W / 2, H / 2), one("b", at, 0, W - at, H, W / 2, H / 2, true)];
    }
    if (layout.value === "flip") return [one(flipped ? "b" : "a", 0, 0, W, H, W / 2, H / 2, flipped)];
    return [{ ...one("a", 0, 0, W, H, W / 2, H / 2), name: "" }];
  }

  function scale() {
    const side = layout.value === "side", down = across.checked;
    const W = canvas.width / (side && !down ? 2 : 1), H = canvas.height / (side && down ? 2 : 1);
    return 0.96 * view.zoom * Math.min(W / shown.w, H / shown.h);
  }

  /* One mark onto a canvas whose middle is the pane's. */
  function mark(g, side) {
    const field = shown[side], w = field.w * field.um, h = field.h * field.um;
    g.drawImage(shown.sheets[side].canvas, -w / 2, -h / 2, w, h);
  }

  function draw() {
    if (!shown) return;
    const W = canvas.width, H = canvas.height, k = scale();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = "#eceff1";
    context.fillRect(0, 0, W, H);
    for (const pane of panes()) {
      context.save();
      context.beginPath();
      context.rect(pane.x, pane.y, pane.w, pane.h);
      context.clip();
      if (layout.value === "overlay") {
        const g = layer.getContext("2d");
        layer.width = W;
        layer.height = H;
        g.setTransform(k, 0, 0, k, pane.cx - view.x * k, pane.cy - view.y * k);
        mark(g, "a");
        g.globalCompositeOperation = "lighter";
        g.transform(...hand.matrix());
        mark(g, "b");
        context.drawImage(layer, 0, 0);
      }
      context.setTransform(k, 0, 0, k, pane.cx - view.x * k, pane.cy - view.y * k);
      context.save();
      if (pane.side === "b") context.transform(...hand.matrix());
      if (layout.value !== "overlay") mark(context, pane.side);
      if (!hidden.checked) cells(pane.side, k);
      context.restore();
      if (!hidden.checked) over.forEach((each) => each(context, pane, k, fine()));
      context.restore();
      label(pane);
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
    if (layout.value === "split") {
      context.fillStyle = "#ffd400";
      if (across.checked) context.fillRect(0, H * split.value / 100 - 1.5 * fine(), W, 3 * fine());
      else context.fillRect(W * split.value / 100 - 1.5 * fine(), 0, 3 * fine(), H);
    }
    bar(k);
    const [degrees, mirrored, x, y] = hand.get();
    said("hand", { turn: degrees.toFixed(1), x: Math.round(x), y: Math.round(y), mirrored: mirrored ? section.dataset.mirrored : "" });
    const shaded = layout.value === "overlay" || (layout.value !== "difference" && surface.value === "relief");
    if (shown.p.relief && shaded && !hidden.checked) lamp();
    said("lit", { light: light.value, height: height.value });
    canvas.dataset.state = JSON.stringify(get());
    watchers.forEach((w) => w.drawn && w.drawn());
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
      context.lineWidth = (i === shown.pointed ? 5 : cell.congruent ? 2.5 : 1.5) * u;
      context.setLineDash(cell.congruent ? [] : [7 * u, 5 * u]);
      context.strokeStyle = cell.congruent ? "#005a9c" : "#a24a00";
      context.strokeRect(-half, -half, 2 * half, 2 * half);
      context.restore();
      if (side === "b" && hand.mirrored) context.scale(-1, 1);
      words(context, String(i + 1), 0, 0, u, cell.congruent ? "#00406f" : "#8a3d00");
      context.restore();
    });
  }

  /* Letters with a white edge, readable on any surface. */
  function words(g, text, x, y, u, colour) {
    g.font = "700 " + 16 * u + "px system-ui, sans-serif";
    g.textAlign = "center";
    g.textBaseline = "middle";
    g.lineJoin = "round";
    g.setLineDash([]);
    g.lineWidth = 4 * u;
    g.strokeStyle = "#fff";
    g.strokeText(text, x, y);
    g.fillStyle = colour;
    g.fillText(text, x, y);
  }

  function plate(x, y, w, h) {
    context.fillStyle = "rgba(255,255,255,.88)";
    context.fillRect(x, y, w, h);
    context.fillStyle = "#17212b";
  }

  function label(pane) {
    if (!pane.name) return;
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.beginPath();
    const u = fine();
    context.rect(pane.x, pane.y, pane.w, pane.h);
    context.clip();
    context.font = "600 " + 16 * u + "px system-ui, sans-serif";
    context.textAlign = "left";
    context.textBaseline = "middle";
    const w = context.measureText(pane.name).width + 16 * u;
    const x = pane.far ? canvas.width - w - 8 * u : pane.x + 8 * u;
    plate(x, pane.y + 8 * u, w, 26 * u);
    context.fillText(pane.name, x + 8 * u, pane.y + 21 * u);
    context.restore();
  }

  function bar(k) {
    let length = shown.p.barUm;
    while (length * k > canvas.width / 3) length /= 10;
    const u = fine(), text = length + " µm", w = Math.max(length * k, 60 * u) + 20 * u;
    plate(8 * u, canvas.height - 46 * u, w, 38 * u);
    context.fillRect(18 * u, canvas.height - 18 * u, length * k, 4 * u);
    context.font = 14 * u + "px system-ui, sans-serif";
    context.textAlign = "left";
    context.textBaseline = "alphabetic";
    context.fillText(text, 18 * u, canvas.height - 24 * u);
  }

  /* A compass of the light: nearer to the middle is higher. */
  function lamp() {
    const u = fine(), r = 20 * u, x = canvas.width - 32 * u, y = canvas.height - 32 * u;
    const az = light.value * Math.PI / 180, out = r * Math.cos(height.value * Math.PI / 180);
    const disc = (dx, dy, size, colour) => {
      context.beginPath();
      context.arc(dx, dy, size, 0, 2 * Math.PI);
      context.fillStyle = colour;
      context.fill();
      context.stroke();
    };
    context.setLineDash([]);
    context.lineWidth = 1.5 * u;
    context.strokeStyle = "#17212b";
    disc(x, y, r, "rgba(255,255,255,.88)");
    disc(x + out * Math.sin(az), y - out * Math.cos(az), 5 * u, "#ffd400");
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

  /* The pane under a place of the canvas, and the place in A's frame. */
  function at(x, y) {
    const pane = panes().find((p) => x >= p.x && x < p.x + p.w && y >= p.y && y < p.y + p.h);
    if (!pane || !shown) return null;
    return { pane: pane, x: (x - pane.cx) / scale() + view.x, y: (y - pane.cy) / scale() + view.y };
  }

  /* All that a picture is made of, and a picture of it again. */
  function get() {
    const values = { pair: pair.selectedIndex };
    [layout, surface, split, light, height, contrast].forEach((c) => { values[c.name] = c.value; });
    [yes, no, alone, across, raw, hidden, control.measure].forEach((c) => { values[c.name] = c.checked; });
    return { ...values, flipped: flipped, hand: hand.get(), view: [view.x.toFixed(1), view.y.toFixed(1), view.zoom.toFixed(3)].map(Number) };
  }
  async function set(to) {
    pair.selectedIndex = to.pair;
    await choose(to.pair);
    [layout, surface, split, light, height, contrast].forEach((c) => { c.value = to[c.name]; });
    [yes, no, alone, across, hidden].forEach((c) => { c.checked = to[c.name]; });
    if (raw.checked !== to.raw) { raw.checked = to.raw; await choose(to.pair); }
    flipped = to.flipped;
    hand.set(to.hand);
    view = { x: to.view[0], y: to.view[1], zoom: to.view[2] };
    render();
  }

  return {
    section, canvas, control, data, hand, over, watchers, at, get, set, choose, render, draw, panes, scale, fine, words, said, fit,
    get shown() { return shown; },
    get view() { return view; },
    get flipped() { return flipped; },
    set flipped(to) { flipped = to; },
  };
}
