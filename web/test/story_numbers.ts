// The numbers of the pages of one thing, a pair, a target, an incident, and of an agent's pages, against what they
// were told, as numbers.ts has it.

import assert from "node:assert/strict";

import type { Page } from "playwright-core";

import { failuresOf } from "../src/lib/evidence.ts";
import { count, duration, ms, percent, plural, words } from "../src/lib/format.ts";
import type { AgentStory, AgentTargetList, Incident, TargetList, TargetStory } from "../src/types.ts";
import { age, check, checkRows, number, shownOn, type Answers, type Wanted } from "./numbers.ts";

/** What a list of facts has, by name. */
async function factsOf(page: Page): Promise<Map<string, string>> {
  const all = await page.locator("main dl.facts > div").evaluateAll((each) => each.map((one) => [one.querySelector("dt")!.textContent!, one.querySelector("dd")!.textContent!.replace(/\s+/g, " ").trim()] as const));
  return new Map(all);
}

/** The rows of both directions of a pair, each in its own half; of a region with itself there is one. */
export async function checkPair(page: Page, answers: Answers): Promise<void> {
  const [, , from, to] = new URL(page.url()).pathname.split("/") as [string, string, string, string];
  const directions = from === to ? [[from, to]] : [[from, to], [to, from]];
  await page.waitForFunction((all) => document.querySelectorAll(".halves table.stack").length === all, directions.length);
  await answers.rest(page, "/api/v1/targets", directions.length);
  const shown = await shownOn(page);
  const halves = await page.locator(".halves h2").evaluateAll((all) => all.map((each) => each.firstChild!.textContent));
  assert.deepEqual(halves, directions.map(([source, target]) => `${source} → ${target}`));
  for (const [source, target] of directions) {
    const told = answers.to<TargetList>("/api/v1/targets").filter((each) => each.targets[0]?.source_region === source).at(-1);
    assert.ok(told && told.targets.every((row) => row.region === target), `${source} to ${target}`);
    checkRows(shown, `targets from ${source} to ${target}`, told.targets.map((row): Wanted[] => [
      { text: words(row.state) },
      { text: row.target },
      { text: row.agent },
      number(row.time_ms, ms),
      number(row.loss_percent, percent),
      { text: [row.reason, row.detail].filter(Boolean).join(" ") },
      age(row.since_unix),
    ]));
    assert.ok(shown.others.includes(`${source} → ${target}${plural(told.matching, "target")}`), shown.others.join("; "));
  }
}

/** The sources of a target, their last results and failures. */
export async function checkTarget(page: Page, answers: Answers): Promise<void> {
  await page.locator("#sources tbody tr").first().waitFor();
  await answers.rest(page, "/api/v1/target/");
  const told = answers.last<TargetStory>("/api/v1/target/");
  const shown = await shownOn(page);
  const rows = shown.tables["sources"]!.rows;
  assert.equal(rows.length, told.sources.length);
  told.sources.forEach((row, at) => {
    const wanted: Wanted[] = [{ text: words(row.state) }, { text: row.source_region }, { text: row.agent }, { text: "" }, { text: String(row.streak) }, age(row.since_unix), age(row.failed_unix)];
    wanted.forEach((each, column) => column === 3 || check(rows[at]![column]!, each, shown.now, `source ${at + 1}, column ${column + 1}`));
  });
  const failing = told.sources.filter((row) => row.state === "failing").length;
  const sentence = await page.locator(".sentence p").innerText();
  assert.ok(sentence.startsWith(failing > 0 ? `Fails from ${failing} of ${plural(told.sources.length, "source")}` : `${told.sources.length} of ${plural(told.sources.length, "source")}`), sentence);
  const results = await page.locator("#results ol").evaluateAll((all) => all.map((each) => each.children.length));
  assert.deepEqual(results, told.sources.map((row) => (row.results ?? []).length).filter((each) => each > 0));
  const failures = failuresOf(told.sources);
  assert.deepEqual((shown.tables["last failures"]?.rows ?? []).map((row) => row[2]!.text), failures.map((run) => String(run.results)));
}

/** How many an incident affects, for how long, and what happened. */
export async function checkIncident(page: Page, answers: Answers): Promise<void> {
  await page.locator("[data-evidence]").first().waitFor();
  await answers.rest(page, "/api/v1/incidents/");
  const told = answers.last<Incident>("/api/v1/incidents/");
  const { now } = await shownOn(page);
  const facts = await factsOf(page);
  for (const [name, side, what] of [["Sources", told.sources, "source"], ["Targets", told.targets, "target"]] as const) {
    assert.equal(facts.get(name), `${count(side.affected)} of ${plural(side.of, what)}: ${side.names.join(", ")}`);
  }
  const sentence = await page.locator(".sentence p").innerText();
  // It is told anew every ten seconds.
  const said = [0, 10].map((late) => `For ${duration(now - late - told.opened_unix)}, since `);
  assert.ok(said.some((each) => sentence.startsWith(each)), `${sentence} begins with none of ${said.join("; ")}`);
  const events = await page.locator(".timeline li .dim").allInnerTexts();
  assert.deepEqual(events, (told.timeline ?? []).map((entry) => `(${plural(entry.sources, "source")}, ${plural(entry.targets, "target")})`));
}

/** The tiles and rows of an agent's first page. */
export async function checkAgentNow(page: Page, answers: Answers): Promise<void> {
  await page.locator("tbody tr").first().waitFor();
  await answers.rest(page, "/targets?limit=500");
  const failing = answers.last<AgentTargetList>("/targets?limit=200");
  const all = answers.last<AgentTargetList>("/targets?limit=500");
  const shown = await shownOn(page);
  for (const name of ["failing", "prober_fault", "waiting", "ok"] as const) {
    assert.deepEqual(shown.tiles[words(name)]!.values.map(Number), [failing[name]], name);
  }
  const listed = [...failing.targets, ...all.targets.filter((one) => one.state !== "failing")];
  const rows = shown.tables["targets"]!.rows;
  assert.deepEqual(rows.map((row) => [row[1]!.text, row[4]!.values.map(Number), row[7]!.times.map((time) => time.unix), row[8]!.times.map((time) => time.unix)]), listed.map((one) => [one.target, [one.last!.time_ms ?? one.last!.duration_ms], [one.since_unix], [one.last!.time_unix]]));
  assert.equal(await page.locator("#targets h2 small").innerText(), `${count(rows.length)} of ${count(failing.total)}`);
}

/** What an agent knows of a target. */
export async function checkAgentTarget(page: Page, answers: Answers): Promise<void> {
  await page.locator("#counters").waitFor();
  await answers.rest(page, "/targets/");
  const told = answers.last<AgentStory>("/targets/");
  const since = await page.locator("[data-since] time").evaluateAll((all) => all.map((each) => Date.parse(each.getAttribute("datetime")!) / 1000));
  assert.deepEqual(since, [told.since_unix, told.since_unix]);
  const shown = await shownOn(page);
  const facts = await factsOf(page);
  assert.equal(facts.get("Took"), ms(told.last!.duration_ms));
  assert.equal(facts.get("Began late by"), ms(told.last!.start_lag_ms));
  for (const [name, value] of Object.entries(told.counters)) {
    assert.equal(facts.get(words(name)), count(value as number), name);
  }
  for (const [table, results] of [["last results", told.results], ["last failures", told.failures]] as const) {
    assert.deepEqual(shown.tables[table]!.rows.map((row) => row[2]!.text), results.map((one) => ms(one.duration_ms)), table);
  }
}
