// What pages say and do, in a browser over prepared worlds.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import type { Page } from "playwright-core";

import { full, ms } from "../src/lib/format.ts";
import { dayText } from "../src/lib/status.ts";
import type { PairHistory } from "../src/types.ts";
import { dist, elsewhere, seriousFaults, show, skip } from "./browser.ts";
import { incidents, openReaders, tell, wide, world } from "./world.ts";

test("the first sentence says what is wrong, and two clicks lead to the evidence", { skip }, async () => {
  const { page, of, problems, end } = await show("/");
  await page.locator("[data-incident]").first().waitFor();
  const sentence = (await page.locator(".sentence").innerText()).replace(/\s+/g, " ");
  assert.match(sentence, /2 things are wrong, the worst: target https:\/\/shop\.example\//);
  assert.match(sentence, /Since (?:\d{4}-\d\d-\d\d )?\d\d:\d\d, for 12 min, seen from eu-west and us-east\. The target is at fault: 2 of 3 sources see it\./);
  assert.deepEqual(await page.locator("[data-incident]").evaluateAll((all) => all.map((each) => each.getAttribute("data-incident"))), ["target", "path"]);
  assert.match(await page.locator('[data-incident="target"]').innerText(), /refused in connect/);
  await page.locator('[data-incident="target"] h3 a').click();
  await page.locator('[data-evidence="failing"] a').first().click();
  await page.locator('h1:has-text("https://shop.example/")').waitFor();
  assert.match(await page.locator("#sources").innerText(), /connecting to 192\.0\.2\.9:443: refused/);
  await page.goBack();
  await page.goBack();
  await page.locator("[data-incident]").first().waitFor();
  assert.equal(await page.locator("[data-incident]").count(), incidents(of).length);
  assert.deepEqual(problems, []);
  await end();
});

test("an agent is asked from the page of a target, and its answer stands in place", { skip }, async () => {
  const { page, of, problems, end } = await show("/target/00000000000000a0");
  await page.locator("[data-failure=refused]").first().waitFor();
  assert.deepEqual(await page.locator("#results ol").first().locator("li").allInnerTexts(), ["refused", "refused", "refused", "23 ms"]);
  assert.match(await page.locator("#failures").innerText(), /deadline in processing\s+no answer from 192\.0\.2\.9:443/);
  assert.match(await page.locator('#failures [data-lane="eu-west"]').innerText(), /49 results: deadline and refused/);
  const select = page.locator("#ask select");
  assert.deepEqual(await select.locator("option").allInnerTexts(), ["eu-west, 10.0.0.1 (fails)", "us-east, 10.0.0.2 (fails)"]);
  await select.focus();
  await page.keyboard.press("ArrowDown");
  await page.locator("#ask").getByRole("button", { name: "Probe now" }).focus();
  await page.keyboard.press("Enter");
  await page.locator("#ask [data-certificate]").first().waitFor();
  assert.deepEqual(of.posted, [{ path: "/api/v1/probe", body: { uid: "00000000000000a0", region: "us-east", local_ip: "10.0.0.2" } }]);
  assert.match(await page.locator("#ask [data-certificate]").nth(1).innerText(), /CN=Example CA ▲ its time is over/);
  assert.match(await page.locator("[data-redirect]").innerText(), /302 from https:\/\/shop\.example\/ to https:\/\/shop\.example\/home/);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await seriousFaults(page), [], colorScheme);
  }
  await page.setViewportSize({ width: 360, height: 800 });
  await page.waitForTimeout(200);
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 360, "it is wider than the screen");
  await page.locator("#ask").getByRole("button", { name: "What it remembers" }).click();
  await page.locator("#ask h3:has-text('Its last failures')").waitFor();
  assert.deepEqual(problems, []);
  await end();
});

test("a certificate is shown with its chain and with who sees another one", { skip }, async () => {
  const { page, problems, end } = await show("/certificates");
  const row = page.locator("[data-row]").first();
  await row.waitFor();
  assert.match(await page.locator("h1").innerText(), /2 known, 1 end within 30 days/);
  assert.match(await row.innerText(), /shop\.example/);
  assert.match(await row.locator("[data-problem]").first().innerText(), /1 target shows another certificate to other sources/);
  assert.match(await row.innerText(), /CN=Example CA ends before it/);
  const button = row.getByRole("button");
  await button.focus();
  await page.keyboard.press("Enter");
  await page.locator("[data-more] [data-certificate]").nth(1).waitFor();
  assert.equal(await button.getAttribute("aria-expanded"), "true");
  assert.deepEqual(await page.locator("[data-more] [data-certificate] strong").allInnerTexts(), ["CN=shop.example", "CN=Example CA"]);
  assert.deepEqual(await page.locator("[data-side]").allInnerTexts(), ["this one: eu-west (10.0.0.1)", `${"b".repeat(16)}…: us-east (10.0.0.2)`]);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await seriousFaults(page), [], colorScheme);
  }
  await page.setViewportSize({ width: 360, height: 800 });
  await page.waitForTimeout(200);
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 360, "it is wider than the screen");
  // Which one is open stands in the address.
  await page.reload();
  await page.locator("[data-more] [data-certificate]").nth(1).waitFor();
  await button.click();
  await page.locator("[data-more]").waitFor({ state: "detached" });
  assert.equal(new URL(page.url()).search, "");
  assert.deepEqual(problems, []);
  await end();
});

test("an incident of a certificate leads to it, and a date that is not known is called so", { skip }, async () => {
  const { page, problems, end } = await show("/", { of: world({ ending: true }) });
  const card = page.locator('[data-incident]:has-text("its certificate of CN=docs.example")');
  await card.getByRole("link", { name: "the certificate", exact: true }).click();
  await page.locator("tbody [data-row]").first().waitFor();
  assert.equal(await page.locator("[data-filter]").inputValue(), "https://docs.example/");
  assert.equal(await page.locator("tbody [data-row]").count(), 1);
  await page.locator("tbody button").click();
  const dates = page.locator("[data-more] [data-certificate] dl");
  assert.match((await dates.innerText()).replace(/\s+/g, " "), /From unknown To \d/);
  await page.goto(new URL("/incident/12", page.url()).href);
  await page.locator("dl.facts").getByRole("link", { name: "with its chain, and who sees it" }).click();
  await page.locator("h1:has-text('Certificates')").waitFor();
  assert.equal(new URL(page.url()).searchParams.get("q"), "https://docs.example/");
  assert.deepEqual(problems, []);
  await end();
});

