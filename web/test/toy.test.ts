// A kind of probe that the pages have never heard of, from the first page to the agent's.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { Page } from "playwright-core";

import { seriousFaults, show, skip } from "./browser.ts";
import { world } from "./world.ts";

const of = () => world({ toy: true });
const texts = async (page: Page, row: string) => (await page.locator(row).locator("th, td").allInnerTexts()).map((text) => text.replace(/\s+/g, " ").trim());
const whereOf = (page: Page) => new URL(page.url());

test("of a kind that no page knows, an incident leads to its pair", { skip }, async () => {
  const { page, problems, end } = await show("/", { of: of() });
  const card = page.locator('[data-incident="path"]', { hasText: "ap-south" });
  await card.waitFor();
  assert.match(await card.innerText(), /refused in spin/);
  assert.match((await page.locator("tr[data-row]", { hasText: "wheel.example" }).first().innerText()).replace(/\s+/g, " "), /4\.5 ms 4 ms 25 %/);
  await card.locator("[data-evidence]").first().click();
  await page.locator("h1:has-text('eu-west ⇄ ap-south')").waitFor();
  assert.equal(whereOf(page).pathname + whereOf(page).search, "/pair/eu-west/ap-south?probe_type=toy");
  assert.deepEqual(problems, []);
  await end();
});

test("of a kind that no page knows, an incident has its evidence and its past", { skip }, async () => {
  const shown = of();
  const { page, problems, end } = await show("/incident/11", { of: shown });
  await page.locator("#past .plots").waitFor();
  assert.equal(await page.locator("#evidence p a").getAttribute("href"), "/pair/eu-west/ap-south?probe_type=toy");
  assert.ok(shown.asked.some((each) => each.includes("/api/v1/history") && each.includes("target_region=ap-south") && each.includes("probe_type=toy")));
  assert.match(await page.locator("#evidence").innerText(), /spinning the wheel: it is stuck/);
  assert.deepEqual(await seriousFaults(page), []);
  assert.deepEqual(problems, []);
  await end();
});

test("the map is of the kind that the answer names, and so is the pair that a cell leads to", { skip }, async () => {
  const { page, problems, end } = await show("/map", { of: of() });
  await page.locator('[data-from="region-000"][data-to="region-001"]').click();
  await page.locator("h1:has-text('region-000 ⇄ region-001')").waitFor();
  assert.equal(whereOf(page).searchParams.get("probe_type"), "toy");
  await page.locator('a:text-is("to the map")').click();
  await page.waitForURL(/\/map\?probe_type=toy$/);
  await page.locator('[data-from="region-000"][data-to="region-001"]').waitFor();
  assert.deepEqual(problems, []);
  await end();
});

test("a pair without a kind in its address is of the kind that the answer names", { skip }, async () => {
  const shown = of();
  const { page, problems, end } = await show("/pair/eu-west/ap-south", { of: shown });
  await page.locator("tr[data-row]").first().waitFor();
  assert.equal(await page.locator("h1 small").innerText(), "toy");
  assert.deepEqual((await texts(page, "tr[data-row]")).slice(0, 6), ["failing", "wheel.example:7", "10.0.0.1", "–", "25 %", "refused spinning the wheel: it is stuck"]);
  assert.ok(shown.asked.filter((each) => each.includes("/api/v1/targets")).every((each) => each.includes("probe_type=toy")));
  assert.ok(shown.asked.filter((each) => each.includes("/api/v1/history")).every((each) => !each.includes("probe_type=")));
  assert.deepEqual(problems, []);
  await end();
});

test("targets have the time and the loss of a kind that no page knows", { skip }, async () => {
  const { page, problems, end } = await show("/targets?probe_type=toy", { of: of() });
  await page.locator('tr[data-state="degraded"]').waitFor();
  assert.deepEqual((await texts(page, 'tr[data-state="degraded"]')).slice(1, 8), ["wheel.example:7", "us-east", "10.0.0.2", "ap-south", "toy", "4.5 ms", "25 %"]);
  assert.equal((await texts(page, 'tr[data-state="failing"]'))[6], "–");
  assert.deepEqual(problems, []);
  await end();
});

test("a target has all that its kind measures, in the units that the answer names", { skip }, async () => {
  const { page, problems, end } = await show("/target/00000000000000b0", { of: of() });
  const [failing, well] = [page.locator('#sources [data-evidence="failing"]'), page.locator('#sources [data-evidence="degraded"]')];
  await well.waitFor();
  assert.match((await well.innerText()).replace(/\s+/g, " "), /level 42 · loss 25 % · oil bytes 4 KiB · oiled 2 h ago wind 1\.5 ms ?spin 3 ms/);
  assert.match((await failing.innerText()).replace(/\s+/g, " "), /wind 1\.5 ms ?spin ✕ failed/);
  const colors = await well.locator(".phasebar rect").evaluateAll((all) => all.map((each) => getComputedStyle(each).fill));
  assert.equal(new Set(colors).size, 2, `phases look alike: ${colors.join(" ")}`);
  assert.match(await page.locator("#about").innerText(), /No command of this program makes probes of the kind toy/);
  assert.deepEqual(await seriousFaults(page), []);
  assert.deepEqual(problems, []);
  await end();
});

test("an agent shows results of a module that is built on a kind that no page knows", { skip }, async () => {
  const { page, problems, end } = await show("/", { of: of(), role: "agent" });
  const row = page.locator("tr[data-row]", { hasText: "wheel.example:7" });
  await row.waitFor();
  assert.match((await row.innerText()).replace(/\s+/g, " "), /wheel 4\.5 ms 25 % oiled well wind 1\.5 ms ?spin 3 ms/);
  await row.locator("a").click();
  await page.locator("#last").waitFor();
  assert.match((await page.locator("#last").innerText()).replace(/\s+/g, " "), /wind 1\.5 ms ?spin 3 ms .*level 42/i);
  assert.match((await page.locator("#results tr[data-row]").first().innerText()).replace(/\s+/g, " "), /wind 1\.5 ms ?spin 3 ms/);
  assert.match(await page.locator("#counters").innerText(), /No command of this program makes probes of the kind toy/);
  assert.deepEqual(problems, []);
  await end();
});
