// The pages of a server and an agent that run, of a kind that the server has never heard of:
// tests/system/test_toy_kind.py starts them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { skip, visit } from "./browser.ts";

const server = process.env["XPROBER_SERVER_URL"] ?? "";
const agent = process.env["XPROBER_AGENT_URL"] ?? "";
const [up, down] = [process.env["XPROBER_UP"] ?? "", process.env["XPROBER_DOWN"] ?? ""];
const missing = server && agent && up && down ? skip : "no program is named: tests/system/test_toy_kind.py does that";
const plain = (text: string) => text.replace(/\s+/g, " ");

test("a server shows what a kind measures that it has never heard of", { skip: missing }, async () => {
  const { page, problems, end } = await visit(server, "/targets?probe_type=toy");
  const row = page.locator("tr[data-row]", { hasText: up });
  await row.waitFor();
  assert.match(plain(await row.innerText()), /^ok .* r-a .* r-b toy 4 ms/);
  assert.match(plain(await page.locator("tr[data-row]", { hasText: down }).innerText()), /^failing .* toy – refused/);
  await row.locator("a").click();
  await page.locator(`h1:has-text("${up}")`).waitFor();
  const source = page.locator('#sources [data-evidence="ok"]');
  assert.match(plain(await source.innerText()), /level 42 wind 1\.5 ms ?spin 2\.5 ms/);
  await page.goBack();
  await page.locator("tr[data-row] a", { hasText: down }).click();
  assert.match(plain(await page.locator('#sources [data-evidence="failing"]').innerText()), /refused spinning the wheel: it is stuck .*wind 1\.5 ms ?spin ✕ failed/);
  assert.deepEqual(problems, []);
  await end();
});

test("an agent shows what its own kind measures", { skip: missing }, async () => {
  const { page, problems, end } = await visit(agent, "/");
  const row = page.locator("tr[data-row]", { hasText: up });
  await row.waitFor();
  assert.match(plain(await row.innerText()), /^ok .* r-b toy 4 ms wind 1\.5 ms ?spin 2\.5 ms/);
  await row.locator("a").click();
  await page.locator("#last").waitFor();
  assert.match(plain(await page.locator("#last").innerText()), /level 42/i);
  assert.deepEqual(problems, []);
  await end();
});