test("the tab says what is wrong", { skip }, async () => {
  const titled = (page: Page, title: string) => page.waitForFunction((wanted) => document.title === wanted, title);
  const { page, end } = await show("/");
  await titled(page, "2 incidents · xprober server");
  await page.keyboard.press("g");
  await page.keyboard.press("t");
  await titled(page, "Targets · xprober");
  await page.goBack();
  await titled(page, "2 incidents · xprober server");
  await end();
  const calm = await show("/", { of: world({ calm: true }) });
  await titled(calm.page, "xprober server");
  await calm.end();
  const agent = await show("/", { role: "agent" });
  await titled(agent.page, "1 target fails · xprober agent");
  await agent.end();
});

test("the page of a target has the chain that it sends", { skip }, async () => {
  const { page, problems, end } = await show("/target/00000000000000a0");
  await page.locator("#chain [data-certificate]").nth(1).waitFor();
  assert.match(await page.locator("#chain").innerText(), /▲ CN=Example CA ends before it/);
  assert.deepEqual(await seriousFaults(page), []);
  assert.deepEqual(problems, []);
  await end();
});

test("the page of a target leads to the pages of its agents, as they say where these are", { skip }, async () => {
  const of = world();
  const { page, base, end } = await show("/target/00000000000000a0", { of });
  await page.locator("#sources td a[href^=http]").first().waitFor();
  const { agents } = (await (await fetch(`${base}/api/v1/agents`)).json()) as { agents: { local_ip: string; link: string | null }[] };
  const rows = await page.locator("#sources tbody tr").evaluateAll((all) => all.map((row) => [row.children[2]!.textContent, row.children[2]!.querySelector("a")?.getAttribute("href") ?? null]));
  assert.deepEqual(rows.map(([, href]) => href), ["https://10.0.0.1:8087/target/00000000000000a0", null]);
  for (const [name, href] of rows) {
    const link = agents.find((each) => each.local_ip === name)!.link;
    assert.equal(href, link === null ? null : `${link}target/00000000000000a0`);
  }
  await end();
});

test("of a target that many sources see those that fail come first, and all can be had", { skip }, async () => {
  const { page, problems, end } = await show(`/target/${wide}`, { of: world({ sources: 60 }) });
  await page.locator("[data-strip]").first().waitFor();
  const rows = page.locator("#sources tbody tr");
  const sources = await rows.evaluateAll((all) => all.map((row) => row.children[1]!.textContent));
  assert.deepEqual([sources.length, ...sources.slice(0, 3)], [50, "region-024", "region-049", "region-000"]);
  const lanes = (name: string) => page.locator(`[${name}]`).evaluateAll((all, of) => all.map((each) => each.getAttribute(of)), name);
  const first = ["region-024", "region-049", ...Array.from({ length: 18 }, (_, at) => `region-0${String(at).padStart(2, "0")}`)];
  assert.deepEqual(await lanes("data-strip"), first);
  assert.deepEqual(await lanes("data-lane"), first);
  assert.deepEqual(await page.locator("#results ol").evaluateAll((all) => all.map((each) => /from (\S+)/.exec(each.getAttribute("aria-label")!)![1])), first);
  assert.match(await page.locator("[data-plotted]").innerText(), /^The plots have 8 of 60 sources/);
  assert.equal(await page.locator("#past .plot").first().locator(".u-series").count(), 9); // with the time
  assert.match(await page.locator("#sources [data-rest]").innerText(), /^50 of 60 sources\. Show all 60$/);
  assert.match(await page.locator("#past [data-rest]").innerText(), /^20 of 60 sources\./);
  assert.match(await page.locator("#failures [data-rest]").first().innerText(), /^20 of 60 sources\./);
  for (const part of ["#sources", "#results", "#past"]) {
    await page.locator(`${part} [data-rest] button`).click();
    assert.equal(await page.locator(`${part} [data-rest]`).count(), 0);
  }
  assert.deepEqual([await rows.count(), await page.locator("#results ol").count(), await page.locator("[data-strip]").count()], [60, 60, 60]);
  assert.deepEqual(problems, []);
  await end();
});

test("an agent that does not answer is said to", { skip }, async () => {
  const { page, end } = await show("/target/00000000000000a0", { of: world({ mute: "the agent did not answer within 40 s" }) });
  await page.locator("#ask").getByRole("button", { name: "Probe now" }).click();
  await page.locator("#ask [role=alert]:has-text('did not answer within 40 s')").waitFor();
  await page.locator("#ask").getByRole("button", { name: "What it remembers" }).click();
  await page.locator("#ask .notice:has-text('What this server knows of it stands above')").waitFor();
  await end();
});

test("a path's evidence is its pair", { skip }, async () => {
  const { page, end } = await show("/");
  await page.locator('[data-incident="path"] [data-evidence]').first().click();
  await page.locator("h1:has-text('eu-west ⇄ us-east')").waitFor();
  assert.equal(new URL(page.url()).pathname, "/pair/eu-west/us-east");
  await end();
});

test("the table behind a plot has what the history has, and says how much of it", { skip }, async () => {
  const { page, answers, problems, end } = await show("/pair/region-001/region-001", { told: true });
  await page.locator(".plot").first().waitFor();
  await answers!.rest(page, "/api/v1/history");
  const { points = [] } = answers!.last<PairHistory>("/api/v1/history");
  assert.ok(points.length > 100);
  const plot = page.locator(".plot").first();
  assert.equal(await plot.locator("details tbody tr").count(), 0, "the table is made before somebody looks");
  await plot.locator("summary").click();
  const table = plot.locator("details table");
  await table.locator("tbody tr").first().waitFor();
  assert.equal(await table.locator("caption").innerText(), `The last 100 of ${points.length}, the newest first`);
  const rows = await table.locator("tbody tr").evaluateAll((all) => all.map((row) => [...row.children].map((each) => each.textContent!.trim())));
  const labels = (await table.locator("thead th").allInnerTexts()).slice(1);
  assert.deepEqual(labels, ["p99", "p50", "min"]);
  assert.deepEqual(rows, points.slice(-100).reverse().map((each) => [full(each.time_unix, "local"), ...(["p99", "p50", "min"] as const).map((label) => ms(each.latency_ms![label]))]));
  assert.deepEqual(await seriousFaults(page), []);
  assert.deepEqual(problems, []);
  await end();
});

