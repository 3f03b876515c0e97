// Takes pictures of parts of reports in headless Chromium.
//
// usage: node pictures.mjs CHROMIUM PICTURE.png REPORT.html FIRST LAST HIDDEN [...]
//
// Each picture runs from the top of the first element that fits the selector
// FIRST to the foot of the first that fits LAST, over the width of the page;
// what fits HIDDEN, which may be empty, is left out.

import { start, visit } from "./chromium.mjs";

const [chromium, ...wanted] = process.argv.slice(2);
const MARGIN = 16;

const browser = await start(chromium);
try {
  for (let i = 0; i + 5 <= wanted.length; i += 5) {
    const [file, report, first, last, hidden] = wanted.slice(i, i + 5);
    const { evaluate, picture } = await visit(browser, report);
    const box = await evaluate(`(() => {
      const left = ${JSON.stringify(hidden)};
      if (left) document.querySelectorAll(left).forEach((e) => e.remove());
      const [a, b] = ${JSON.stringify([first, last])}.map((s) => document.querySelector(s)?.getBoundingClientRect());
      return a && b && { top: a.top + scrollY, foot: b.bottom + scrollY };
    })()`);
    if (!box) throw new Error(`${report} has no ${first} or ${last}`);
    const y = Math.max(0, box.top - MARGIN);
    await picture(file, { x: 0, y, width: 1100, height: box.foot + MARGIN - y, scale: 1 });
    console.log(file);
  }
} finally {
  await browser.stop();
}
