// Worlds of thirty regions that a server has been told of (tests/system/page_worlds.py): the first page says
// what is wrong, and two clicks lead to the evidence. Looks at what is on the page alone.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { Page } from "playwright-core";

import { skip, visit } from "./browser.ts";

type Trouble = "dark" | "lossy" | "expired" | "busy";

const worlds = JSON.parse(process.env["XPROBER_WORLDS"] ?? "[]") as { url: string; troubles: Trouble[] }[];

interface Expected {
  kind: string;
  /** What its incident is known by among the others of its kind. */
  about: string;
  sentence: RegExp;
  /** Whose fault it is: in the sentence, and on the card. */
  blame: [sentence: string, card: string];
  evidence: (page: Page) => Promise<void>;
}

/** By its own page to the first of the rows that fail. */
const byRows = (about: string, reason: string) => async (page: Page) => {
  await page.locator(`[data-incident="target"]:has-text("${about}") h3 a`).click();
  await page.locator('[data-evidence="failing"] a').first().click();
  await page.locator(`#sources [data-evidence="failing"]:has-text("${reason}")`).first().waitFor();
};

const expected: Record<Trouble, Expected> = {
  dark: {
    kind: "target",
    about: "r-12",
    sentence: /[Tt]arget r-12: \d+ of \d+ regions fail to reach it/,
    blame: ["The target is at fault: 29 of 29 regions see it.", "At fault the target Affects 29 of 29 regions as sources, 1 of 30 regions as targets Why no_reply"],
    evidence: byRows("target r-12", "no_reply"),
  },
  lossy: {
    kind: "path",
    about: "r-03",
    sentence: /[Pp]ath from r-03 to r-05: the pair is degraded/,
    blame: ["The way between is at fault: both ends are well as others see them.", "At fault the way between Affects 1 of"],
    evidence: async (page) => {
      await page.locator('[data-incident="path"] [data-evidence]').first().click();
      await page.locator('h1:has-text("r-03 ⇄ r-05")').waitFor();
      await page.locator('tr:has-text("degraded"):has-text("40 %")').first().waitFor();
    },
  },
  expired: {
    kind: "target",
    about: "shop.example",
    sentence: /[Tt]arget https:\/\/shop\.example\/: 3 of 3 sources fail to reach it.*tls_expired/,
    blame: ["The target is at fault: 3 of 3 sources see it.", "At fault the target Affects 3 of 3 sources, 1 of 3 targets Why tls_expired in tls"],
    evidence: byRows("shop.example", "tls_expired"),
  },
  busy: {
    kind: "prober",
    about: "r-20",
    sentence: /[Pp]rober r-20: overload; its results are not counted/,
    blame: ["The prober is at fault, and nothing is known of what it should probe.", "At fault the prober itself Affects 1 of 30 regions Why overload half of its probes begin late"],
    evidence: async (page) => {
      await page.locator('[data-incident="prober"] [data-evidence]').first().click();
      await page.locator('tbody tr:has(th:has-text("r-20")):has-text("half of its probes begin late")').waitFor();
    },
  },
};

for (const { url, troubles } of worlds) {
  test(`${troubles.join(", ")}: it is said, and two clicks lead to the evidence`, { skip }, async () => {
    const { page, problems, end } = await visit(url, "/");
    // What an overloaded source says counts for nothing.
    const sources = (text: string) => (troubles.length > 1 && text.includes("29 of 29") ? text.replace("29 of 29", "28 of 28") : text);
    await page.waitForFunction((all) => document.querySelectorAll("[data-incident]").length === all, troubles.length);
    const sentence = (await page.locator(".sentence").innerText()).replace(/\s+/g, " ");
    const told = troubles.map((each) => expected[each]);
    assert.ok(told.some((each) => each.sentence.test(sentence) && sentence.includes(sources(each.blame[0]))), sentence);
    assert.equal(sentence.includes(`${troubles.length} things are wrong`), troubles.length > 1, sentence);
    assert.match(sentence, /Since (?:\d{4}-\d\d-\d\d )?\d\d:\d\d/);
    assert.equal(await page.locator('.tile:has(small:text-is("Open incidents")) data').getAttribute("value"), String(troubles.length));
    for (const each of told) {
      const card = page.locator(`[data-incident="${each.kind}"]`, { hasText: each.about });
      assert.equal(await card.count(), 1, each.about);
      const text = (await card.innerText()).replace(/\s+/g, " ");
      assert.match(text, each.sentence);
      assert.ok(text.includes(sources(each.blame[1])), text);
    }
    for (const each of told) {
      await each.evidence(page);
      await page.goBack();
      if (new URL(page.url()).pathname !== "/") {
        await page.goBack();
      }
      await page.locator("[data-incident]").first().waitFor();
    }
    assert.deepEqual(problems, []);
    await end();
  });
}
