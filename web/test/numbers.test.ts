// Each number of a page is one that it was told, by answers and rounding alone (numbers.ts).

import { test } from "node:test";

import { show, skip } from "./browser.ts";
import { checkCertificates, checkSystem, checkTargets } from "./numbers.ts";
import { checkAgentNow, checkAgentTarget, checkIncident, checkPair, checkTarget } from "./story_numbers.ts";
import { world } from "./world.ts";

for (const [role, path, check] of [
  ["server", "/targets", checkTargets],
  ["server", "/targets?state=failing", checkTargets],
  ["server", "/certificates", checkCertificates],
  ["server", "/pair/region-000/region-000", checkPair],
  ["server", "/pair/region-001/region-007", checkPair],
  ["server", "/target/00000000000000a0", checkTarget],
  ["server", "/target/00000000000000a1", checkTarget],
  ["server", "/incident/7", checkIncident],
  ["agent", "/", checkAgentNow],
  ["agent", "/target/00000000000000a0", checkAgentTarget],
  ["server", "/system", checkSystem],
  ["agent", "/system", checkSystem],
] as const) {
  test(`each number of ${role} ${path} has its source`, { skip }, async () => {
    const { page, answers, end } = await show(path, { role, of: world({ targets: 200, regions: 8 }), told: true });
    await check(page, answers!);
    await end();
  });
}
