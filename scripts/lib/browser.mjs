// Opens a report in headless Chromium and uses it as a person would.
//
// usage: node browser.mjs CHROMIUM PICTURES REPORT.html...

import { mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { pause, start, visit } from "./chromium.mjs";

const [chromium, pictures, ...reports] = process.argv.slice(2);
mkdirSync(pictures, { recursive: true });

let failures = 0;
function check(what, good, detail = "") {
  console.log(`${good ? "ok  " : "FAIL"} ${what}${good || !detail ? "" : `: ${detail}`}`);
  if (!good) failures += 1;
}

async function use(browser, report) {
  const { url: own, send, evaluate, picture: save, width, seen, close } = await visit(browser, report);
  const picture = (name, clip) => save(join(pictures, name), clip);
  const name = basename(report, ".html");
  console.log(`-- ${name}`);

  const asked = seen("Network.requestWillBeSent").map((e) => e.params.request.url);
  const foreign = asked.filter((url) => url !== own && !url.startsWith("data:"));
  check("asks the network for nothing", foreign.length === 0, foreign.join(" "));
  const broken = await evaluate(`[...document.querySelectorAll("a[href^='#']")]
    .filter((a) => !document.getElementById(a.getAttribute("href").slice(1))).map((a) => a.href)`);
  check("links within the page lead somewhere", broken.length === 0, broken.join(" "));
  const faint = await evaluate(`(${contrast})()`);
  check("text contrast is 4.5 : 1 or better", faint.length === 0, faint.slice(0, 5).join("; "));
  const unnamed = await evaluate(`[...document.querySelectorAll("button, input, select, canvas, img")]
    .filter((e) => !e.labels?.length && !e.getAttribute("aria-label") && !e.textContent.trim() && !e.alt).length`);
  check("every control has a name", unnamed === 0, String(unnamed));
  const small = await evaluate(`[...document.querySelectorAll("button, select, summary, .open")]
    .filter((e) => e.checkVisibility()).map((e) => [e, e.getBoundingClientRect()])
    .filter(([, r]) => r.width < 24 || r.height < 24).map(([e]) => e.outerHTML.slice(0, 60))`);
  check("controls measure 24 pixels or more", small.length === 0, small.slice(0, 3).join("; "));
  await tabbed(send, evaluate);
  await width(320, 640);
  await pause(150);
  const wide = await evaluate("document.documentElement.scrollWidth");
  check("320 pixels wide, the page does not scroll sideways", wide <= 320, `${wide} pixels`);
  await width(1100);
  await pause(150);

  if (await evaluate("!!document.querySelector('#microscope canvas')")) await microscope(send, evaluate, picture, name);

  await send("Emulation.setEmulatedMedia", { media: "print" });
  await width(680, 962);
  await pause(150);
  const cut = await evaluate(`[...document.querySelectorAll("table, figure, svg")]
    .filter((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .map((e) => e.tagName + " " + (e.caption?.textContent ?? e.getAttribute("aria-label") ?? ""))`);
  check("on paper no table or picture is cut", cut.length === 0, cut.slice(0, 5).join("; "));
  await picture(`${name}-print.png`);
  const errors = [
    ...seen("Runtime.exceptionThrown").map((e) => e.params.exceptionDetails.text),
    ...seen("Runtime.consoleAPICalled").filter((e) => e.params.type === "error").map((e) => JSON.stringify(e.params.args)),
    ...seen("Log.entryAdded").filter((e) => e.params.entry.level === "error").map((e) => e.params.entry.text),
  ];
  check("no error in the console", errors.length === 0, errors.join("; "));
  await close();
}

/** By the Tab key alone: the first stop skips to the content, and every stop
 *  has a name and shows that it has the focus. */
async function tabbed(send, evaluate) {
  const tab = async () => {
    for (const type of ["keyDown", "keyUp"]) {
      await send("Input.dispatchKeyEvent", { type, key: "Tab", code: "Tab", windowsVirtualKeyCode: 9 });
    }
    return evaluate(`(() => { const e = document.activeElement, s = getComputedStyle(e);
      const text = e.getAttribute("aria-label") || e.textContent.trim() || [...(e.labels ?? [])].map((l) => l.textContent).join()
        || e.querySelector("[aria-label]")?.getAttribute("aria-label");
      return { what: e.tagName + " " + (text || "").slice(0, 40), named: !!text, skips: e.classList.contains("skip"),
        shown: s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2 }; })()`);
  };
  const stops = [];
  for (let i = 0; i < 25; i++) stops.push(await tab());
  check("the first stop of the Tab key skips to the content", stops[0].skips, stops[0].what);
  const poor = stops.filter((s) => !s.what.startsWith("BODY") && !(s.named && s.shown)).map((s) => s.what);
  check("every stop of the Tab key has a name and shows its focus", poor.length === 0, poor.slice(0, 3).join("; "));
}

async function microscope(send, evaluate, picture, name) {
  const state = () => evaluate("document.querySelector('#microscope canvas').dataset.state");
  const pixels = () => evaluate("document.querySelector('#microscope canvas').toDataURL().length + ':' + [...document.querySelector('#microscope canvas').toDataURL()].reduce((h, c) => (h * 31 + c.charCodeAt(0)) | 0, 0)");
  const set = (control, value) => evaluate(`(() => {
    const c = document.querySelector("#microscope [name=${control}]");
    if (c.type === "checkbox") c.checked = ${value}; else c.value = ${JSON.stringify(String(value))};
    c.dispatchEvent(new Event(c.type === "range" ? "input" : "change"));
  })()`);
  const changes = async (what, act) => {
    const before = [await state(), await pixels()];
    await act();
    let after = before;
    for (let i = 0; i < 50 && (after[0] === before[0] || after[1] === before[1]); i++) {
      await pause(40);
      after = [await state(), await pixels()];
    }
    check(what, before[0] !== after[0] && before[1] !== after[1], `${before[0]} | ${after[0]}`);
  };
  for (let i = 0; i < 60 && !(await state()); i++) await pause(50);
  const box = await evaluate(`(() => { const c = document.querySelector("#microscope canvas");
    c.scrollIntoView({ block: "center", behavior: "instant" }); const r = c.getBoundingClientRect();
    return { x: r.x, y: r.y, width: r.width, height: r.height, top: r.y + scrollY }; })()`);
  await picture(`${name}-microscope.png`, { x: box.x, y: box.top, width: box.width, height: box.height, scale: 1 });
  const relief = await evaluate("!document.querySelector('#microscope [name=light]').disabled");
  await changes("the split line moves by its control", () => set("split", 30));
  if (relief) {
    await changes("the light turns and the relief is lit anew", () => set("light", 120));
    await changes("the light rises", () => set("height", 70));
    await changes("heights are shown in colour", () => set("surface", "height"));
    await set("surface", "relief");
  }
  await changes("congruent cells can be hidden", () => set("yes", false));
  // The first pair has congruent cells, the last has others; neither need have both.
  const choose = async (last) => {
    await evaluate(`(() => { const p = document.querySelector("#microscope [name=pair]");
      p.selectedIndex = ${last} ? p.options.length - 1 : 0; p.dispatchEvent(new Event("change")); })()`);
    await pause(400);
  };
  await choose(true);
  await changes("other cells can be shown", () => set("no", true));
  await changes("side by side", () => set("layout", "side"));
  await changes("overlay", () => set("layout", "overlay"));
  await changes("difference", () => set("layout", "difference"));
  await set("layout", "split");
  await set("yes", true);

  const mouse = (type, x, y) => send("Input.dispatchMouseEvent",
    { type, x, y, button: "left", buttons: type === "mouseReleased" ? 0 : 1, clickCount: 1 });
  const at = box.x + box.width * 0.3, middle = box.y + box.height / 2;
  await changes("the line is dragged", async () => {
    await mouse("mousePressed", at, middle);
    await mouse("mouseMoved", at + 120, middle);
    await mouse("mouseReleased", at + 120, middle);
  });
  await changes("the picture is dragged", async () => {
    await mouse("mousePressed", box.x + 40, middle);
    await mouse("mouseMoved", box.x + 90, middle + 30);
    await mouse("mouseReleased", box.x + 90, middle + 30);
  });
  await evaluate("document.querySelector('#microscope canvas').focus()");
  const key = async (k, shift) => {
    const params = { key: k, text: k.length === 1 ? k : undefined, modifiers: shift ? 8 : 0 };
    await send("Input.dispatchKeyEvent", { type: "keyDown", ...params });
    await send("Input.dispatchKeyEvent", { type: "keyUp", ...params });
  };
  const keys = [["ArrowRight"], ["ArrowLeft", true], ["+"], ["v"], ["c"], ["x"], ["f"], ["0"]];
  // The pair in view may be another by now, and photographs have no light to turn.
  const lit = "!document.querySelector('#microscope [name=light]').disabled";
  if (await evaluate(lit)) keys.push(["l"], ["h"]);
  for (const [k, shift] of keys) {
    if (k === "c" || k === "x") await choose(k === "x");
    await evaluate("document.querySelector('#microscope canvas').focus()");
    await changes(`key ${shift ? "Shift " : ""}${k}`, () => key(k, shift));
  }
  if (await evaluate("document.querySelector('#microscope [name=pair]').options.length > 1")) {
    await set("layout", "side");
    await changes("key n: the next pair", () => key("n"));
    await changes("a picture of the list shows its pair", () =>
      evaluate("[...document.querySelectorAll('a.open')].at(-1).click()"));
  }
}

/** Run in the page: texts whose colour is too near to what is behind them. */
const contrast = function () {
  const parse = (c) => (c.match(/[\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (e) => {
    for (let at = e; at; at = at.parentElement) {
      const c = parse(getComputedStyle(at).backgroundColor);
      if (c.length === 3 || c[3] > 0.5) return c;
    }
    return [255, 255, 255];
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || e.closest("svg, script, style, option") || !e.checkVisibility()) continue;
    const [a, b] = [light(parse(getComputedStyle(e).color)), light(behind(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faint.push(`${ratio.toFixed(2)} ${walker.currentNode.textContent.trim().slice(0, 30)}`);
  }
  return faint;
};

const browser = await start(chromium);
try {
  for (const report of reports) await use(browser, report);
} finally {
  await browser.stop();
}
console.log(failures ? `${failures} checks FAILED` : "all checks passed");
process.exit(failures ? 1 : 0);
