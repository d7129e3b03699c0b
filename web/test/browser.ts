// A browser that shows pages of prepared worlds: Debian's Chromium, driven by playwright-core.

import { existsSync, readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";

import { chromium, type Browser, type CDPSession, type Page } from "playwright-core";

import { fillDocument, serve } from "../serve.mjs";
import { Answers } from "./numbers.ts";
import { answerFor, world, type World } from "./world.ts";

// This is bundled into a folder beside node_modules and dist.
const web = join(dirname(fileURLToPath(import.meta.url)), "..");
export const dist = join(web, "dist");
const browserPath = process.env["XPROBER_CHROMIUM"] ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path));
/** Why there is nothing to show; false: there is. */
export const skip = !browserPath ? "there is no Chromium (apt-get install chromium)" : !existsSync(dist) ? "dist/ is missing (node build.mjs)" : false;
const axe = skip ? "" : readFileSync(join(web, "node_modules/axe-core/axe.min.js"), "utf8");

/** A name of this machine that browsers do not take for it: over plain HTTP it is no secure context. */
export const elsewhere = "prober.test";

let browser: Browser;
const closing: (() => unknown)[] = [];

before(async () => {
  if (!skip) {
    browser = await chromium.launch({ executablePath: browserPath ?? "", args: ["--no-sandbox", `--host-resolver-rules=MAP ${elsewhere} 127.0.0.1`] });
  }
});
after(async () => {
  await browser?.close();
  closing.forEach((close) => close());
});

/** What a page has cost so far. */
export interface Costs {
  /** That came over the wire, compressed. */
  bytes: number;
  nodes: number;
  layouts: number;
  /** Of the processor, for the page's main thread. */
  cpuMs: number;
}

export interface Visit {
  page: Page;
  costs: () => Promise<Costs>;
  /** Of the processor, until the first content was there. */
  firstMs: number;
  /** To the browser's own tools. */
  inside: CDPSession;
  /** Errors and warnings of the console, and requests to elsewhere. */
  problems: string[];
  /** Where they were wanted. */
  answers: Answers | null;
  end: () => Promise<void>;
}

/** Opens a page and waits for its heading. With a clock the page's time goes on when `page.clock` is told to;
 * with `told` what it is answered is kept; `scripts`: the page may have some. */
export async function visit(base: string, path: string, { dark = false, width = 1280, height = 900, clock = false, told = false, scripts = true } = {}): Promise<Visit> {
  const context = await browser.newContext({ javaScriptEnabled: scripts, viewport: { width, height }, colorScheme: dark ? "dark" : "light", reducedMotion: "reduce" });
  context.setDefaultTimeout(90_000); // this machine may have other work
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") {
      problems.push(message.text());
    }
  });
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith(base)) {
      problems.push(`a request to ${request.url()}`);
    }
  });
  const answers = told ? await Answers.of(page) : null;
  const inside = await context.newCDPSession(page);
  let bytes = 0;
  inside.on("Network.loadingFinished", (loaded) => (bytes += loaded.encodedDataLength));
  await inside.send("Network.enable");
  await inside.send("Performance.enable", { timeDomain: "threadTicks" });
  const costs = async () => {
    const { metrics } = await inside.send("Performance.getMetrics");
    const metric = (name: string) => metrics.find((each) => each.name === name)?.value ?? 0;
    const nodes = await page.evaluate(() => document.querySelectorAll("*").length);
    return { bytes, nodes, layouts: metric("LayoutCount"), cpuMs: Math.round(metric("TaskDuration") * 1000) };
  };
  await page.addInitScript(counting);
  if (clock) {
    await page.clock.install();
  }
  await page.goto(base + path);
  await page.locator("main h1, main .loading").first().waitFor();
  const firstMs = (await costs()).cpuMs;
  await page.locator("main h1").first().waitFor();
  return { page, problems, costs, firstMs, inside, answers, end: () => context.close() };
}

declare global {
  /** Begins to count the elements of this kind that are changed, but for times and strips of time, which go on by themselves. */
  function watchFor(kind: string): void;
  /** How many were since. */
  function watched(): number;
  /** How many texts were written anew as they were: Preact does that to empty ones, and all around is laid out again. */
  function rewritten(): number;
}

function counting(): void {
  const changed = new Set<Element>();
  let same = 0;
  let observer: MutationObserver | undefined;
  globalThis.watchFor = (kind) => {
    observer?.disconnect();
    changed.clear();
    same = 0;
    observer = new MutationObserver((all) => {
      for (const { target, addedNodes, oldValue } of all) {
        same += target instanceof Text && target.data === oldValue ? 1 : 0;
        const at = target instanceof Element ? target : target.parentElement;
        const added = [...addedNodes].filter((each): each is Element => each instanceof Element).flatMap((each) => [each, ...each.querySelectorAll(kind)].filter((one) => one.matches(kind)));
        const found = at?.closest("time, .strip") ? null : at?.closest(kind);
        [...(found ? [found] : []), ...added].forEach((each) => changed.add(each));
      }
    });
    observer.observe(document.querySelector("main")!, { subtree: true, childList: true, attributes: true, characterData: true, characterDataOldValue: true });
  };
  globalThis.watched = () => changed.size;
  globalThis.rewritten = () => same;
}

