// Pages of a server that runs which are left open, each in a browser of its own as far as the server can see:
// bench/open_pages starts it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { skip, visit } from "./browser.ts";
import type { Stats } from "../src/types.ts";

const server = process.env["XPROBER_SERVER_URL"] ?? "";
const seconds = Number(process.env["XPROBER_SECONDS"] ?? "30");
const missing = server ? skip : "no program is named: bench/open_pages does that";
const pages = 20;

test(`${pages} open pages cost the server less than 2 % of a core`, { skip: missing }, async () => {
  const used = async () => ((await (await fetch(`${server}/stats`)).json()) as Stats).process;
  /** Of a core, in percent, by the process's own clocks: of a busy machine both go on as of a quiet one. */
  const share = async () => {
    const before = await used();
    await new Promise((done) => setTimeout(done, seconds * 1000));
    const after = await used();
    return (100 * (after.cpu_seconds - before.cpu_seconds)) / (after.uptime_seconds - before.uptime_seconds);
  };
  const open = [];
  for (let at = 0; at < pages; ++at) {
    open.push(await visit(server, "/"));
  }
  await Promise.all(open.map(({ page }) => page.locator('.fresh:text-is("live")').waitFor()));
  const with_pages = await share();
  for (const { problems, end } of open) {
    assert.deepEqual(problems, []);
    await end();
  }
  const without = await share();
  console.log(`${with_pages.toFixed(2)} % of a core with ${pages} open pages, ${without.toFixed(2)} % without`);
  assert.ok(with_pages - without < 2, `${with_pages} % of a core with ${pages} open pages, ${without} % without`);
});
