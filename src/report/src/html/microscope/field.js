/* Heights (or brightness) of marks as numbers: read, lit, laid over each other.
   A field has values v in micrometres (1 for brightness), row by row, NaN where
   there are none, w columns and h rows of square pixels of `um` micrometres. */
function microscopeFields() {
  "use strict";

  /* A grey picture of the page, 128 being nothing and the ends ±clip. */
  function embedded(address, p) {
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
        for (let i = 0; i < v.length; i++) v[i] = rgba[4 * i + 3] > 127 ? p.clip * (rgba[4 * i] - 128) / 127 : NaN;
        resolve({ v: v, w: c.width, h: c.height, um: p.pixelUm, clip: p.clip, stretch: p.stretch });
      };
      image.onerror = reject;
      image.src = address;
    });
  }

  /* The mark at its own resolution, as a server gives it: columns, rows, the
     value of one step, the pixel, clip and stretch, then the steps. */
  async function served(address) {
    const reply = await fetch(address, { credentials: "same-origin", redirect: "manual" });
    if (!reply.ok) throw new Error(String(reply.status));
    const bytes = await reply.arrayBuffer(), head = new DataView(bytes);
    const w = head.getUint32(0, true), h = head.getUint32(4, true);
    const [step, um, clip, stretch] = [8, 12, 16, 20].map((at) => head.getFloat32(at, true));
    const steps = new Int16Array(bytes, 24, w * h), v = new Float32Array(w * h);
    for (let i = 0; i < v.length; i++) v[i] = steps[i] === -32768 ? NaN : steps[i] * step;
    return { v: v, w: w, h: h, um: um, clip: clip, stretch: stretch };
  }

  /* Slopes along x and y, of both neighbours or the one that there is. */
  function slopes(field) {
    const v = field.v, w = field.w, n = v.length;
    const x = new Float32Array(n), y = new Float32Array(n);
    const diff = (before, here, after) =>
      before === before ? (after === after ? (after - before) / 2 : here - before) : (after === after ? after - here : 0);
    for (let at = 0; at < n; at += w) {
      for (let col = 0; col < w; col++) {
        const i = at + col, here = v[i];
        if (here !== here) { x[i] = NaN; continue; }
        x[i] = diff(col > 0 ? v[i - 1] : NaN, here, col < w - 1 ? v[i + 1] : NaN) / field.um;
        y[i] = diff(at > 0 ? v[i - w] : NaN, here, at + w < n ? v[i + w] : NaN) / field.um;
      }
    }
    return { x: x, y: y };
  }

  /* Lambert's law, as in the still pictures, into pixels: `light` is where it
     comes from as the field lies, `channels` those that are drawn. */
  function lit(field, stretch, light, channels, pixels) {
    if (!field.slopes) field.slopes = slopes(field);
    const sx = field.slopes.x, sy = field.slopes.y, square = stretch * stretch;
    const lx = stretch * light[0], ly = stretch * light[1], lz = light[2];
    for (let i = 0; i < pixels.length; i++) {
      const x = sx[i], y = sy[i];
      let s = (lz - lx * x - ly * y) / Math.sqrt(1 + square * (x * x + y * y));
      if (s !== s) { pixels[i] = 0; continue; }
      s = s < 0.04 ? 0.04 : s > 1 ? 1 : s;
      pixels[i] = 0xff000000 | (0x010101 * (255 * s + 0.5 | 0) & channels);
    }
  }

  /* Values between −range and +range as colours of a table of 256. */
  function coloured(v, range, table, pixels) {
    const k = 127.5 / range;
    for (let i = 0; i < pixels.length; i++) {
      const at = v[i] * k + 127.5;
      pixels[i] = at !== at ? 0 : table[at < 0 ? 0 : at > 255 ? 255 : at + 0.5 | 0];
    }
  }

  /* A table of 256 colours of stops at equal steps. */
  function table(stops) {
    const colours = new Uint32Array(256);
    for (let n = 0; n < 256; n++) {
      const at = n / 255 * (stops.length - 1), i = Math.min(Math.floor(at), stops.length - 2), f = at - i;
      const [r, g, b] = [0, 1, 2].map((k) => Math.round(stops[i][k] + f * (stops[i + 1][k] - stops[i][k])));
      colours[n] = 0xff000000 | b << 16 | g << 8 | r;
    }
    return colours;
  }

  /* A minus B, B moved by `hand`, on A's grid. */
  function difference(a, b, hand) {
    const out = new Float32Array(a.v.length), m = hand.matrix();
    const still = hand.still() && a.w === b.w && a.h === b.h;
    for (let row = 0, i = 0; row < a.h; row++) {
      for (let col = 0; col < a.w; col++, i++) {
        if (still) { out[i] = a.v[i] - b.v[i]; continue; }
        const px = (col - (a.w - 1) / 2) * a.um - m[4], py = (row - (a.h - 1) / 2) * a.um - m[5];
        const x = (m[0] * px + m[1] * py) / b.um + (b.w - 1) / 2, y = (m[2] * px + m[3] * py) / b.um + (b.h - 1) / 2;
        const x0 = Math.floor(x), y0 = Math.floor(y);
        if (x0 < 0 || y0 < 0 || x0 + 1 >= b.w || y0 + 1 >= b.h) { out[i] = NaN; continue; }
        const j = y0 * b.w + x0, fx = x - x0, fy = y - y0;
        out[i] = a.v[i] - (1 - fy) * ((1 - fx) * b.v[j] + fx * b.v[j + 1]) - fy * ((1 - fx) * b.v[j + b.w] + fx * b.v[j + b.w + 1]);
      }
    }
    return out;
  }

  /* A canvas of a field's size with its pixels as numbers. */
  function sheet(w, h) {
    const c = document.createElement("canvas");
    c.width = w;
    c.height = h;
    const g = c.getContext("2d"), image = g.createImageData(w, h);
    return { canvas: c, pixels: new Uint32Array(image.data.buffer), put: () => g.putImageData(image, 0, 0) };
  }

  return { embedded, served, lit, coloured, table, difference, sheet };
}

/* Where B was moved to by hand: turned, perhaps mirrored, then shifted, in
   micrometres and degrees of A's frame. */
function microscopeHand() {
  "use strict";
  let turn = 0, mirrored = false, x = 0, y = 0;
  return {
    get mirrored() { return mirrored; },
    get turn() { return turn; },
    still: () => turn === 0 && !mirrored && x === 0 && y === 0,
    get: () => [Number(turn.toFixed(2)), mirrored, Number(x.toFixed(2)), Number(y.toFixed(2))],
    set: (to) => { [turn, mirrored, x, y] = to; },
    shift: (dx, dy) => { x += dx; y += dy; },
    /* About a place, so that what is seen there stays. */
    rotate: (by, cx, cy) => {
      const s = Math.sin(by * Math.PI / 180), k = Math.cos(by * Math.PI / 180);
      [x, y] = [cx + k * (x - cx) - s * (y - cy), cy + s * (x - cx) + k * (y - cy)];
      turn = Number((turn + by).toFixed(4));
      turn = turn > 180 ? turn - 360 : turn <= -180 ? turn + 360 : turn;
    },
    mirror: (cx) => { x = 2 * cx - x; turn = -turn; mirrored = !mirrored; },
    /* As a canvas takes it: (x, y) goes to (m0 x + m2 y + m4, m1 x + m3 y + m5). */
    matrix: () => {
      const s = Math.sin(turn * Math.PI / 180), k = Math.cos(turn * Math.PI / 180), f = mirrored ? -1 : 1;
      return [f * k, f * s, -s, k, x, y];
    },
  };
}