/** Work of the same size each time, like that of pages: milliseconds of the processor where limits were set. */
const yard = 38;

/** How many times as slow the machine is as the one where limits were set was at rest; at least 1. */
export async function yardstick({ page, costs }: Visit, runs = 3): Promise<number> {
  const before = (await costs()).cpuMs;
  for (let run = 0; run < runs; ++run) {
    await page.evaluate(() => {
      const rows = Array.from({ length: 20_000 }, (_, at) => ({ name: `row ${at}`, value: at / 7 }));
      const read = JSON.parse(JSON.stringify(rows)) as typeof rows;
      const box = document.createElement("div");
      for (const { name, value } of read.slice(0, 1500)) {
        const row = document.createElement("p");
        row.setAttribute("title", name);
        row.textContent = value.toFixed(2);
        box.append(row);
      }
      document.body.append(box);
      const height = box.offsetHeight;
      box.remove();
      return height;
    });
  }
  return Math.max(1, ((await costs()).cpuMs - before) / runs / yard);
}

export interface Shown extends Visit {
  base: string;
  of: World;
  /** Ends the program, as far as the page can see. */
  stop: () => Promise<void>;
  /** Begins it again, at the same address. */
  start: () => Promise<void>;
}

/** The same of a prepared world. */
export async function show(path: string, { role = "server" as "server" | "agent", of = world(), dark = false, width = 1280, clock = false, told = false, host = "127.0.0.1" } = {}): Promise<Shown> {
  const begin = (port: number) => serve({ role, port, dist, answer: answerFor(of, role) });
  let server = await begin(0);
  const { port } = server.address() as AddressInfo;
  const stop = () =>
    new Promise<void>((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
  const start = async () => {
    server = await begin(port);
  };
  closing.push(stop);
  const base = `http://${host}:${port}`;
  const visited = await visit(base, path, { dark, width, clock, told });
  const end = async () => {
    await visited.end();
    await stop();
  };
  return { ...visited, base, of, end, stop, start };
}

/** A document that stands apart, filled with these texts. */
export async function showApart(name: "sign_in" | "error", texts: Record<string, string>): Promise<Visit> {
  const { apart_style: style } = JSON.parse(readFileSync(join(dist, "manifest.json"), "utf8")) as { apart_style: string };
  const text = fillDocument(readFileSync(join(dist, `${name}.html`), "utf8"), texts);
  const server = await serve({
    role: "server",
    dist,
    answer: (_, res) => {
      res.writeHead(200, { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": `default-src 'none'; style-src ${style}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'` });
      res.end(text);
    },
  });
  closing.push(() => server.close());
  return visit(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, "/apart");
}

/** The kinds of a heap's nodes that scripts make. The others are the engine's: compiled code, and "native", in which
 * its tools, which are on for a test, keep a record of each request. */
const ownKinds = ["object", "array", "string", "concatenated string", "sliced string", "closure", "number", "bigint", "regexp", "symbol"];

/** What a page holds once all that is not held any more is gone: the bytes of its own objects. */
export async function held(inside: CDPSession): Promise<{ bytes: number; nodes: number; listeners: number }> {
  for (let turn = 0; turn < 3; ++turn) {
    await inside.send("HeapProfiler.collectGarbage");
  }
  const parts: string[] = [];
  const take = ({ chunk }: { chunk: string }) => parts.push(chunk);
  inside.on("HeapProfiler.addHeapSnapshotChunk", take);
  await inside.send("HeapProfiler.takeHeapSnapshot", { reportProgress: false });
  inside.off("HeapProfiler.addHeapSnapshotChunk", take);
  const { snapshot, nodes: all } = JSON.parse(parts.join("")) as { snapshot: { meta: { node_fields: string[]; node_types: [string[]] } }; nodes: number[] };
  const fields = snapshot.meta.node_fields;
  const [type, size] = [fields.indexOf("type"), fields.indexOf("self_size")];
  let bytes = 0;
  for (let at = 0; at < all.length; at += fields.length) {
    bytes += ownKinds.includes(snapshot.meta.node_types[0][all[at + type]!]!) ? all[at + size]! : 0;
  }
  const { metrics } = await inside.send("Performance.getMetrics");
  const metric = (name: string) => metrics.find((each) => each.name === name)?.value ?? 0;
  return { bytes, nodes: metric("Nodes"), listeners: metric("JSEventListeners") };
}

/** What axe-core finds serious. */
export async function seriousFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe); // the page's policy would refuse a script
  return page.evaluate(async () => {
    const run = (globalThis as unknown as { axe: { run: () => Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> } }).axe.run;
    const found = await run();
    return found.violations
      .filter((each) => each.impact === "serious" || each.impact === "critical")
      .map((each) => `${each.id}: ${each.nodes.slice(0, 2).map((node) => node.html.slice(0, 160)).join(" | ")}`);
  });
}