test("a calm world is told to be well", { skip }, async () => {
  const { page, end } = await show("/", { of: world({ calm: true }) });
  await page.locator(".sentence.good h1:has-text('All is well.')").waitFor();
  assert.equal(await page.locator("[data-incident]").count(), 0);
  await end();
});

test("what is lost, silent, flapping and over is listed, and how many there are", { skip }, async () => {
  const { page, problems, end } = await show("/", { of: world({ stale: 12, lost: 24, closed: 300 }) });
  const part = (id: string) => page.locator(`#${id}`);
  const lines = (id: string) => part(id).locator("[data-row]").count();
  await part("closed").waitFor();
  await part("silent").waitFor();
  // 25 agents with the one that is always lost, and 301 incidents, of which 200 are asked for.
  assert.match(await part("lost").locator("h2").innerText(), /all 25/);
  assert.match(await part("lost").locator("[data-row]").first().innerText(), /lost\s+ap-south 10\.0\.0\.3\s+last seen 6 min/);
  assert.match(await part("silent").locator("h2").innerText(), /all 12/);
  assert.match(await part("silent").locator("[data-row]").first().innerText(), /stale\s+https:\/\/silent-0\.example\//);
  assert.match(await part("flapping").locator("h2").innerText(), /200/);
  assert.match(await part("closed").locator("h2").innerText(), /in the last 24 h: 200 and more/);
  assert.deepEqual([await lines("lost"), await lines("silent"), await lines("flapping"), await lines("closed")], [20, 10, 10, 8]);
  for (const [id, text, all] of [["lost", "20 of 25 agents.", 25], ["flapping", "10 of 200 incidents.", 200], ["closed", "8 of 200 incidents.", 200]] as const) {
    assert.ok((await part(id).locator("[data-rest]").innerText()).startsWith(text), id);
    await part(id).locator("[data-rest] button").click();
    assert.equal(await lines(id), all);
  }
  await part("silent").locator("h2 a").click();
  await page.waitForURL(/\/targets\?state=never/);
  await page.locator("h1:has-text('Targets')").waitFor();
  await page.locator("tbody tr").first().waitFor();
  assert.equal(await page.locator("tbody tr").count(), 12);
  await page.goBack();
  await part("lost").locator("h2 a").click();
  await page.waitForURL(/\/agents\?state=lost/);
  await page.locator("h1:has-text('Agents')").waitFor();
  await page.locator("tbody tr").first().waitFor();
  assert.equal(await page.locator("tbody tr").count(), 25);
  assert.deepEqual(problems, []);
  await end();
});

test("numbers are those of the API", { skip }, async () => {
  const { page, base, end } = await show("/");
  await page.locator("[data-incident]").first().waitFor();
  await page.waitForTimeout(300);
  const shown = async (label: string) => page.locator(`.tile:has(small:text-is("${label}")) data`).getAttribute("value");
  const matching = async (state: string) => ((await (await fetch(`${base}/api/v1/targets?state=${state}`)).json()) as { matching: number }).matching;
  assert.equal(await shown("Checks failing"), String(await matching("failing")));
  assert.equal(await shown("Well"), String(await matching("ok")));
  assert.equal(await shown("Open incidents"), "2");
  const states = (await (await fetch(`${base}/api/v1/states`)).json()) as { matching: number; states: Record<string, number> };
  assert.equal(await shown("Checks failing"), String(states.states["failing"]));
  assert.equal(await shown("Well"), String(states.states["ok"]));
  await end();
});

test("an incident is acknowledged and muted from its card", { skip }, async () => {
  const { page, of, end } = await show("/");
  const card = page.locator('[data-incident="target"]');
  await card.getByRole("button", { name: "Acknowledge" }).click();
  await page.fill("dialog [name=by]", "ann");
  await page.fill("dialog [name=note]", "looking");
  // The card is drawn anew every second, and what was typed stays.
  await page.waitForTimeout(2200);
  await page.click("dialog .primary");
  await page.locator("dialog").waitFor({ state: "detached" });
  await card.getByRole("button", { name: "Mute" }).click();
  await page.fill("dialog [name=why]", "it moves");
  await page.click("dialog .primary");
  await page.locator("dialog").waitFor({ state: "detached" });
  assert.deepEqual(of.posted, [
    { path: "/api/v1/incidents/7/acknowledge", body: { by: "ann", note: "looking" } },
    {
      path: "/api/v1/mutes",
      body: {
        matchers: [
          { field: "kind", value: "target" },
          { field: "probe_type", value: "http" },
          { field: "target", value: "https://shop.example/" },
        ],
        for: "15m",
        by: "ann",
        why: "it moves",
      },
    },
  ]);
  await end();
});

test("a map of 200 regions has its cells in view, and all can be reached", { skip }, async () => {
  const { page, problems, end } = await show("/map", { of: world({ regions: 200 }), width: 1600 });
  const first = page.locator('[data-from="region-000"][data-to="region-001"]');
  await first.waitFor();
  assert.equal(await first.getAttribute("data-state"), "ok");
  assert.equal(await page.locator('[data-from="region-001"][data-to="region-017"]').getAttribute("data-state"), "failing");
  assert.ok((await page.locator(".matrix-row").count()) < 110);
  await page.locator(".matrix").evaluate((at) => (at.scrollTop = at.scrollHeight));
  await page.locator(".matrix").evaluate((at) => (at.scrollLeft = 300));
  const away = await page.locator(".matrix-name").last().evaluate((at) => at.getBoundingClientRect().left - at.closest(".matrix")!.getBoundingClientRect().left);
  assert.ok(Math.abs(away) < 2, `the names of rows are ${away} pixels away from the edge`);
  await page.locator(".matrix").evaluate((at) => (at.scrollLeft = 0));
  await page.locator('[data-from="region-199"][data-to="region-000"]').waitFor();
  await page.locator('[data-from="region-199"][data-to="region-000"]').click();
  await page.locator("h1:has-text('region-199 ⇄ region-000')").waitFor();
  assert.deepEqual(problems, []);
  await end();
});

test("a large map has its colours and names at once, and its cells as there is time", { skip }, async () => {
  const { page, problems, end } = await show("/map", { of: world({ regions: 200 }) });
  await page.addInitScript(() => {
    const waiting: IdleRequestCallback[] = [];
    globalThis.requestIdleCallback = (call) => waiting.push(call);
    globalThis.cancelIdleCallback = (id) => delete waiting[id - 1];
    Object.assign(globalThis, { idle: () => [...waiting].forEach((call, at) => (delete waiting[at], call?.({ didTimeout: false, timeRemaining: () => 50 }))) });
  });
  await page.reload();
  await page.locator('[data-from="region-000"][data-to="region-001"]').waitFor();
  const rows = () => page.locator(".matrix-row").evaluateAll((all) => all.map((row) => [row.firstElementChild!.textContent, row.querySelectorAll("[data-from]").length] as const));
  const before = await rows();
  assert.ok(before.length > 40 && before.at(-1)![1] === 0 && before[0]![1] > 60, JSON.stringify(before));
  // What is below the last cell of the picture: a colour, and nothing to be hit.
  const inked = await page.locator(".matrix-ink").evaluate((at) => {
    const ink = at as HTMLCanvasElement;
    const { data } = ink.getContext("2d")!.getImageData(0, ink.height - 6, ink.width, 1);
    return data.filter((value, place) => place % 4 === 3 && value === 255).length / ink.width;
  });
  assert.ok(inked > 0.8, `${inked} of the last row is drawn`);
  for (let turn = 0; turn < 10; ++turn) {
    await page.evaluate(() => (globalThis as unknown as { idle: () => void }).idle());
  }
  const after = await rows();
  assert.deepEqual(after.map((row) => row[0]), before.map((row) => row[0]));
  assert.ok(after.every((row) => row[1] === before[0]![1]), JSON.stringify(after));
  assert.deepEqual(problems, []);
  await end();
});

test("a cell that is worse is told from one that is well by its shape, too", { skip }, async () => {
  const { page, problems, end } = await show("/map?metric=rtt", { of: world({ regions: 200 }) });
  await page.locator('[data-from="region-000"][data-to="region-003"]').waitFor();
  // The map of the prepared world is 1.25 times as slow as usual to the second region, 1.5 times to the third.
  const alike = await page.evaluate(() => {
    const ink = document.querySelector<HTMLCanvasElement>(".matrix-ink")!;
    const size = parseFloat(getComputedStyle(ink.closest<HTMLElement>(".matrix")!).getPropertyValue("--cell")) * devicePixelRatio;
    const { data, width } = ink.getContext("2d")!.getImageData(0, 0, Math.ceil(3 * size), Math.ceil(size));
    const pixel = (column: number, part: number) => {
      const at = 4 * (Math.floor(part * size) * width + Math.floor((column + part) * size));
      return data.slice(at, at + 4).join();
    };
    return [1, 2].map((column) => pixel(column, 0.5) === pixel(column, 0.82));
  });
  assert.deepEqual(alike, [true, false]);
  assert.deepEqual(problems, []);
  await end();
});

// A worker has the policy of its own answer: with the policies of the program it may ask it.
test("a large map is asked for beside the page, as the program's policies let it", { skip }, async () => {
  const of = world({ regions: 200 });
  const { page, problems, end } = await show("/map", { of });
  const cell = page.locator('[data-from="region-001"][data-to="region-003"]');
  await cell.waitFor();
  assert.equal(await cell.getAttribute("data-state"), "ok");
  while (of.readers.length === 0) {
    await page.waitForTimeout(20);
  }
  of.changes = 1;
  tell(of, "agent");
  await page.locator('[data-from="region-001"][data-to="region-003"][data-state="failing"]').waitFor();
  const isMap = (name: string) => name.includes("/api/v1/matrix");
  assert.ok(of.asked.filter(isMap).length >= 2);
  const byPage = await page.evaluate(() => performance.getEntriesByType("resource").map((each) => each.name));
  assert.equal(byPage.filter(isMap).length, 1, "the page asks until an answer has been large");
  assert.deepEqual(problems, []);
  await end();
});

test("the slider shows the map as it was, and the address keeps it", { skip }, async () => {
  const { page, base, of, problems, end } = await show("/map?past=1h", { of: world({ regions: 4 }) });
  const cell = (state: string) => page.locator(`[data-from="region-001"][data-to="region-002"][data-state="${state}"]`);
  await cell("ok").waitFor();
  assert.equal(of.asked.filter((each) => each.includes("at=")).length, 0);
  await page.locator('input[type="range"]').focus();
  await page.keyboard.press("ArrowLeft");
  await page.waitForURL(/at=\d+/);
  await cell("failing").waitFor();
  const at = new URL(page.url()).searchParams.get("at");
  const past = (await (await fetch(`${base}/api/v1/matrix?metric=state&at=${at}`)).json()) as { values: (string | null)[][]; failed: (number | null)[][] };
  assert.equal(past.values[1]![2], "failing");
  const spoken = await cell("failing").getAttribute("aria-label");
  assert.equal(spoken, `region-001 to region-002: down, ${past.failed[1]![2]} failing`);
  await page.keyboard.press("Home");
  await cell("ok").waitFor();
  // One question for each moment that was rested on, whatever the number of pairs.
  assert.ok(of.asked.filter((each) => each.includes("at=")).length <= 4);
  await page.reload();
  await cell("ok").waitFor();
  assert.ok(Number(new URL(page.url()).searchParams.get("at")) < Number(at));
  await page.keyboard.press("Escape");
  assert.deepEqual(problems, []);
  await end();
});

test("a moment that the history has nothing of is said to be one", { skip }, async () => {
  const { page, end } = await show("/map?past=24h&at=1", { of: world({ regions: 4 }) });
  await page.locator('.notice:has-text("The history has nothing of that time")').waitFor();
  assert.equal(await page.locator("[data-at]").getAttribute("data-at"), "1");
  await page.goto(page.url().replace(/at=\d+/, `at=${Math.floor(Date.now() / 1000)}`));
  await page.locator('[data-from="region-001"][data-to="region-003"][data-state="ok"]').waitFor();
  assert.equal(await page.locator(".notice").count(), 0);
  await end();
});

test("an address shows the moment that it names, whatever the slider has", { skip }, async () => {
  const { page, base, end } = await show("/map", { of: world({ regions: 4 }) });
  const old = Math.floor(Date.now() / 1000) - 5 * 3600 - 7;
  const range = page.locator('select:has(option:text-is("the last hour"))');
  for (const [asked, chosen, beyond] of [["past=1h&", "1h", true], ["past=24h&", "24h", false], ["", "6h", false]] as const) {
    await page.goto(`${base}/map?${asked}at=${old}`);
    const told = page.locator(`[data-at="${old}"]`);
    await told.waitFor();
    assert.equal((await told.innerText()).includes("That is before the last hour, which the slider has."), beyond, asked);
    assert.equal(await range.inputValue(), chosen);
    const spoken = await page.locator('input[type="range"]').getAttribute("aria-valuetext");
    assert.equal(spoken, await page.locator(".moment").innerText());
    assert.equal(new Date(spoken!.replace(" ", "T")).getTime() / 1000, old);
  }
  await end();
});

for (const path of ["/target/ffffffffffffffff", "/incident/9999"]) {
  test(`${path} is not there, and the program is well`, { skip }, async () => {
    const { page, end } = await show(path);
    await page.locator(`.notice:has-text("there is no /api/v1")`).waitFor();
    await page.locator('.fresh:not(.broken):text-is("live")').waitFor();
    await end();
  });
}

test("the map of one region is its pairs in both directions, and so are its numbers", { skip }, async () => {
  const { page, problems, end } = await show("/map?q=region-005", { of: world({ regions: 6 }) });
  const cell = (from: number, to: number) => page.locator(`[data-from="region-00${from}"][data-to="region-00${to}"]`);
  await cell(5, 1).waitFor();
  assert.match(await page.locator("h1").innerText(), /the pairs of 1 of 6 regions/);
  assert.deepEqual(await page.locator(".matrix-name").allInnerTexts(), ["region-005", "region-000", "region-001", "region-002", "region-003", "region-004"]);
  assert.deepEqual(await Promise.all([cell(5, 1), cell(1, 5), cell(2, 5), cell(1, 3)].map((each) => each.getAttribute("data-state"))), ["ok", "ok", "failing", "none"]);
  assert.match((await cell(1, 3).getAttribute("aria-label")) ?? "", /left out by the filter/);
  const number = (level: string) => page.locator(`.legend li:has(.swatch.${level}) data`).getAttribute("value");
  assert.deepEqual([await number("ok"), await number("down")], ["9", "1"]);
  assert.deepEqual(await page.locator(".behind tbody tr").evaluateAll((all) => all.map((row) => [row.children[0]!.textContent, row.children[1]!.textContent])), [["region-002", "region-005"]]);
  await page.fill("[data-filter]", "region-001");
  await page.waitForFunction(() => document.querySelector(".legend li:has(.swatch.ok) data")?.getAttribute("value") === "10");
  assert.equal(await number("down"), "0");
  assert.equal(await page.locator(".behind tbody tr").count(), 0);
  assert.equal(await cell(2, 5).getAttribute("data-state"), "none");
  assert.deepEqual(problems, []);
  await end();
});

test("regions are grouped by a label", { skip }, async () => {
  const { page, base, problems, end } = await show("/map", { of: world({ regions: 6 }) });
  await page.selectOption('select:has(option:text-is("by continent"))', "continent");
  await page.waitForURL(/group=continent/);
  await page.locator('.matrix-row[data-group="europe"]').first().waitFor();
  const rows = await page.locator(".matrix-row").evaluateAll((all) => all.map((row) => [row.getAttribute("data-group"), row.firstElementChild!.textContent]));
  assert.deepEqual(rows, [["asia", "region-001"], ["asia", "region-003"], ["asia", "region-005"], ["europe", "region-002"], ["europe", "region-004"], ["no continent", "region-000"]]);
  const named = await page.locator(".matrix-name[data-begins]").evaluateAll((all) => all.map((each) => [each.textContent, getComputedStyle(each, "::before").content.replaceAll('"', "")]));
  assert.deepEqual(named, [["region-001", "asia"], ["region-002", "europe"], ["region-000", "no continent"]]);
  const { regions } = (await (await fetch(`${base}/api/v1/regions`)).json()) as { regions: { region: string; labels: Record<string, string> }[] };
  for (const [group, name] of rows) {
    assert.equal(group, regions.find((each) => each.region === name)?.labels["continent"] ?? "no continent");
  }
  assert.deepEqual(problems, []);
  await end();
});

test("agents show what waits in them, as the API has it", { skip }, async () => {
  const { page, base, problems, end } = await show("/agents");
  await page.locator("tbody tr").first().waitFor();
  const { agents } = (await (await fetch(`${base}/api/v1/agents`)).json()) as { agents: { region: string; backlog: { batches: number; bytes: number } | null; lag_ms: number | null; shard: { place: number; of: number } | null; link: string | null }[] };
  for (const agent of agents) {
    const row = page.locator(`tbody tr:has(th:has-text("${agent.region}"))`);
    const numbers = (column: string) => row.locator(`[data-column="${column}"] data`).evaluateAll((all) => all.map((each) => each.getAttribute("value")));
    const { backlog } = agent;
    assert.deepEqual(await numbers("backlog"), !backlog ? [] : backlog.batches === 0 ? ["0"] : [String(backlog.batches), String(backlog.bytes)]);
    assert.deepEqual(await numbers("lag"), agent.lag_ms === null ? [] : [String(agent.lag_ms)]);
    assert.equal(await row.locator('[data-column="shard"]').innerText(), agent.shard ? `${agent.shard.place} of ${agent.shard.of}` : "–");
    assert.deepEqual(await row.locator("td > a[href^=http]").evaluateAll((all) => all.map((each) => each.getAttribute("href"))), agent.link ? [agent.link] : []);
  }
  assert.deepEqual(problems, []);
  await end();
});

test("the public status asks for itself alone", { skip }, async () => {
  const { page, base, of, problems, end } = await show("/status");
  const shop = page.locator('[data-group="Shop"]');
  await shop.waitFor();
  const told = (await (await fetch(`${base}/api/v1/status`)).json()) as { title: string; groups: { name: string; state: string; words: string; checks: { failing: number; of: number }; incidents: { sentence: string }[]; days: { seconds: number[]; known_seconds: number[]; from_unix: number } }[] };
  assert.equal(await page.locator("main h1").innerText(), told.title);
  for (const group of told.groups) {
    const card = page.locator(`[data-group="${group.name}"]`);
    assert.equal(await card.getAttribute("data-state"), group.state);
    assert.match(await card.innerText(), new RegExp(group.words));
    const { failing, of: all } = group.checks;
    assert.deepEqual(await card.locator("data").evaluateAll((each) => each.map((one) => one.getAttribute("value"))), failing > 0 ? [String(failing), String(all)] : [String(all)]);
    assert.equal(await card.locator("[data-open-incident]").count(), group.incidents.length);
    assert.equal(await card.locator(".days li").count(), group.days.seconds.length);
    assert.equal(await card.locator(".days li.some").count(), group.days.seconds.filter((each) => each > 0).length);
    assert.equal(await card.locator(".days li.none").count(), group.days.known_seconds.filter((each) => each === 0).length);
    // Days differ by height, and are read aloud.
    const heights = await card.locator(".days").evaluate((days) => [":not([class]), [class='']", ".some", ".none"].map((kind) => days.querySelector(`li:is(${kind})`)?.getBoundingClientRect().height ?? -1).filter((each) => each >= 0));
    assert.equal(new Set(heights).size, heights.length);
    assert.ok(heights.length > 1);
    assert.deepEqual(await card.locator(".days li").evaluateAll((all) => all.map((each) => each.textContent)), group.days.seconds.map((_, at) => dayText(group.days, at)));
  }
  assert.match(await page.locator('[data-group="Europe"]').innerText(), /100 % of 3 days without trouble that is known here, no data of 87 days/);
  assert.match(await shop.innerText(), /Not reached from 2 of 3 places: refused\. Since (?:\d{4}-\d\d-\d\d )?\d\d:\d\d, somebody looks after it/);
  assert.deepEqual([...new Set(of.asked.filter((each) => each.includes("/api/") || each.includes("/stats")))], ["GET /api/v1/status"]);
  assert.equal(await page.locator("header a").count(), 0);
  assert.deepEqual(problems, []);
  await end();
});

test("groups of an address stay while the zone and the theme are changed", { skip }, async () => {
  const { page, base, problems, end } = await show("/status?group=Shop:region=r-web&group=West:source_region=eu-west");
  const names = () => page.locator("[data-group]").evaluateAll((all) => all.map((each) => each.getAttribute("data-group")));
  await page.locator('[data-group="West"]').waitFor();
  assert.deepEqual(await names(), ["Shop", "West"]);
  await page.getByTitle("The zone of all times").click();
  await page.waitForURL(/tz=utc/);
  await page.getByTitle("Light, dark, or as the system").click();
  assert.deepEqual(await names(), ["Shop", "West"]);
  assert.deepEqual(new URL(page.url()).searchParams.getAll("group"), ["Shop:region=r-web", "West:source_region=eu-west"]);
  await page.reload();
  await page.locator('[data-group="West"]').waitFor();
  assert.deepEqual(await names(), ["Shop", "West"]);
  assert.ok(page.url().startsWith(base));
  assert.deepEqual(problems, []);
  await end();
});

for (const [path, event, typed] of [["/agents", "agent", "10.0.0"], ["/certificates", "states", "shop example"], ["/map", "states", "region-00"], ["/targets", "states", "docs"]] as const) {
  const follows = path !== "/certificates"; // which reads its list now and then, whatever comes
  test(`what is typed into the filter of ${path} stays while events come`, { skip }, async () => {
    const { page, of, problems, end } = await show(path);
    const field = page.locator("[data-filter]");
    await field.waitFor();
    await field.focus();
    for (const character of typed) {
      await page.keyboard.type(character);
      const before = of.asked.length;
      tell(of, event);
      tell(of, "incident");
      if (character === typed.at(-1)) {
        // The page has asked anew by then, and shows what it was answered.
        for (let turn = 0; follows && turn < 300 && of.asked.length === before; ++turn) {
          await page.waitForTimeout(50);
        }
        await page.waitForTimeout(200);
        assert.ok(!follows || of.asked.length > before, "nothing was asked anew");
      }
    }
    assert.equal(await field.inputValue(), typed);
    assert.ok(await field.evaluate((each) => each === document.activeElement));
    assert.equal(await field.evaluate((each) => (each as HTMLInputElement).selectionStart), typed.length);
    assert.deepEqual(problems, []);
    await end();
  });
}

test("everything goes by keys", { skip }, async () => {
  const { page, end } = await show("/targets");
  await page.locator("tbody tr").first().waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("docs");
  await page.waitForURL(/q=docs/);
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 2);
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.locator("h1:has-text('https://docs.example/')").waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("m");
  await page.locator('[role="grid"]').waitFor();
  await page.locator('[role="gridcell"][tabindex="0"]').focus();
  await page.keyboard.press("ArrowDown");
  await page.waitForFunction(() => document.activeElement?.getAttribute("data-from") === "region-001");
  await page.keyboard.press("Enter");
  await page.locator("h1:has-text('region-001')").waitFor();
  await page.keyboard.press("?");
  await page.locator("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("dialog").waitFor({ state: "detached" });
  await end();
});

test("a letter goes to a page after g alone, also when the page has just come", { skip }, async () => {
  const { page, end } = await show("/agents");
  await page.locator("tbody tr").first().waitFor();
  const press = (key: string, timeStamp: number) => page.evaluate(([name, at]) => document.body.dispatchEvent(Object.defineProperty(new KeyboardEvent("keydown", { key: name, bubbles: true }), "timeStamp", { value: at })), [key, timeStamp] as const);
  await press("t", 300);
  assert.equal(new URL(page.url()).pathname, "/agents");
  await press("g", 400);
  await press("t", 2000); // too late
  assert.equal(new URL(page.url()).pathname, "/agents");
  await press("g", 2100);
  await press("t", 2200);
  await page.waitForURL(/\/targets$/);
  await end();
});

test("a refresh keeps focus, selection and scroll", { skip }, async () => {
  const { page, end } = await show("/system");
  await page.locator('[data-actor="store"] button').focus();
  await page.evaluate(() => scrollTo(0, 120));
  const selected = await page.evaluate(() => {
    getSelection()!.selectAllChildren(document.querySelector("main .card th")!);
    return getSelection()!.toString();
  });
  assert.notEqual(selected, "");
  const before = await page.locator('[data-actor="store"] td:nth-child(7) data').getAttribute("value");
  await page.waitForFunction((old) => document.querySelector('[data-actor="store"] td:nth-child(7) data')?.getAttribute("value") !== old, before);
  assert.equal(await page.evaluate(() => document.activeElement?.closest("[data-actor]")?.getAttribute("data-actor")), "store");
  assert.equal(await page.evaluate(() => Math.round(scrollY)), 120);
  assert.equal(await page.evaluate(() => getSelection()!.toString()), selected);
  await end();
});

test("what has the focus keeps it when its row goes elsewhere", { skip }, async () => {
  const { page, of, end } = await show("/", { of: world({ incidents: 6, regions: 9 }) });
  const group = page.locator("#incidents-path");
  const first = async () => Number(await group.locator("[data-incident]").first().getAttribute("data-id"));
  await group.locator("[data-incident]").first().waitFor();
  const last = Number(await group.locator("[data-incident]").last().getAttribute("data-id"));
  for (const [holder, gravest] of [[await first(), last], [last, await first()], [last, last]] as const) {
    const button = group.locator(`[data-id="${holder}"]`).getByRole("button", { name: "Mute" });
    await button.focus();
    of.gravest = gravest;
    tell(of, "incident");
    await page.waitForFunction((id) => document.querySelector("#incidents-path [data-incident]")?.getAttribute("data-id") === String(id), gravest);
    assert.ok(await button.evaluate((each) => each === document.activeElement), `${holder} has lost it`);
  }
  await end();
});

test("who goes back stands on the row that was opened", { skip }, async () => {
  const { page, end } = await show("/targets");
  await page.locator("tbody tr").nth(3).waitFor();
  for (const key of ["j", "j", "j", "k"]) {
    await page.keyboard.press(key);
  }
  const at = () => page.evaluate(() => [...document.querySelectorAll("[data-row]")].findIndex((row) => row.contains(document.activeElement)));
  assert.equal(await at(), 1);
  await page.keyboard.press("Enter");
  await page.locator("#sources a").first().waitFor();
  // Who listens is told of the new page, and the next row is its first.
  assert.equal(await page.evaluate(() => document.activeElement?.id), "main");
  await page.keyboard.press("j");
  assert.equal(await at(), 0);
  await page.keyboard.press("Backspace");
  await page.waitForFunction(() => location.pathname === "/targets" && document.activeElement?.closest("[data-row]") !== null);
  assert.equal(await at(), 1);
  await end();
});

test("the number of open incidents leads to them", { skip }, async () => {
  const { page, end } = await show("/", { of: world({ allKinds: true }), width: 360 });
  await page.locator("[data-incident]").first().waitFor();
  assert.equal(await page.evaluate(() => scrollY), 0);
  await page.locator('.tile:has(small:text-is("Open incidents"))').click();
  await page.waitForFunction(() => scrollY > 0);
  assert.equal(new URL(page.url()).hash, "#incidents");
  assert.ok((await page.locator("[data-incident]").count()) > 0);
  await end();
});

test("a server that goes away is said to, and shown again when it is back", { skip }, async () => {
  const { page, base, of, end, stop, start } = await show("/");
  await page.locator("[data-incident]").first().waitFor();
  await page.locator('.fresh:text-is("live")').waitFor();
  await stop();
  await page.locator(".fresh.broken:has-text('last answer')").waitFor();
  await page.locator(".notice.warning:has-text('cannot be read now: the program does not answer')").first().waitFor();
  assert.ok((await page.locator("[data-incident]").count()) > 0, "what was known is gone");
  const asked = of.asked.length;
  await start();
  await page.locator('.fresh:not(.broken):text-is("live")').waitFor();
  await page.waitForFunction(() => document.querySelector(".notice.warning") === null);
  assert.ok(of.asked.length > asked && page.url().startsWith(base));
  await end();
});

for (const role of ["server", "agent"] as const) {
  test(`of a ${role} that is gone nothing is told to be well`, { skip }, async () => {
    const { page, end, stop, start } = await show("/", { role, of: world({ calm: true }), clock: true });
    const said = await page.locator(".sentence h1").innerText();
    assert.equal(said, role === "server" ? "All is well." : "One target fails: https://shop.example/.");
    await stop();
    // It is asked again sooner or later, and after each of these seconds once more.
    for (let second = 0; second < 120 && !(await page.locator(".sentence h1").innerText()).startsWith("Nothing"); ++second) {
      await page.clock.runFor(1000);
    }
    await page.locator(".sentence.warning").waitFor();
    assert.match(await page.locator(".sentence h1").innerText(), /^Nothing is known since (?:\d{4}-\d\d-\d\d )?\d\d:\d\d\.$/);
    assert.ok((await page.locator(".sentence p").innerText()).startsWith(`What was said last: ${said}`));
    await start();
    for (let second = 0; second < 120 && (await page.locator(".sentence h1").innerText()) !== said; ++second) {
      await page.clock.runFor(1000);
    }
    await page.locator(`.sentence h1:text-is("${said}")`).waitFor();
    await end();
  });
}

for (const path of ["/certificates", `/map?past=24h&at=${Math.floor(Date.now() / 1000) - 7200}`]) {
  test(`what ${path} asks seldom is not missed before an answer is due`, { skip }, async () => {
    const { page, problems, end } = await show(path, { of: world({ regions: 4 }), clock: true });
    await page.locator("main :is(tbody tr, [data-from])").first().waitFor();
    for (let second = 0; second < 44; ++second) {
      await page.clock.runFor(1000);
      assert.equal(await page.locator(".fresh.broken").count(), 0, `after ${second + 1} s`);
    }
    assert.deepEqual(problems, []);
    await end();
  });
}

// A browser makes six connections to a program: with a stream of its own each the seventh tab would wait for ever.
for (const host of ["127.0.0.1", elsewhere]) {
  test(`eight tabs of ${host} follow one stream, as long as one of them is there`, { skip }, async () => {
    const of = world({ incidents: 6, regions: 9 });
    const { page, base, problems, end } = await show("/", { of, host });
    assert.equal(await page.evaluate(() => isSecureContext), host === "127.0.0.1");
    const tabs = [page];
    while (tabs.length < 8) {
      const tab = await page.context().newPage();
      tab.on("pageerror", (error) => problems.push(error.message));
      await tab.goto(`${base}/`);
      tabs.push(tab);
    }
    const live = (tab: Page) => tab.locator('.fresh:text-is("live")').waitFor();
    await Promise.all(tabs.map(live));
    assert.deepEqual(await Promise.all(tabs.map((tab) => tab.evaluate(() => document.hidden))), tabs.map(() => false));
    assert.equal(openReaders(of), 1);
    const follow = async (gravest: number) => {
      of.gravest = gravest;
      // Without an event it is asked for once a minute.
      const closed = () => of.asked.filter((each) => each.includes("state=closed")).length;
      const before = closed();
      tell(of, "incident");
      for (let turn = 0; turn < 600 && closed() < before + tabs.length; ++turn) {
        await new Promise((done) => setTimeout(done, 50));
      }
      assert.ok(closed() >= before + tabs.length, "not all have heard of it");
      await Promise.all(tabs.map((tab) => tab.waitForFunction((id) => document.querySelector("#incidents-path [data-incident]")?.getAttribute("data-id") === String(id), gravest, { polling: 100 })));
    };
    await follow(103);
    // Those that opened it are gone, and the others go on.
    for (const tab of tabs.splice(0, 6)) {
      await tab.close();
    }
    await follow(104);
    assert.equal(openReaders(of), 1);
    assert.equal(of.readers.length, 1, "the stream was begun anew");
    assert.deepEqual(problems, []);
    await tabs[0]!.goto("about:blank");
    await tabs[1]!.close();
    for (let turn = 0; turn < 300 && openReaders(of) > 0; ++turn) {
      await tabs[0]!.waitForTimeout(50);
    }
    assert.equal(openReaders(of), 0, "nobody looks, and the stream is still there");
    await end();
  });
}

test("a browser without shared workers has a stream for each tab that is seen", { skip }, async () => {
  const of = world();
  const { page, base, end } = await show("/status", { of });
  assert.equal(of.readers.length, 0);
  await page.addInitScript(() => {
    Object.defineProperty(globalThis, "SharedWorker", { value: undefined });
  });
  await page.goto(`${base}/`);
  await page.locator('.fresh:text-is("live")').waitFor();
  assert.equal(openReaders(of), 1);
  const hide = (hidden: boolean) =>
    page.evaluate((value) => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => value });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  await hide(true);
  for (let turn = 0; turn < 300 && openReaders(of) > 0; ++turn) {
    await page.waitForTimeout(50);
  }
  assert.equal(openReaders(of), 0);
  await hide(false);
  await page.locator('.fresh:text-is("live")').waitFor();
  assert.equal(openReaders(of), 1);
  await end();
});

