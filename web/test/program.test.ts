// The pages of a server and an agent that run, in a browser: tests/system/test_pages.py starts them, with
// one target that fails.

import assert from "node:assert/strict";
import { test } from "node:test";

import { skip, visit } from "./browser.ts";
import { checkSystem, checkTargets } from "./numbers.ts";
import { takePictures } from "./pictures.ts";

const server = process.env["XPROBER_SERVER_URL"] ?? "";
const agent = process.env["XPROBER_AGENT_URL"] ?? "";
const failing = process.env["XPROBER_FAILING"] ?? "";
const reason = process.env["XPROBER_REASON"] ?? "";
const guarded = process.env["XPROBER_GUARDED_URL"] ?? "";
const token = process.env["XPROBER_TOKEN"] ?? "";
const missing = server && agent && failing ? skip : "no program is named: tests/system/test_pages.py does that";

interface Listed {
  targets: { uid: string; state: string }[];
  matching: number;
}

async function ask<T>(url: string): Promise<T> {
  return (await (await fetch(url)).json()) as T;
}

/** Until both say the same: what is shown may be a moment older than what is asked. */
async function same(what: string, shown: () => Promise<string | null>, told: () => Promise<string>): Promise<void> {
  let last = "";
  for (const end = Date.now() + 20_000; Date.now() < end; ) {
    const [page, api] = [await shown(), await told()];
    if (page === api) {
      return;
    }
    last = `the page has ${page}, the API ${api}`;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.fail(`${what}: ${last}`);
}

test("a stranger sees what is wrong and gets to the evidence in two clicks", { skip: missing }, async () => {
  const { page, problems, end } = await visit(server, "/");
  const incident = page.locator('[data-incident="target"]', { hasText: failing });
  await incident.waitFor();
  const sentence = await page.locator(".sentence").innerText();
  assert.ok(sentence.includes(failing), sentence);
  assert.match(sentence, /The target (is|seems to be) at fault/);
  assert.match(await incident.innerText(), new RegExp(reason));
  const tile = (label: string) => page.locator(`.tile:has(small:text-is("${label}")) data`).getAttribute("value");
  const matching = async (state: string) => String((await ask<Listed>(`${server}/api/v1/targets?state=${state}&limit=1`)).matching);
  await same("checks that fail", () => tile("Checks failing"), () => matching("failing"));
  await same("targets that are well", () => tile("Well"), () => matching("ok"));
  await incident.locator("h3 a").click();
  await page.locator('[data-evidence="failing"] a').first().click();
  await page.locator(`h1:has-text("${failing}")`).waitFor();
  await page.locator(`#sources:has-text("${reason}")`).waitFor();
  assert.deepEqual(problems, []);
  await end();
});

test("every page of the program is whole", { skip: missing }, async () => {
  const { targets } = await ask<Listed>(`${server}/api/v1/targets?limit=1&target=${encodeURIComponent(failing)}`);
  const uid = targets[0]?.uid ?? "";
  const pages = ["/", "/map", `/map?past=1h&at=${Math.floor(Date.now() / 1000) - 600}`, "/pair/r-a/r-b", "/targets?state=failing", `/target/${uid}`, "/agents", "/certificates", "/system", "/status?group=region=r-web", "/status"];
  for (const [base, paths] of [[server, pages], [agent, ["/", `/target/${uid}`, "/system"]]] as const) {
    for (const path of paths) {
      const { page, problems, end } = await visit(base, path);
      await page.waitForFunction(() => document.querySelector(".loading") === null);
      assert.deepEqual(problems, [], path);
      await end();
    }
  }
});

test("each number has its source", { skip: missing }, async () => {
  for (const [base, path, check] of [[server, "/targets", checkTargets], [server, "/system", checkSystem], [agent, "/system", checkSystem]] as const) {
    const { page, answers, problems, end } = await visit(base, path, { told: true });
    await check(page, answers!);
    assert.deepEqual(problems, [], path);
    await end();
  }
});

test("the map has a cell for each pair with its state", { skip: missing }, async () => {
  const { page, end } = await visit(server, "/map");
  const cell = page.locator('[data-from="r-a"][data-to="r-b"]');
  await cell.waitFor();
  const state = async () => {
    const matrix = await ask<{ regions: string[]; values: (string | null)[][] }>(`${server}/api/v1/matrix?metric=state`);
    return matrix.values[matrix.regions.indexOf("r-a")]?.[matrix.regions.indexOf("r-b")] ?? "none";
  };
  await same("the cell", () => cell.getAttribute("data-state"), state);
  await end();
});

test("who has a token signs in by keys, with and without scripts", { skip: missing || !guarded }, async () => {
  for (const scripts of [true, false]) {
    const { page, problems, end } = await visit(guarded, "/agents?tz=utc", { scripts });
    assert.equal(await page.title(), "xprober: sign in");
    const field = page.locator("#token");
    assert.ok(await field.evaluate((each) => each === document.activeElement), "it has not the focus");
    await page.keyboard.type("not-the-token-of-anybody");
    await page.keyboard.press("Enter");
    await page.locator("[role=alert]:has-text('not known')").waitFor();
    await page.keyboard.type(token);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.waitForURL(`${guarded}/agents?tz=utc`);
    await page.locator(scripts ? "main h1:has-text('Agents')" : "noscript").first().waitFor({ state: "attached" });
    // A browser says of an answer of 401 that it has failed to load.
    assert.deepEqual(problems.filter((each) => !each.includes("401")), []);
    await end();
  }
});

test("what is not there is a page with a way out, by keys", { skip: missing }, async () => {
  const { page, problems, end } = await visit(server, "/nope");
  assert.match(await page.locator("main").innerText(), /There is no such page\s+.*\/nope.* \(404\)/);
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).getPropertyValue("--focus").trim()), "#2f6fd0");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForURL(`${server}/`);
  await page.locator("[data-incident]").first().waitFor();
  assert.deepEqual(problems.filter((each) => !each.includes("404")), []);
  await end();
});

test("the README's pictures can be taken", { skip: missing || !process.env["XPROBER_PICTURES"] }, async () => {
  const { targets } = await ask<Listed>(`${server}/api/v1/targets?limit=1&target=${encodeURIComponent(failing)}`);
  assert.equal((await takePictures(server, targets[0]?.uid ?? "", process.env["XPROBER_PICTURES"] ?? "")).length, 4);
});
