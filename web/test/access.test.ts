// Every page: no errors, nothing from elsewhere, no serious faults of access in both themes, and not
// wider than a small screen.

import assert from "node:assert/strict";
import { test } from "node:test";

import { seriousFaults, show, skip } from "./browser.ts";
import { world } from "./world.ts";

const serverPages = ["/", "/incident/7", "/map", "/map?metric=rtt&order=worst", "/map?past=1h&at=1", "/map?group=continent", "/status", "/pair/eu-west/us-east", "/targets", "/target/00000000000000a0", "/agents", "/certificates", "/system", "/status?group=Shop:region=r-web"];
const agentPages = ["/", "/target/00000000000000a0", "/system"];

for (const [role, paths] of [["server", serverPages], ["agent", agentPages]] as const) {
  for (const path of paths) {
    test(`${role} ${path}`, { skip }, async () => {
      const { page, problems, end } = await show(path, { role, of: world({ regions: 8, allKinds: true }) });
      await page.waitForTimeout(300);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        assert.deepEqual(await seriousFaults(page), [], colorScheme);
      }
      // Whatever can be clicked can be reached by keys.
      const mouseOnly = await page.evaluate(() => [...document.querySelectorAll("body *")].filter((each) => getComputedStyle(each).cursor === "pointer" && !each.closest("a[href], button, select, input, label, summary, [tabindex]")).map((each) => each.outerHTML.slice(0, 120)));
      assert.deepEqual(mouseOnly, []);
      await page.setViewportSize({ width: 360, height: 800 });
      await page.waitForTimeout(200);
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 360, "it is wider than the screen");
      assert.deepEqual(problems, []);
      await end();
    });
  }
}