test("a tab that is opened out of sight follows nothing", { skip }, async () => {
  const of = world();
  const { page, base, end } = await show("/status", { of });
  await page.addInitScript(() => {
    Object.defineProperty(document, "hidden", { get: () => true });
  });
  await page.goto(`${base}/`);
  await page.waitForTimeout(1500);
  assert.equal(of.readers.length, 0);
  await end();
});

test("a new server says what is to be done next", { skip }, async () => {
  const { page, problems, end } = await show("/", { of: world({ empty: true }) });
  await page.locator('h1:has-text("No agent has come yet.")').waitFor();
  const told = `xprober agent --config /etc/xprober/agent.yaml --set region=REGION --set rpc_server_addr=127.0.0.1:6001`;
  assert.deepEqual(await page.locator("[data-first=agent] .command code").allInnerTexts(), [told]);
  assert.equal(await page.locator(".tile").count(), 0); // of nothing there are no numbers
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Agents" }).click();
  await page.locator("h1:has-text('Agents')").waitFor();
  await page.locator("[data-first=agent]").waitFor();
  for (const [name, text] of [["Targets", "There are no results yet"], ["Certificates", "No target has shown a certificate yet"], ["Map", "No results between regions yet"]] as const) {
    await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name }).click();
    await page.locator(`.notice:has-text("${text}")`).waitFor();
  }
  assert.deepEqual(problems, []);
  await end();
});

