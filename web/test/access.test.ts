// Every page: no errors, nothing from elsewhere, no serious faults of access in both themes, and not
// wider than the screen, whether that is small or large.

import assert from "node:assert/strict";
import { test } from "node:test";

import { showApart, seriousFaults, show, skip, type Visit } from "./browser.ts";
import { world } from "./world.ts";

const serverPages = ["/", "/incident/7", "/map", "/map?metric=rtt&order=worst", "/map?past=1h&at=1", "/map?group=continent", "/status", "/pair/eu-west/us-east", "/targets", "/target/00000000000000a0", "/agents", "/certificates", "/system", "/status?group=Shop:region=r-web"];
const agentPages = ["/", "/target/00000000000000a0", "/system"];

async function isGood({ page, problems }: Visit): Promise<void> {
  await page.waitForTimeout(300);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await seriousFaults(page), [], colorScheme);
  }
  // Whatever can be clicked can be reached by keys: of the map's cells arrows move to each, and what a click on an actor of
  // the picture or on a line of a plot's legend does, the table beside it does as well.
  const byKeys = 'a[href], button, select, input, label, summary, [role="gridcell"], [data-node], .u-legend';
  const mouseOnly = await page.evaluate((reached) => [...document.querySelectorAll("body *")].filter((each) => getComputedStyle(each).cursor === "pointer" && !each.closest(reached)).map((each) => each.outerHTML.slice(0, 120)), byKeys);
  assert.deepEqual(mouseOnly, []);
  for (const width of [1280, 2560, 360]) {
    await page.setViewportSize({ width, height: 800 });
    await page.waitForTimeout(200);
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width, `it is wider than a screen of ${width}`);
    // But for the picture of the actors, which is a table, too.
    const sideways = await page.evaluate(() => [...document.querySelectorAll(".scroll:not(.graph)")].filter((each) => each.scrollWidth > each.clientWidth + 1 && !each.closest("details:not([open])")).map((each) => `${each.getAttribute("aria-label")}: ${each.scrollWidth} in ${each.clientWidth}`));
    assert.deepEqual(sideways, [], `at ${width}`);
  }
  // WCAG 2.5.8: what a finger has to hit has 24 pixels, but for links in a text.
  const small = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("main :is(a[href], button, select, input, summary), header :is(a[href], button)")]
      .filter((each) => each.checkVisibility() && getComputedStyle(each).display !== "inline" && !each.matches('input[type="checkbox"]') && !each.closest("details:not([open]) > :not(summary)"))
      .map((each) => ({ name: each.outerHTML.slice(0, 100), box: each.getBoundingClientRect() }))
      .filter(({ box }) => box.height < 24 || box.width < 24)
      .map(({ name, box }) => `${name}: ${Math.round(box.width)} × ${Math.round(box.height)}`),
  );
  assert.deepEqual(small, []);
  assert.deepEqual(problems, []);
}

for (const [role, paths] of [["server", serverPages], ["agent", agentPages]] as const) {
  for (const path of paths) {
    test(`${role} ${path}`, { skip }, async () => {
      const visited = await show(path, { role, of: world({ regions: 8, allKinds: true }) });
      await isGood(visited);
      await visited.end();
    });
  }
}

for (const [what, name, texts] of [
  ["where to sign in", "sign_in", { TO: "/map" }],
  ["where to sign in again", "sign_in", { TO: "/map", PROBLEM: "the token is not known here" }],
  ["an error", "error", { TITLE: "There is no such page", SENTENCE: `No such path: /${"long".repeat(60)}.`, STATUS: "404", WAY_OUT: "/" }],
  ["an error that leads nowhere", "error", { TITLE: "This cannot be shown", SENTENCE: "This program is not known by the name x.", STATUS: "421" }],
] as const) {
  test(`${what} stands apart`, { skip }, async () => {
    const visited = await showApart(name, texts);
    const { page } = visited;
    assert.equal(await page.evaluate(() => performance.getEntriesByType("resource").length), 0, "it loads something");
    // The style is the one that its policy allows, and that of all other pages.
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).getPropertyValue("--focus").trim()), "#2f6fd0");
    const ways = await page.locator("main :is(a, input:not([type=hidden]), button)").evaluateAll((all) => all.map((each) => each.tagName));
    const focused = () => page.evaluate(() => (document.activeElement === document.body ? [] : [document.activeElement!.tagName]));
    const reached = await focused(); // the field for a token has it from the first
    while (reached.length < ways.length) {
      await page.keyboard.press("Tab");
      reached.push(...(await focused()));
    }
    assert.deepEqual(reached, ways);
    assert.equal(await page.locator("[role=alert]").count(), "PROBLEM" in texts ? 1 : 0);
    assert.deepEqual(ways, name === "sign_in" ? ["INPUT", "BUTTON"] : "WAY_OUT" in texts ? ["A"] : []);
    await isGood(visited);
    await visited.end();
  });
}
