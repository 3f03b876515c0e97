// Goes through the review station in headless Chromium as people would.
//
// usage: node station.mjs CHROMIUM ADDRESS FOLDER [AXE]
//
// AXE is the file axe.min.js; where there is none, it is not asked.

import { createHmac } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pause, start, visit } from "./chromium.mjs";
import { awake, keys, notes, pace, sight } from "./microscope.mjs";

const [chromium, address, folder, axeFile] = process.argv.slice(2);
const axe = axeFile && existsSync(axeFile) ? readFileSync(axeFile, "utf8") : null;
const pictures = join(folder, "pictures");
mkdirSync(pictures, { recursive: true });

let failures = 0;
function check(what, good, detail = "") {
  console.log(`${good ? "ok  " : "FAIL"} ${what}${good || !detail ? "" : `: ${detail}`}`);
  if (!good) failures += 1;
}

/** What `brasslink people add` told of an account. */
function credentials(login) {
  const text = readFileSync(join(folder, `${login}.txt`), "utf8");
  return { password: text.match(/^password: +(\S+)/m)[1], secret: text.match(/^second factor: +(\S+)/m)[1] };
}

/** The code of a secret now (RFC 6238). */
function code(secret) {
  const bits = [...secret].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000)));
  const mac = createHmac("sha1", key).update(step).digest();
  return String((mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff) % 1e6).padStart(6, "0");
}

class Person {
  constructor(tab, login) {
    Object.assign(this, { tab, login, keys: 0, ...credentials(login) });
  }
  static async at(browser, login) {
    // A profile of its own: its cookies are nobody else's.
    const { browserContextId } = await browser.send("Target.createBrowserContext");
    const own = { ...browser, send: (method, params, session) =>
      browser.send(method, method === "Target.createTarget" ? { ...params, browserContextId } : params, session) };
    const tab = await visit(own, "about:blank");
    await tab.send("Security.enable");
    await tab.send("Security.setIgnoreCertificateErrors", { ignore: true });
    return new Person(tab, login);
  }
  get evaluate() { return this.tab.evaluate; }
  async settle() {
    await pause(120);
    for (let i = 0; i < 100; i++) {
      try { if (await this.evaluate("document.readyState") === "complete") break; } catch { /* between two pages */ }
      await pause(50);
    }
    await pause(80);
  }
  async go(path) { await this.tab.send("Page.navigate", { url: address + path }); await this.settle(); }
  path() { return this.evaluate("location.pathname + location.search"); }
  text() { return this.evaluate("document.body.innerText"); }
  async type(text) {
    for (const c of text) await this.tab.send("Input.dispatchKeyEvent", { type: "char", text: c });
    this.keys += text.length;
  }
  async key(key, shift = false, ctrl = false) {
    const codes = { Enter: 13, Tab: 9, " ": 32, ArrowDown: 40, ArrowUp: 38, ArrowLeft: 37, ArrowRight: 39 };
    const text = key === "Enter" ? "\r" : key.length === 1 && !ctrl ? key : undefined;
    const event = { key, code: key, windowsVirtualKeyCode: codes[key] ?? key.toUpperCase().charCodeAt(0), modifiers: (shift ? 8 : 0) | (ctrl ? 2 : 0) };
    await this.tab.send("Input.dispatchKeyEvent", { type: "keyDown", text, ...event });
    await this.tab.send("Input.dispatchKeyEvent", { type: "keyUp", ...event });
    this.keys += 1;
  }
  focus(selector) { return this.evaluate(`document.querySelector(${JSON.stringify(selector)}).focus()`); }
  async fill(fields) {
    for (const [selector, text] of Object.entries(fields)) { await this.focus(selector); await this.type(text); }
    await this.key("Enter");
    await this.settle();
  }
  async enter(language) {
    await this.go("/");
    if (await this.evaluate("document.documentElement.lang") !== language) {
      await this.evaluate("document.querySelector('form.language button').click()");
      await this.settle();
    }
    check(`${this.login}: the banner comes first, in ${language}`, await this.evaluate("document.documentElement.lang") === language && await this.path() === "/");
    await this.evaluate("document.querySelector('main form button').click()");
    await this.settle();
    await this.fill({ "#login": this.login, "#password": this.password });
    check(`${this.login}: the second factor is asked for`, await this.path() === "/second", await this.path());
    await this.fill({ "#code": code(this.secret) });
    check(`${this.login}: a password of one's own is asked for`, await this.path() === "/password", await this.path());
    const own = `${this.login} walks by the river`;
    await this.fill({ "#old": this.password, "#new": own, "#again": own });
    check(`${this.login}: Today`, await this.path() === "/today", await this.path());
  }
  async sound(what) {
    const wide = await this.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
    check(`${what}: nothing is cut off at the desk`, wide <= 0, `${wide} pixels`);
    await this.tab.width(390, 800);
    await pause(150);
    const narrow = await this.evaluate("document.documentElement.scrollWidth");
    check(`${what}: 390 pixels wide, the page does not scroll sideways`, narrow <= 390, `${narrow} pixels`);
    await this.tab.picture(join(pictures, `${what}-390.png`));
    await this.tab.width(1100);
    await pause(100);
    const unnamed = await this.evaluate(`[...document.querySelectorAll("button, input:not([type=hidden]), select, textarea, canvas")]
      .filter((e) => !e.labels?.length && !e.getAttribute("aria-label") && !e.textContent.trim()).map((e) => e.outerHTML.slice(0, 60))`);
    check(`${what}: every control has a name`, unnamed.length === 0, unnamed.join(" "));
    await this.tab.picture(join(pictures, `${what}.png`));
    if (!axe) return;
    await this.evaluate(`${axe}; true`);
    const faults = await this.evaluate(`axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] })
      .then((found) => found.violations.map((v) => v.id + ": " + v.nodes.slice(0, 2).map((n) => n.html.slice(0, 90)).join(" ")))`);
    check(`${what}: axe-core finds no fault`, faults.length === 0, faults.join("; "));
  }
  leave(what) {
    const asked = this.tab.seen("Network.requestWillBeSent").map((e) => e.params.request.url);
    const foreign = asked.filter((u) => !u.startsWith(address) && !u.startsWith("data:") && u !== "about:blank");
    check(`${what}: no foreign request in ${asked.length}`, foreign.length === 0, foreign.join(" "));
    const errors = [
      ...this.tab.seen("Runtime.exceptionThrown").map((e) => e.params.exceptionDetails.text),
      ...this.tab.seen("Log.entryAdded").filter((e) => e.params.entry.level === "error").map((e) => `${e.params.entry.text} ${e.params.entry.url ?? ""}`)
        // A refusal is an answer.
        .filter((text) => !/status of (4\d\d)/.test(text)),
    ];
    check(`${what}: no error in the console`, errors.length === 0, errors.slice(0, 3).join("; "));
  }
}