test("a server without targets says where they are named", { skip }, async () => {
  const { page, end } = await show("/", { of: world({ calm: true, bare: true }) });
  await page.locator("[data-first=targets] pre:has-text('prober_targets:')").waitFor();
  assert.equal(await page.locator("[data-first=agent]").count(), 0);
  await end();
});

test("nothing moves for who wants less of that", { skip }, async () => {
  const { page, end } = await show("/system");
  await page.locator(".edge.flows").first().waitFor();
  const moving = () => page.evaluate(() => document.getAnimations().length);
  assert.equal(await moving(), 0);
  await page.emulateMedia({ reducedMotion: "no-preference" });
  await page.waitForFunction(() => document.getAnimations().length > 0);
  await end();
});

test("the graph of the actors shows what flows, and a table has the same", { skip }, async () => {
  const { page, problems, end } = await show("/system", { role: "agent" });
  const edge = page.locator('[data-edge="target results"]');
  await edge.locator("text").waitFor();
  await page.locator("details.flows summary").click();
  const row = page.locator('[data-flow="target results"]');
  assert.match(await row.innerText(), /results\s+results/);
  assert.ok(Number(await row.locator("data").first().getAttribute("value")) > 0);
  assert.equal(await page.locator('[data-edge="pusher results"] > path').getAttribute("marker-start"), "url(#answer)");
  assert.equal(await page.locator('[data-flow="ticker ticker"]').count(), 1);
  assert.deepEqual(await page.locator("[data-engine]").evaluateAll((all) => all.map((each) => each.getAttribute("data-engine"))), ["icmp", "http"]);
  await page.locator('[data-node="results"]').click();
  await page.waitForURL(/actor=results/);
  assert.equal(await page.locator('[data-edge="ticker target"]').getAttribute("class"), "edge flows away");
  assert.deepEqual(problems, []);
  await end();
});

