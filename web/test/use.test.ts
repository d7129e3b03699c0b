// How pages are used: lists read on and sorted, the zone and the theme as the reader wants them, dialogs that all can use.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { Page } from "playwright-core";

import type { TargetList } from "../src/types.ts";
import { seriousFaults, show, skip } from "./browser.ts";
import { world } from "./world.ts";

test("targets are sorted by a heading, and read on page by page", { skip }, async () => {
  const { page, base, problems, end } = await show("/targets", { of: world({ targets: 250 }) });
  const keys = (list: TargetList) => list.targets.map((row) => `${row.target} ${row.source_region}`);
  const told = async (question: string) => (await (await fetch(`${base}/api/v1/targets?limit=100${question}`)).json()) as TargetList;
  const shown = () => page.locator("tbody tr").evaluateAll((all) => all.map((row) => `${row.children[1]!.textContent} ${row.children[2]!.textContent}`));
  /** Waits until the page has what the program answers to the question. */
  const has = async (question: string): Promise<TargetList> => {
    const list = await told(question);
    const [first, last] = [keys(list)[0]!, keys(list).at(-1)!];
    await page.waitForFunction(
      ([begin, final]) => {
        const rows = [...document.querySelectorAll("tbody tr")].map((row) => `${row.children[1]!.textContent} ${row.children[2]!.textContent}`);
        return rows[0] === begin && rows.at(-1) === final;
      },
      [first, last] as const,
    );
    assert.deepEqual(await shown(), keys(list));
    return list;
  };
  const heading = (name: string) => page.locator(`thead th:has(button:has-text("${name}"))`);
  const first = await has("");
  assert.ok(first.next !== null);
  assert.equal(await heading("Target").getAttribute("aria-sort"), "ascending");
  await heading("Target").getByRole("button").click();
  const down = await has("&sort=-target");
  assert.notDeepEqual(keys(down), keys(first));
  assert.deepEqual([await heading("Target").getAttribute("aria-sort"), await heading("State").getAttribute("aria-sort")], ["descending", "none"]);
  await heading("State").getByRole("button").click();
  assert.equal((await has("&sort=state")).targets[0]!.state, "failing");
  assert.equal(new URL(page.url()).searchParams.get("sort"), "state");
  let list = await told("&sort=state");
  let pages = 1;
  for (; list.next !== null; ++pages) {
    const { next } = list;
    await page.locator("[data-next]").click();
    await page.waitForURL((url) => url.searchParams.get("cursor") === next);
    list = await has(`&sort=state&cursor=${next}`);
  }
  assert.equal(pages, Math.ceil(first.matching / 100));
  assert.equal(await page.locator("[data-next]").count(), 0);
  await page.goBack();
  await page.locator("[data-next]").waitFor();
  await page.getByRole("button", { name: "First page" }).click();
  await has("&sort=state");
  assert.deepEqual(problems, []);
  await end();
});

test("an agent's filter says how many targets it has looked through", { skip }, async () => {
  for (const [targets, said] of [[0, "No target is like that."], [1_000_000, "None of the 2 targets that are read here is like that, of 1,000,002 in all. The server's list of targets finds any of them."]] as const) {
    const { page, problems, end } = await show("/?q=nowhere", { role: "agent", of: world({ targets }) });
    await page.locator(`#targets .notice:text-is("${said}")`).waitFor();
    assert.deepEqual(problems, []);
    await end();
  }
});

test("times are in the zone that the reader has chosen", { skip }, async () => {
  const { page, inside, problems, end } = await show("/agents");
  await inside.send("Emulation.setTimezoneOverride", { timezoneId: "Asia/Kolkata" });
  await page.reload();
  const time = page.locator("tbody tr time").first();
  await time.waitFor();
  const said = async () => [await time.getAttribute("title"), await page.getByTitle("The zone of all times").innerText()];
  const at = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ");
  const ofRow = async (zone: number) => at(Date.parse((await time.getAttribute("datetime"))!) / 1000 + zone);
  await page.keyboard.press("p"); // it stays as it is
  await page.locator(".fresh.paused").waitFor();
  assert.deepEqual(await said(), [await ofRow(5.5 * 3600), "UTC+5:30"]);
  await page.getByTitle("The zone of all times").click();
  await page.waitForURL(/tz=utc/);
  await page.locator('button:text-is("UTC")').waitFor();
  assert.deepEqual(await said(), [await ofRow(0), "UTC"]);
  // A link that is opened in another tab takes it along.
  const certificates = page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Certificates" });
  assert.equal(await certificates.getAttribute("href"), "/certificates?tz=utc");
  await certificates.click();
  await page.locator("h1:has-text('Certificates')").waitFor();
  assert.match(page.url(), /tz=utc/);
  assert.deepEqual(problems, []);
  await end();
});

test("the first sentence is read aloud when it changes, and not each minute", { skip }, async () => {
  for (const role of ["server", "agent"] as const) {
    const { page, end } = await show("/", { role });
    const spoken = page.locator(".sentence [role=status]");
    assert.equal(await spoken.innerText(), await page.locator(".sentence h1").innerText());
    assert.doesNotMatch(await spoken.innerText(), /\d+ min/);
    await end();
  }
});

test("the theme is as the reader says, whatever the system has", { skip }, async () => {
  const { page, end } = await show("/agents", { dark: true });
  const ground = (at: Page) => at.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const theme = (at: Page) => at.evaluate(() => document.documentElement.dataset["theme"]);
  const dark = await ground(page);
  await page.emulateMedia({ colorScheme: "light" });
  const light = await ground(page);
  assert.notEqual(light, dark);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const seen: (string | undefined)[] = [];
    for (let turn = 0; turn < 3; ++turn) {
      await page.keyboard.press("d");
      seen.push(await theme(page), await ground(page));
    }
    assert.deepEqual(seen, ["light", light, "dark", dark, "auto", colorScheme === "light" ? light : dark]);
  }
  // It is kept in this browser, and an address that names one is stronger.
  await page.keyboard.press("d");
  await page.reload();
  await page.locator("tbody tr").first().waitFor();
  assert.deepEqual([await theme(page), await ground(page)], ["light", light]);
  await page.goto(`${page.url()}?theme=dark`);
  await page.locator("tbody tr").first().waitFor();
  assert.deepEqual([await theme(page), await ground(page)], ["dark", dark]);
  await page.keyboard.press("d");
  assert.deepEqual([await theme(page), new URL(page.url()).searchParams.get("theme")], ["auto", "auto"]);
  await end();
});

test("dialogs have no serious faults, and Escape leaves them", { skip }, async () => {
  const { page, base, problems, end } = await show("/");
  await page.locator("[data-incident]").first().waitFor();
  const dialog = page.locator("dialog[open]");
  const isGood = async (what: string) => {
    await dialog.waitFor();
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      assert.deepEqual(await seriousFaults(page), [], `${what}, ${colorScheme}`);
    }
    assert.ok(await dialog.evaluate((at) => at.contains(document.activeElement)), `${what} has no focus`);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
  };
  for (const name of ["Acknowledge", "Mute"]) {
    await page.locator('[data-incident="target"]').getByRole("button", { name }).click();
    await isGood(name);
  }
  await page.keyboard.press("?");
  await isGood("Keys");
  await page.goto(`${base}/agents`);
  await page.getByRole("button", { name: "Retire" }).first().click();
  await isGood("Retire");
  assert.deepEqual(problems, []);
  await end();
});