const first = "document.querySelector('table.worklist a.pair-link')";

const browser = await start(chromium);
try {
  const ortiz = await Person.at(browser, "rortiz");
  await ortiz.enter("es");
  await ortiz.sound("today-es");
  await ortiz.go("/worklist?show=pending&sort=score");
  await ortiz.sound("worklist-es");
  const kept = await ortiz.path();
  await ortiz.tab.send("Page.reload");
  await ortiz.settle();
  check("the worklist's state survives a reload", await ortiz.path() === kept);
  const pair = await ortiz.evaluate(`${first}.getAttribute("href")`);
  await ortiz.evaluate("document.activeElement.blur()");
  await ortiz.key("ArrowDown");
  await ortiz.key("Enter");
  await ortiz.settle();
  check("the worklist opens a pair by keyboard alone", await ortiz.path() === pair, await ortiz.path());
  await ortiz.sound("comparison-es");
  await keys(ortiz, check);
  await sight(ortiz, check, (what) => ortiz.tab.picture(join(pictures, `${what}.png`)));
  await pace(ortiz);
  await notes(ortiz, check, (what) => ortiz.tab.picture(join(pictures, `${what}.png`)));
  await ortiz.go(pair);
  await awake(ortiz);

  const mora = await Person.at(browser, "bmora");
  await mora.enter("en");
  await mora.go(pair);
  await mora.sound("comparison-en");

  ortiz.keys = 0;
  await ortiz.focus("input[value=lead]");
  await ortiz.key(" ");
  await ortiz.focus("#basis");
  await ortiz.type("estrías a las 3");
  await pause(1200);
  const drafts = ortiz.tab.seen("Network.requestWillBeSent").filter((e) => e.params.request.url.includes("/draft/"));
  check("what is being written is kept on the server", drafts.length > 0);
  await ortiz.key("Tab");
  // A double click on the button.
  await ortiz.evaluate("(() => { const b = document.querySelector('#decision > button'); b.click(); b.click(); })()");
  await ortiz.settle();
  if (await ortiz.evaluate("!!document.querySelector('input[name=confirmed]')")) {
    await ortiz.evaluate("(() => { const c = document.querySelector('input[name=confirmed]'); if (c.type === 'checkbox') c.checked = true; document.querySelector('main form button').click(); })()");
    await ortiz.settle();
  }
  check("a decision takes 40 keystrokes at most", ortiz.keys <= 40, String(ortiz.keys));
  check("the decision is recorded", (await ortiz.path()).endsWith("?saved=yes"), await ortiz.path());
  const said = (await ortiz.text()).match(/R\. Ortiz,/g) ?? [];
  check("a double click saved once", said.length === 1, String(said.length));
  check("the decision names the snapshot", /\[view sha256:[0-9a-f]{64}\]/.test(await ortiz.text()));

  await mora.evaluate("document.querySelector('input[value=inconclusive]').checked = true");
  await mora.focus("#basis");
  await mora.type("what Mora wrote");
  await mora.evaluate("document.querySelector('#decision > button').click()");
  await mora.settle();
  check("the second examiner is told and loses nothing",
    (await mora.text()).includes("R. Ortiz decided on this pair in the meantime")
    && await mora.evaluate("document.querySelector('#basis').value") === "what Mora wrote", (await mora.text()).slice(0, 300));

  const paz = await Person.at(browser, "vpaz");
  await paz.enter("es");
  await paz.go("/verify");
  const item = await paz.evaluate("document.querySelector('ul.items a').getAttribute('href')");
  await paz.go(item);
  await paz.sound("blind-es");
  const names = decodeURIComponent(pair).split("/").slice(2);
  const html = await paz.evaluate("document.documentElement.outerHTML");
  const marks = await paz.evaluate("JSON.parse(document.querySelector('#notes-data').textContent).marks");
  check("the blind page has nobody's annotations", JSON.stringify(marks) === "{}" && !html.includes("view sha256"));
  check("the blind page names neither casing nor person", ![...names, "Ortiz", "estrías"].some((n) => html.includes(n)));
  check("the blind microscope wakes, at full resolution", await awake(paz));
  await paz.go(pair);
  check("the case is closed to the verifier", (await paz.text()).includes("No permitido"));
  await paz.go(item);
  await paz.evaluate("document.querySelector('input[value=eliminated]').checked = true");
  await paz.focus("#basis");
  await paz.type("otra subclase");
  await paz.evaluate("document.querySelector('main form button').click()");
  await paz.settle();
  check("the blind finding is in", await paz.path() === "/verify?done=yes", await paz.path());

  const prado = await Person.at(browser, "sprado");
  await prado.enter("en");
  await prado.go("/disagreements");
  await prado.sound("disagreements-en");
  check("the disagreement reaches the supervisor", (await prado.text()).includes("otra subclase"));
  const releases = () => prado.evaluate("!!document.querySelector('form[action=\"/letters\"]')");
  await prado.go("/letters");
  check("no letter while it is not settled", !await releases() && (await prado.text()).includes("not settled"));
  await prado.go("/disagreements");
  await prado.focus("main textarea");
  await prado.type("looked at together; the lead stands");
  await prado.evaluate("document.querySelector('main article form button').click()");
  await prado.settle();
  check("it is settled", (await prado.text()).includes("none to settle"));
  await prado.go("/letters");
  await prado.sound("letters-en");
  check("then the letter may be released", await releases());
  await prado.evaluate("document.querySelector('form[action=\"/letters\"] button').click()");
  await prado.settle();
  check("it has a number", /^\/letters\/L-\d{4}-0001$/.test(await prado.path()), await prado.path());
  const letter = { en: ["Preliminary: this must be confirmed with the specimens", "R. Ortiz", "V. Paz", "S. Prado", ...names],
    es: ["Preliminar: debe confirmarse con los indicios", "R. Ortiz", "V. Paz", "S. Prado", ...names] };
  for (const language of ["en", "es"]) {
    if (await prado.evaluate("document.documentElement.lang") !== language) {
      await prado.evaluate("document.querySelector('form.language button').click()");
      await prado.settle();
    }
    await prado.sound(`letter-${language}`);
    const text = await prado.text();
    check(`the letter is complete in ${language}`, letter[language].every((part) => text.includes(part))
      && await prado.evaluate("document.querySelectorAll('figure svg image, figure svg use').length") >= 2);
  }

  const cano = await Person.at(browser, "tcano");
  await cano.enter("es");
  await cano.go("/traces/new");
  await cano.sound("trace-new-es");
  const gun = { agency: "MXFGECHH1", type: "pistol", make: "Taurus", model: "PT 92", calibre: "9x19 mm", serial: "TYE14751",
    country_of_origin: "BR", ncic_code: "5212", recovered: "2026-03-14", state: "MX-CHH", municipality: "Juárez" };
  const hand = async (fields) => {
    await cano.evaluate(`(() => { for (const [name, value] of Object.entries(${JSON.stringify(fields)}))
      document.querySelector("#request [name=" + name + "]").value = value; })()`);
    await cano.evaluate("document.querySelector('#request > button').click()");
    await cano.settle();
  };
  await hand(gun);
  check("a foreign firearm without importer is refused, what was typed stays", (await cano.text()).includes("importador")
    && await cano.path() === "/traces" && await cano.evaluate("document.querySelector('#c-serial').value") === "TYE14751");
  await hand({ importer: "Taurus International" });
  check("with its importer it is stored", (await cano.path()).startsWith("/traces/T-"), await cano.path());
  await cano.go("/traces/new");
  await cano.focus("#c-make");
  await cano.type("Taurus");
  await cano.focus("#c-serial");
  await cano.type("TYE147S1");
  const warned = () => cano.evaluate("document.querySelector('#doubles').textContent.includes('TYE14751')");
  for (let i = 0; i < 60 && !(await warned()); i++) await pause(50);
  check("a serial number one slip away is warned of while typing", await warned());
  await cano.go("/traces/table");
  await cano.evaluate(`document.querySelector("#csv").value = ${JSON.stringify(
    "trace_id,firearm_id,agency,type,make,model,calibre,serial,importer,country_of_origin,ncic_code,recovered,state,municipality\n"
    + "T-1,F-1,MXFGECHH1,pistol,Taurus,PT 92,9x19 mm,TYE147S1,Taurus International,BR,5212,2026-03-15,MX-CHH,Juárez\n"
    + "T-2,F-2,MXFGECHH1,pistol,Beretta,92,9x19 mm,C77120Z,,IT,5212,2026-04-02,MX-CHH,Juárez\n")}`);
  await cano.evaluate("document.querySelector('button[value=try]').click()");
  await cano.settle();
  await cano.sound("trace-table-es");
  const rows = await cano.evaluate("[...document.querySelectorAll('tbody tr')].map((r) => r.innerText)");
  check("a table's rows have their errors and doubles, and nothing is stored", rows.length === 2 && rows[0].includes("duplicado")
    && rows[1].includes("rechazada") && (await cano.text()).includes("no se guarda nada"), rows.join(" | "));
  await cano.go("/traces");
  await cano.sound("traces-es");

  await ortiz.evaluate("document.querySelector('.who form button').click()");
  await ortiz.settle();
  await ortiz.evaluate("history.back()");
  await ortiz.settle();
  check("after log-out Back shows no evidence", !(await ortiz.text()).includes(names[0]), await ortiz.path());
  for (const [name, person] of Object.entries({ ortiz, mora, paz, prado, cano })) person.leave(name);
} finally {
  await browser.stop();
}
console.log(failures ? `${failures} checks FAILED` : "all checks passed");
process.exit(failures ? 1 : 0);
