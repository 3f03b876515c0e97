// The comparison microscope of the review station, used in headless Chromium as
// a person would.

import { pause } from "./chromium.mjs";

const m = "document.querySelector('#microscope').microscope";

/** Waits until the microscope shows what the server has of its pair. */
export async function awake(person) {
  const ready = () => person.evaluate(`/\\d+ × \\d+/.test(document.querySelector(".readouts [name=source]")?.textContent ?? "")`);
  for (let i = 0; i < 100 && !(await ready()); i++) await pause(50);
  return ready();
}

const state = (person) => person.evaluate("document.querySelector('#microscope canvas')?.dataset.state");

/** Whether an act changes what the microscope shows, or the list of its keys. */
async function changes(person, act) {
  const now = async () => `${await state(person)} ${await person.evaluate("document.querySelector('#microscope details.keys').open")}`;
  const before = await now();
  await act();
  for (let i = 0; i < 100; i++) {
    if (before !== await now()) return true;
    await pause(20);
  }
  return false;
}

async function set(person, values) {
  await person.evaluate(`(() => { for (const [name, value] of Object.entries(${JSON.stringify(values)})) {
    const c = document.querySelector("#microscope [name=" + name + "]");
    if (c.type === "checkbox") c.checked = value; else c.value = value;
    c.dispatchEvent(new Event(c.type === "range" ? "input" : "change"));
  } })()`);
  await pause(80);
}

/** Where a thing is in the window, scrolled to. */
const box = (person, selector) => person.evaluate(`(() => { const e = document.querySelector(${JSON.stringify(selector)});
  e.scrollIntoView({ block: "center", behavior: "instant" }); const r = e.getBoundingClientRect();
  return { x: r.x, y: r.y, w: r.width, h: r.height }; })()`);

export async function mouse(person, ...places) {
  const send = (type, [x, y]) => person.tab.send("Input.dispatchMouseEvent",
    { type, x, y, button: "left", buttons: type === "mouseReleased" ? 0 : 1, clickCount: 1 });
  await send("mousePressed", places[0]);
  for (const place of places.slice(1)) await send("mouseMoved", place);
  await send("mouseReleased", places.at(-1));
  await pause(120);
}

/** The canvas, or a part of it, as a number that changes with any pixel. */
const pixels = (person, from = 0, to = 1) => person.evaluate(`(() => { const c = document.querySelector("#microscope canvas");
  const d = c.getContext("2d").getImageData(Math.round(c.width * ${from}), 0, Math.round(c.width * ${to - from}), c.height).data;
  let h = 0; for (let i = 0; i < d.length; i++) h = (h * 31 + d[i]) | 0; return h; })()`);

export async function keys(person, check) {
  check("the microscope wakes under the policy", await awake(person));
  await person.evaluate("document.activeElement.blur()");
  const documented = await person.evaluate(`[...document.querySelectorAll("#microscope dt[data-keys]")].map((e) => e.dataset.keys)`);
  const many = await person.evaluate("document.querySelectorAll('#microscope [name=pair] option').length") > 1;
  const dead = [];
  let pressed = 0;
  for (const key of documented.flatMap((list) => list.split(" "))) {
    if (!many && ["n", "p", "w"].includes(key)) continue;
    const [name, shift] = key.startsWith("Shift+") ? [key.slice(6), true] : [key, false];
    if (!await changes(person, () => person.key(name, shift))) dead.push(key);
    pressed += 1;
  }
  check(`each of ${pressed} documented keys acts`, dead.length === 0 && pressed > 25, dead.join(" "));
  await set(person, { raw: false, hidden: false, measure: false });
  await awake(person);
  await person.key("0");
  await person.key("r");

  const tick = await box(person, "#microscope [name=yes]");
  await mouse(person, [tick.x + tick.w / 2, tick.y + tick.h / 2]);
  check("a key acts after a click on a control", await changes(person, () => person.key("v")));
  const title = await box(person, "h1");
  await mouse(person, [title.x + 5, title.y + 5]);
  check("a key acts after a click on the page", await changes(person, () => person.key("v")));
  const canvas = await box(person, "#microscope canvas");
  await mouse(person, [canvas.x + 60, canvas.y + 60], [canvas.x + 70, canvas.y + 64]);
  check("a key acts after the picture was dragged", await changes(person, () => person.key("v")));
  await set(person, { layout: "split" });

  await person.focus("#basis");
  const before = await state(person);
  await person.type("vclfqezrtdmiuwo?");
  await pause(150);
  check("typing in a field triggers no key", before === await state(person));
  await person.evaluate("document.querySelector('#basis').value = ''; document.activeElement.blur()");
}