test("pause asks nothing, but for what was never shown", { skip }, async () => {
  const { page, of, end } = await show("/system", { clock: true });
  await page.locator("[data-actor]").first().waitFor();
  await page.locator('.fresh:text-is("live")').waitFor();
  await page.keyboard.press("p");
  await page.locator(".fresh.paused").waitFor();
  await page.clock.runFor(1000);
  const asked = of.asked.length;
  await page.clock.runFor(120_000);
  tell(of, "states");
  assert.equal(of.asked.length, asked);
  for (let turn = 0; turn < 300 && openReaders(of) > 0; ++turn) {
    await page.waitForTimeout(50);
  }
  assert.equal(openReaders(of), 0, "the stream is still there");
  // A page that was not there yet has its rows, and then stays as it is.
  await page.keyboard.press("g");
  await page.keyboard.press("t");
  await page.locator("tbody tr").first().waitFor();
  assert.equal(await page.locator(".loading").count(), 0);
  const list = () => of.asked.filter((each) => each.includes("/api/v1/targets")).length;
  assert.equal(list(), 1);
  await page.clock.runFor(120_000);
  assert.equal(list(), 1);
  await page.locator(".fresh.paused:not(.broken)").waitFor();
  await end();
});

test("all that is loaded has less than 200 KB", { skip }, () => {
  const packed = readdirSync(dist).filter((name) => name.endsWith(".gz"));
  const size = packed.reduce((sum, name) => sum + readFileSync(join(dist, name)).length, 0);
  assert.ok(size > 0 && size < 200 * 1024, `${size} bytes`);
});
