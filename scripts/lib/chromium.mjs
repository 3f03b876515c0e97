// Headless Chromium driven through the DevTools protocol. Needs Node 22 or newer
// (for WebSocket; 20.10 with --experimental-websocket) and nothing else.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Starts a browser; `stop` ends it and removes its profile. */
export async function start(chromium) {
  const profile = mkdtempSync(join(tmpdir(), "brasslink-browser-"));
  const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars", "--remote-debugging-port=0", `--user-data-dir=${profile}`, "about:blank"];
  const browser = spawn(chromium, flags, { stdio: ["ignore", "ignore", "pipe"] });
  const stop = async () => {
    browser.kill();
    await new Promise((gone) => browser.exitCode === null && browser.signalCode === null ? browser.on("exit", gone) : gone());
    await forget(profile);
  };
  try {
    return { ...await connect(await address(browser)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The DevTools address that Chromium prints once it listens. */
function address(browser) {
  return new Promise((found, failed) => {
    let said = "";
    const late = setTimeout(() => failed(new Error(`Chromium did not start:\n${said}`)), 30_000);
    browser.on("error", failed);
    browser.stderr.on("data", (piece) => {
      said += piece;
      const line = said.match(/DevTools listening on (ws:\S+)/);
      if (line) { clearTimeout(late); found(line[1]); }
    });
  });
}

/** One connection; commands are awaited, events collected. */
async function connect(url) {
  const socket = new WebSocket(url);
  await new Promise((open, failed) => { socket.onopen = open; socket.onerror = failed; });
  const waiting = new Map(), events = [];
  let last = 0;
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (!message.id) return events.push(message);
    const { resolve: done, reject } = waiting.get(message.id);
    waiting.delete(message.id);
    message.error ? reject(new Error(message.error.message)) : done(message.result);
  };
  const send = (method, params = {}, sessionId) => new Promise((done, reject) => {
    waiting.set(++last, { resolve: done, reject });
    socket.send(JSON.stringify({ id: last, method, params, sessionId }));
  });
  return { send, events };
}

/**
 * Removes the browser's profile. Its helper processes outlive it by a moment and
 * may still write there, so a removal that met a new file is begun again; what
 * stays after that is said and is no fault of a report's.
 */
async function forget(folder) {
  for (let left = 50; ; left--) {
    try {
      return rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      if (left === 0) return console.log(`   left behind: ${folder} (${error.code})`);
      await pause(100);
    }
  }
}

/** Opens a report, or an address, in a tab of its own, 1100 pixels wide. */
export async function visit(browser, report) {
  const { targetId } = await browser.send("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await browser.send("Target.attachToTarget", { targetId, flatten: true });
  const send = (method, params) => browser.send(method, params, sessionId);
  const evaluate = async (expression) => {
    const { result, exceptionDetails } =
      await send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? expression);
    return result.value;
  };
  const picture = async (file, clip) => {
    const { data } = await send("Page.captureScreenshot", { format: "png", clip, captureBeyondViewport: !!clip });
    writeFileSync(file, Buffer.from(data, "base64"));
  };
  const width = (pixels, height = 900) => send("Emulation.setDeviceMetricsOverride",
    { width: pixels, height, deviceScaleFactor: 1, mobile: false });
  await Promise.all(["Page", "Runtime", "Log", "Network"].map((d) => send(`${d}.enable`)));
  await width(1100);
  const url = /^(https?|about):/.test(report) ? report : pathToFileURL(resolve(report)).href;
  await send("Page.navigate", { url });
  for (let i = 0; i < 100 && (await evaluate("document.readyState")) !== "complete"; i++) await pause(50);
  await pause(300);
  const seen = (method) => browser.events.filter((e) => e.sessionId === sessionId && e.method === method);
  const close = () => browser.send("Target.closeTarget", { targetId });
  return { url, send, evaluate, picture, width, seen, close };
}