export async function sight(person, check, shot) {
  await person.key("0");
  await person.key("r");
  await set(person, { layout: "side", surface: "relief", yes: false, no: false, across: false, alone: false });
  const [left, right] = [await pixels(person, 0, 0.49), await pixels(person, 0.51, 1)];
  await person.key("q");
  await pause(150);
  check("turning B leaves A as it is", left === await pixels(person, 0, 0.49) && right !== await pixels(person, 0.51, 1));
  await shot("turned");
  await person.key("r");
  await pause(150);
  check("B goes back to the computed pose", right === await pixels(person, 0.51, 1));

  await set(person, { layout: "flip", hidden: true, measure: true });
  const canvas = await box(person, "#microscope canvas");
  // How far the mark reaches from side to side: on the canvas, and in its own points.
  const reach = await person.evaluate(`(() => { const c = document.querySelector("#microscope canvas"), y = Math.round(c.height / 2);
    const d = c.getContext("2d").getImageData(0, y, c.width, 1).data, { a } = ${m}.shown;
    const there = (i) => d[4 * i] !== 236 || d[4 * i + 1] !== 239 || d[4 * i + 2] !== 241;
    const drawn = [...Array(c.width).keys()].filter(there), row = Math.round((a.h - 1) / 2);
    const points = [...Array(a.w).keys()].filter((i) => a.v[row * a.w + i] === a.v[row * a.w + i]);
    return { from: drawn[0], to: drawn.at(-1) + 1, points: points.at(-1) - points[0] + 1, f: c.width / c.clientWidth, k: ${m}.scale() }; })()`);
  const pitch = Number((await person.evaluate(`document.querySelector(".readouts [name=source]").textContent`)).match(/([\d.]+) µm/)[1]);
  const y = canvas.y + canvas.h / 2;
  await mouse(person, [canvas.x + reach.from / reach.f, y], [canvas.x + reach.to / reach.f, y]);
  const told = Number((await person.evaluate(`document.querySelector(".readouts [name=length]").textContent`)).match(/([\d.]+) µm/)?.[1]);
  const wanted = reach.points * pitch;
  check(`a measured length is the pitch times the points (${told} µm, ${reach.points} × ${pitch} µm)`,
    Math.abs(told - wanted) <= 3 / reach.k, `${wanted}, ${1 / reach.k} µm a pixel`);
  await set(person, { hidden: false });
  await shot("measured");
  await set(person, { measure: false, hidden: true });

  // The relief that the readout's light would make, against the picture.
  const alike = (turned) => person.evaluate(`(() => { const c = document.querySelector("#microscope canvas"), m = ${m}, { a } = m.shown;
    const [az, el] = document.querySelector(".readouts [name=lit]").textContent.match(/\\d+/g).map((t) => t * Math.PI / 180);
    const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data, pane = m.panes()[0], k = m.scale();
    let n = 0, sx = 0, sy = 0, xx = 0, yy = 0, xy = 0;
    for (let row = 4; row < a.h - 4; row += 3) for (let col = 4; col < a.w - 4; col += 3) {
      const i = row * a.w + col, zx = a.stretch * (a.v[i + 1] - a.v[i - 1]) / 2 / a.um, zy = a.stretch * (a.v[i + a.w] - a.v[i - a.w]) / 2 / a.um;
      if (!(zx === zx && zy === zy && a.v[i] === a.v[i])) continue;
      const x = Math.floor(pane.cx + (col + .5 - a.w / 2) * a.um * k), y = Math.floor(pane.cy + (row + .5 - a.h / 2) * a.um * k);
      const t = az + ${turned} * Math.PI / 180, lit = Math.sin(el) - zx * Math.sin(t) * Math.cos(el) + zy * Math.cos(t) * Math.cos(el);
      const want = Math.max(lit / Math.hypot(1, zx, zy), 0.04), seen = d[4 * (y * c.width + x)] / 255;
      n++; sx += want; sy += seen; xx += want * want; yy += seen * seen; xy += want * seen;
    }
    return (n * xy - sx * sy) / Math.sqrt((n * xx - sx * sx) * (n * yy - sy * sy)); })()`);
  for (const turns of [0, 5]) {
    for (let i = 0; i < turns; i++) await person.key("l");
    await pause(150);
    const [right, wrong] = [await alike(0), await alike(90)];
    check(`the light's readout is the picture's light (r ${right.toFixed(2)}, a quarter turned ${wrong.toFixed(2)})`, right > 0.8 && wrong < right - 0.3);
  }
  await set(person, { hidden: false, layout: "split" });
  await person.key("0");
}

