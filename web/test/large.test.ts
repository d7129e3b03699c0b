// Pages of a large fleet, and of one that is left open: what they cost, and that they do not grow.

import assert from "node:assert/strict";
import { test } from "node:test";

import { held, show, skip } from "./browser.ts";
import { largeWorld, tell, world } from "./world.ts";

const large = largeWorld();

// Bytes and nodes are the same on every machine; the time is that of the processor, which a busy machine
// does not lengthen, with room for a slow one.
const slow = 4;
const pages: [path: string, shows: string, nodes: number][] = [
  ["/", "[data-incident]", 8000],
  ["/map", "[data-from]", 40_000],
  ["/targets", "tbody tr", 6000],
  ["/targets?state=failing&sort=since", "tbody tr", 6000],
  ["/agents", "tbody tr", 10_000],
  ["/incident/100", "h1", 6000],
  ["/pair/region-000/region-007", "h1", 6000],
  ["/system", "[data-actor]", 3000],
];
for (const [path, shows, nodes] of pages) {
  test(`of a large fleet, ${path} is small`, { skip }, async () => {
    const { page, problems, costs, firstMs, end } = await show(path, { of: large });
    await page.locator(shows).first().waitFor();
    const found = await costs();
    console.log(`${path}: first content ${firstMs} ms, ${JSON.stringify(found)}`);
    assert.ok(found.bytes < 200 * 1024, `${found.bytes} bytes`);
    assert.ok(found.nodes < nodes, `${found.nodes} nodes`);
    assert.ok(firstMs < slow * 300, `${firstMs} ms of the processor to the first content`);
    assert.ok(found.cpuMs < 3000, `${found.cpuMs} ms of the processor`);
    assert.deepEqual(problems, []);
    await end();
  });
}

test("all open incidents are counted, and the gravest shown", { skip }, async () => {
  const { page, end } = await show("/", { of: large });
  await page.locator("[data-incident]").first().waitFor();
  assert.equal(await page.locator('.tile:has(small:text-is("Open incidents")) data').getAttribute("value"), String(large.incidents + 2));
  assert.match(await page.locator(".sentence").innerText(), /502 things are wrong/);
  assert.ok((await page.locator("[data-incident]").count()) <= 60);
  await page.locator("[data-more]").first().click();
  await page.waitForFunction(() => document.querySelectorAll("[data-incident]").length > 60);
  await end();
});

test("an update of a large fleet's page takes a frame, of its map a few", { skip }, async () => {
  // The map asks for 40,000 pairs anew when an agent comes or goes, and every 15 s: that is several frames.
  for (const [path, shows, event, frames] of [["/", "[data-incident]", "states", 1], ["/targets", "tbody tr", "states", 1], ["/map", "[data-from]", "agent", 6]] as const) {
    const { page, costs, end } = await show(path, { of: large, clock: true });
    await page.locator(shows).first().waitFor();
    await page.clock.runFor(5000);
    const before = await costs();
    const asked = large.asked.length;
    const updates = 8;
    for (let turn = 0; turn < updates; ++turn) {
      tell(large, event);
      await page.waitForTimeout(100);
      await page.clock.runFor(2500);
      await page.waitForTimeout(100);
    }
    const each = ((await costs()).cpuMs - before.cpuMs) / updates;
    console.log(`${path}: an update takes ${each.toFixed(1)} ms, ${large.asked.length - asked} questions`);
    assert.ok(each < slow * 17 * frames, `${each} ms of the processor`);
    await end();
  }
});

test("a tab that is left open for 30 minutes does not grow", { skip }, async () => {
  const of = world({ regions: 20, incidents: 10, agents: 20 });
  const { page, problems, inside, end } = await show("/system", { of, clock: true });
  let minutes = 0;
  /** So many steps of six seconds, after each of which there are answers. */
  const pass = async (steps: number) => {
    for (let step = 0; step < steps; ++step) {
      tell(of, "states");
      tell(of, "incident");
      await page.clock.runFor(6000);
      await page.evaluate(() => new Promise((done) => void fetch("/stats").then((answer) => answer.text()).then(done)));
      minutes += 0.1;
    }
  };
  // All that is kept on purpose, samples and the last answers, is there by then.
  await pass(100);
  const sizes: { bytes: number; nodes: number; listeners: number }[] = [];
  for (let turn = 0; turn < 5; ++turn) {
    for (const [key, shows] of [["m", "[data-from]"], ["t", "tbody tr"], ["a", "tbody tr"], ["s", "[data-actor]"], ["n", "[data-incident]"]] as const) {
      await page.keyboard.press("g");
      await page.keyboard.press(key);
      await pass(8);
      await page.locator(shows).first().waitFor();
    }
    sizes.push(await held(inside));
  }
  console.log(`${minutes.toFixed(0)} minutes, ${of.asked.length} questions: ${JSON.stringify(sizes)}`);
  assert.ok(minutes > 29.9 && of.asked.length > 600);
  // The engine goes on to keep a little of what it has compiled: a leak in what is drawn is more than that.
  const [, first, , , last] = sizes;
  assert.ok(Math.min(...sizes.slice(-2).map((each) => each.bytes)) < 1.1 * first!.bytes, `${first!.bytes} bytes, then ${last!.bytes}`);
  assert.ok(last!.nodes <= first!.nodes + 100 && last!.listeners <= first!.listeners + 20, JSON.stringify(sizes));
  assert.deepEqual(problems, []);
  await end();
});