/** Annotations: made, undone, redone, still there; a snapshot opened again. */
export async function notes(person, check, shot) {
  const made = async () => JSON.parse(await person.evaluate("document.querySelector('#microscope canvas').dataset.notes"))[1]
    // Field by field: the server gives them in another order.
    .map(({ side, says, x, y, r }) => ({ side, says, x, y, r }));
  await set(person, { layout: "side", measure: false });
  const canvas = await box(person, "#microscope canvas");
  const circle = (x, y) => mouse(person, [canvas.x + canvas.w * x, canvas.y + canvas.h * y], [canvas.x + canvas.w * x + 30, canvas.y + canvas.h * y + 10]);
  await person.key("a");
  await circle(0.3, 0.2);
  await person.key("a");
  await circle(0.8, 0.2);
  const all = await made();
  check("annotations of agreement and difference are drawn", all.length === 2 && all[0].says === "agree" && all[0].side === "a"
    && all[1].says === "differ" && all[1].side === "b", JSON.stringify(all));
  await person.key("z", false, true);
  const undone = await made();
  await person.key("y", false, true);
  const again = await made();
  check("undo takes the last one back, redo brings it again", undone.length === 1 && JSON.stringify(again) === JSON.stringify(all));
  const kept = () => person.evaluate("document.querySelector('#microscope canvas').dataset.kept === 'yes'");
  for (let i = 0; i < 600 && !(await kept()); i++) await pause(50);
  await shot("annotated");
  await person.tab.send("Page.reload");
  await person.settle();
  await awake(person);
  check("they are there after a reload", JSON.stringify(await made()) === JSON.stringify(all));

  await set(person, { layout: "overlay", light: 100, height: 60, contrast: 2, across: true, raw: true });
  for (const key of ["q", "q", "e", "+", "+", "z"]) await person.key(key);
  await person.key("ArrowLeft", true);
  await awake(person);
  await pause(300);
  const before = JSON.parse(await state(person));
  await person.key("b");
  const link = () => person.evaluate("document.querySelector('#notes ul.snapshots li:last-child a')?.getAttribute('href')");
  for (let i = 0; i < 60 && !(await link()); i++) await pause(50);
  const place = await link();
  check("a snapshot is kept under its digest", /\?view=[0-9a-f]{64}$/.test(place ?? ""), place);
  // What is being written keeps it, too.
  await pause(1200);
  await person.go(place);
  const same = async () => JSON.stringify(JSON.parse(await state(person) ?? "null")) === JSON.stringify(before);
  for (let i = 0; i < 100 && !(await same()); i++) await pause(50);
  check("a snapshot opened again gives its view", await same(), await state(person));
  await shot("snapshot");
}

/** Milliseconds from a key to its picture, the slowest of ten. */
export async function pace(person) {
  const told = [];
  for (const raw of [false, true]) {
    await set(person, { raw });
    for (let i = 0; i < 100 && await person.evaluate(`/…/.test(document.querySelector(".readouts [name=source]").textContent)`); i++) await pause(50);
    const size = await person.evaluate(`${m}.shown.a.w + " × " + ${m}.shown.a.h`);
    for (const [layout, key] of [["split", "q"], ["split", "l"], ["split", "ArrowRight"], ["split", "+"], ["overlay", "q"], ["difference", "q"]]) {
      await set(person, { layout });
      const worst = await person.evaluate(`(async () => { const all = [];
        for (let i = 0; i < 10; i++) { const began = performance.now();
          document.body.dispatchEvent(new KeyboardEvent("keydown", { key: ${JSON.stringify(key)}, bubbles: true, cancelable: true }));
          await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
          all.push(performance.now() - began); }
        return Math.max(...all); })()`);
      told.push(`${key} in ${layout} ${worst.toFixed(0)} ms`);
    }
    console.log(`     ${size}: ${told.splice(0).join(", ")}`);
  }
  await set(person, { raw: false, layout: "split" });
  await person.key("0");
  await person.key("r");
}
