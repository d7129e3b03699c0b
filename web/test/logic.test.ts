import assert from "node:assert/strict";
import { test } from "node:test";

import { edgeWidth, graphOf, placeLabel } from "../src/lib/actor_graph.ts";
import { agentPage } from "../src/lib/agent_page.ts";
import { Api, ApiError, backOff } from "../src/lib/api.ts";
import { problemsOf, sidesOf, toneOf } from "../src/lib/certificates.ts";
import { commandFor, commandLacks, joinCommands, shellWord } from "../src/lib/command.ts";
import { chainOf, choices, datesProblem, failuresOf, lanesOf, redirectsOf, resultKeys, worstFirst } from "../src/lib/evidence.ts";
import type { EventName, StreamState } from "../src/lib/events.ts";
import { groupQuery, groupsOf, readGroup } from "../src/lib/groups.ts";
import { agentAilments, serverAilments } from "../src/lib/health.ts";
import { affects, blame, byClosing, byWeight, evidenceLinks, muteMatchers, sentenceOf, stripOf, type Overview } from "../src/lib/incidents.ts";
import { gridOf } from "../src/lib/grid.ts";
import { gridReader } from "../src/lib/readers.ts";
import { badOnes, cellOf, fitsOf, isShown, orderOf, sameCells, tally, worstCells, type Metric } from "../src/lib/matrix.ts";
import { colorsOf, inOrder } from "../src/lib/phases.ts";
import { ListChanges, ListTaker } from "../src/lib/list_changes.ts";
import { Live } from "../src/lib/live.ts";
import { orOutdated } from "../src/lib/outdated.ts";
import { momentsOf, pastRanges, placeOf, rangeWith } from "../src/lib/past.ts";
import { Samples, ranked, valueAt } from "../src/lib/rates.ts";
import { byGroup, groupOf, labelNames, labelsOf } from "../src/lib/region_groups.ts";
import { SharedStream, type Connect } from "../src/lib/shared_stream.ts";
import { StreamDesk, type Said, type Stream } from "../src/lib/stream_desk.ts";
import { dashName, dashOf, knownSpans, stacked, tableText, timesOf, troubledFirst, troubles } from "../src/lib/series.ts";
import { dayText, daysText, goodPercent, toneOfDay } from "../src/lib/status.ts";
import { headlineOf, titleOf } from "../src/lib/title.ts";
import { address, changed, join, parsePlace, query, readFilter, split, targetsQuery, withLasting, writeFilter } from "../src/lib/url.ts";
import type { Agent, Certificate, Matrix, PastMatrix, Point, ProbeAnswer, SourceRow, Stats } from "../src/types.ts";
import { incident } from "./world.ts";

// -- addresses --------------------------------------------------------------------------------------

test("an address is read and written again", () => {
  const place = parsePlace("/pair/a%2Fb/c/", "?range=6h&tz=utc");
  assert.deepEqual(place, { path: "/pair/a%2Fb/c", query: { range: "6h", tz: "utc" }, lists: {} });
  assert.equal(address(place), "/pair/a%2Fb/c?range=6h&tz=utc");
  assert.deepEqual(split(place.path), ["pair", "a/b", "c"]);
  assert.equal(join("pair", "a/b", "ü"), "/pair/a%2Fb/%C3%BC");
  assert.deepEqual(split("/pair/%zz"), ["pair", "%zz"]);
  assert.equal(query({ b: 1, a: "", c: undefined, d: "x y" }), "?b=1&d=x+y");
});

test("a name that stands several times in an address keeps all its values, in their order", () => {
  const place = parsePlace("/status", "?group=b:region=b&group=a:region=a&tz=utc&group=");
  assert.deepEqual(groupsOf(place).groups.map((each) => each.name), ["b", "a"]);
  assert.equal(address(place), "/status?group=b%3Aregion%3Db&group=a%3Aregion%3Da&tz=utc");
  assert.equal(address(changed(place, { tz: undefined })), "/status?group=b%3Aregion%3Db&group=a%3Aregion%3Da");
  assert.equal(address(changed(place, { group: "a:region=a" })), "/status?group=a%3Aregion%3Da&tz=utc");
  assert.deepEqual(changed(place, { group: undefined, tz: "" }), { path: "/status", query: {}, lists: {} });
  assert.deepEqual(groupsOf(parsePlace("/status", "?group=region=eu")).groups.length, 1);
  assert.deepEqual(groupsOf(parsePlace("/status", "")), { groups: [], wrong: [] });
});

test("a link takes along what stays wherever one goes", () => {
  const lasting = { tz: "utc", theme: "dark" };
  assert.equal(withLasting("/map", lasting), "/map?theme=dark&tz=utc");
  assert.equal(withLasting("/targets?theme=light&state=ok#rows", lasting), "/targets?state=ok&theme=light&tz=utc#rows");
  assert.equal(withLasting("/status?group=b&group=a", { tz: "utc" }), "/status?group=b&group=a&tz=utc");
  assert.equal(withLasting("/pair/a%2Fb/c", lasting), "/pair/a%2Fb/c?theme=dark&tz=utc");
  for (const same of ["#incidents", "https://elsewhere.example/"]) {
    assert.equal(withLasting(same, lasting), same);
  }
  assert.equal(withLasting("/targets?b=1&a=2", {}), "/targets?b=1&a=2");
});

test("filters go into the address and come back", () => {
  const read = readFilter("team=shop region:eu-west shop api");
  assert.deepEqual(read, { "label.team": "shop", region: "eu-west", q: "shop api" });
  assert.equal(writeFilter(read), "region:eu-west team=shop shop api");
  assert.deepEqual(readFilter("https://shop.example/?a=b"), { q: "https://shop.example/?a=b" });
  assert.equal(
    targetsQuery(parsePlace("/targets", "?state=failing&label.team=shop&tz=utc")),
    "/api/v1/targets?label.team=shop&limit=100&state=failing",
  );
});

test("groups of the status page are read from the address", () => {
  assert.deepEqual(readGroup("Shop:label.team=shop,region=eu"), { name: "Shop", filter: { "label.team": "shop", region: "eu" } });
  assert.deepEqual(readGroup("region=eu"), { name: "eu", filter: { region: "eu" } });
  assert.equal(readGroup("nonsense"), null);
  assert.equal(readGroup("x:state=ok"), null);
  assert.equal(groupQuery({ name: "e", filter: { region: "eu" } }), "/api/v1/states?limit=1&region=eu");
});

// -- incidents --------------------------------------------------------------------------------------

const quiet: Overview = { incidents: [], more: 0, lostAgents: [], checks: 12, agents: 2, failing: 0, silent: 0, degraded: 0 };

test("the sentence says what is worst, since when and whose fault it is", () => {
  const worst = incident({ id: 2, severity: "critical", opened_unix: 1000 });
  const other = incident({ id: 1, severity: "warning", opened_unix: 10 });
  const told = sentenceOf({ ...quiet, incidents: [other, worst] }, 1720, "utc");
  assert.equal(told.tone, "bad");
  assert.match(told.head, /^2 things are wrong, the worst: /);
  assert.match(told.rest, /^Since 00:16, for 12 min, seen from .* The target is at fault: 2 of 3 sources see it\.$/);
  const one = sentenceOf({ ...quiet, incidents: [other] }, 1720, "utc");
  assert.equal(one.tone, "warning");
  assert.equal(one.head, "Target https://shop.example/: 2 of 3 sources fail to reach it (refused).");
});

test("where agents probe each other regions are counted, or the agents of one", () => {
  assert.equal(affects(incident({})), "2 of 3 sources, 1 of 4 targets");
  const sources = { affected: 29, of: 29, names: ["eu", "us"] };
  const target = incident({ ends: "regions", sources, targets: { affected: 1, of: 30, names: ["r-12"] } });
  assert.equal(affects(target), "29 of 29 regions as sources, 1 of 30 regions as targets");
  assert.equal(blame(target), "The target is at fault: 29 of 29 regions see it.");
  const dark = { affected: 1, of: 30, names: ["r-12"] };
  assert.equal(affects(incident({ ends: "regions", sources: dark, targets: dark })), "1 of 30 regions");
  assert.match(blame(incident({ ends: "regions", sources: dark, targets: dark })), /^The region is at fault: it is not reached, /);
  assert.equal(affects(incident({ ends: "regions", kind: "prober", sources: dark, targets: { affected: 0, of: 30, names: [] } })), "1 of 30 regions");
  const agent = { affected: 1, of: 2, names: ["eu 10.0.0.9"] };
  assert.equal(affects(incident({ ends: "agents", sources: agent, targets: agent })), "1 of 2 agents");
});

test("what nobody is asked for is not counted", () => {
  const none = { affected: 0, of: 0, names: [] };
  assert.equal(affects(incident({ sources: none, targets: { affected: 1, of: 4, names: ["a"] } })), "1 of 4 targets");
  assert.match(blame(incident({ sources: { affected: 1, of: 1, names: ["eu"] } })), /only one source's results count\.$/);
});

test("what was closed last comes first", () => {
  const closed = [incident({ id: 3, opened_unix: 30, closed_unix: 40 }), incident({ id: 2, opened_unix: 20, closed_unix: 90 }), incident({ id: 4, opened_unix: 35, closed_unix: 40 })];
  assert.deepEqual(byClosing(closed).map((each) => each.id), [2, 4, 3]);
});

test("without incidents it says what is known", () => {
  assert.deepEqual(sentenceOf(quiet, 0, "utc"), { tone: "good", head: "All is well.", rest: "12 checks, 2 agents." });
  assert.equal(sentenceOf({ ...quiet, silent: 3 }, 0, "utc").head, "Nothing that is known is wrong.");
  assert.equal(sentenceOf({ ...quiet, agents: 0 }, 0, "utc").head, "No agent has come yet.");
  assert.match(sentenceOf({ ...quiet, incidents: [incident({})], more: 499 }, 2000, "utc").head, /^500 things are wrong/);
  assert.equal(sentenceOf({ ...quiet, lostAgents: ["eu"] }, 0, "utc").head, "1 agent is lost: eu.");
  assert.match(sentenceOf({ ...quiet, failing: 1 }, 0, "utc").head, /^1 check fails, and none is an incident yet/);
});

test("of a list that is read again what has changed goes on, and the rest is the same as before", () => {
  const [sender, taker] = [new ListChanges(), new ListTaker()];
  const list = (...incidents: ReturnType<typeof incident>[]) => structuredClone({ incidents, next: null });
  const [a, b, c] = [1, 2, 3].map((id) => incident({ id })) as [ReturnType<typeof incident>, ReturnType<typeof incident>, ReturnType<typeof incident>];
  const first = taker.take(structuredClone(sender.changes(list(a, b))));
  assert.deepEqual(first, list(a, b));
  const changes = sender.changes(list(c, { ...b, muted: true }, a));
  assert.deepEqual(changes.changed.map((each) => each.id), [3, 2]);
  const second = taker.take(structuredClone(changes));
  assert.deepEqual(second, list(c, { ...b, muted: true }, a));
  assert.equal(second.incidents[2], first.incidents[0]);
  // What was not in the list for once is sent whole again.
  taker.take(structuredClone(sender.changes(list(c))));
  assert.deepEqual(taker.take(structuredClone(sender.changes(list(c, a)))), list(c, a));
  // Another worker knows nothing of what the last one has sent.
  assert.deepEqual(taker.take(structuredClone(new ListChanges().changes(list(a)))), list(a));
});

test("what is not answered any more is told to be known no more", () => {
  const told = sentenceOf(quiet, 0, "utc");
  const now = 50_520; // 14:02
  const source = (seconds: number, problem: string | null = "the program does not answer") => ({ problem, at: (now - seconds) * 1000 });
  for (const known of [source(0, null), source(3600, null), source(29), { problem: "not yet", at: 0 }]) {
    assert.equal(orOutdated(told, [known], now, "utc"), told);
  }
  assert.deepEqual(orOutdated(told, [source(0, null), source(31), source(120)], now, "utc"), {
    tone: "warning",
    head: "Nothing is known since 14:00.",
    rest: "What was said last: All is well. 12 checks, 2 agents.",
  });
});

test("a tab says what is wrong before its name", () => {
  assert.equal(titleOf("Now", "server", ""), "xprober server");
  assert.equal(titleOf("Now", "server", "2 incidents"), "2 incidents · xprober server");
  assert.equal(titleOf("Map", "server", ""), "Map · xprober");
  assert.equal(headlineOf(quiet), "");
  assert.equal(headlineOf({ ...quiet, incidents: [incident({}), incident({ muted: true })] }), "1 incident");
  assert.equal(headlineOf({ ...quiet, incidents: [incident({})], more: 499, lostAgents: ["eu"] }), "500 incidents");
  assert.equal(headlineOf({ ...quiet, incidents: [incident({ muted: true })], lostAgents: ["eu"] }), "1 agent lost");
  assert.deepEqual([1, 2].map((failing) => headlineOf({ ...quiet, failing })), ["1 check fails", "2 checks fail"]);
});

test("muted incidents are no news", () => {
  const told = sentenceOf({ ...quiet, incidents: [incident({ muted: true })] }, 0, "utc");
  assert.equal(told.head, "All is well.");
  assert.match(told.rest, /1 incident muted/);
  const loud = sentenceOf({ ...quiet, incidents: [incident({}), incident({ muted: true }), incident({ muted: true })] }, 2000, "utc");
  assert.match(loud.head, /^Target https/);
  assert.match(loud.rest, / 2 more are muted\.$/);
  assert.ok(byWeight(incident({ muted: true, severity: "critical" }), incident({ severity: "info" })) > 0);
});

test("evidence is where the kind of incident says", () => {
  assert.equal(evidenceLinks(incident({}))[0]!.href, "/targets?probe_type=http&sort=state&target=https%3A%2F%2Fshop.example%2F");
  const ending = incident({ certificate: "1700000000", reason: "certificate_ends" });
  assert.deepEqual(evidenceLinks(ending).map((link) => link.href), ["/certificates?q=https%3A%2F%2Fshop.example%2F", "/targets?probe_type=http&sort=state&target=https%3A%2F%2Fshop.example%2F"]);
  const agent = { affected: 1, of: 2, names: ["eu 10.0.0.9"] };
  const dead = incident({ probe_type: "icmp", ends: "agents", sources: agent, targets: agent, labels: { region: "eu" } });
  assert.equal(evidenceLinks(dead)[0]!.href, "/targets?probe_type=icmp&sort=state&target=10.0.0.9");
  const path = incident({ kind: "path", probe_type: "toy", ends: "regions", sources: { affected: 1, of: 3, names: ["eu"] }, targets: { affected: 1, of: 3, names: ["us"] } });
  assert.equal(evidenceLinks(path)[0]!.href, "/pair/eu/us?probe_type=toy");
  // Targets that are configured are named by their address, which is no place on the map.
  const address = { ...path, targets: { affected: 1, of: 3, names: ["192.0.2.7"] } };
  assert.deepEqual(evidenceLinks({ ...address, labels: { source_region: "eu", region: "us" } })[0], { text: "eu → 192.0.2.7", href: "/pair/eu/us?probe_type=toy" });
  assert.equal(evidenceLinks({ ...address, labels: {} })[0]!.href, "/targets?probe_type=toy&source_region=eu&target=192.0.2.7");
  assert.match(evidenceLinks({ ...path, kind: "target", labels: {} })[0]!.href, /[?&]region=us/);
  assert.match(blame(path), /way between/);
  assert.match(evidenceLinks(incident({ kind: "source" }))[0]!.href, /source_region=eu-west/);
  assert.match(evidenceLinks(incident({ kind: "prober" }))[0]!.href, /^\/agents/);
});

test("the strip has this incident and what was the same before", () => {
  const now = 200_000;
  const before = incident({ id: 1, opened_unix: now - 7200, closed_unix: now - 3600, timeline: [] });
  const elsewhere = incident({ id: 3, opened_unix: now - 7200, closed_unix: now - 3600, targets: { affected: 1, of: 1, names: ["other"] } });
  const spans = stripOf(incident({ id: 2, opened_unix: now - 600, timeline: [] }), [before, elsewhere], now);
  assert.deepEqual(spans.map((span) => [span.from, span.to]), [[now - 7200, now - 3600], [now - 600, now]]);
  const old = stripOf(incident({ opened_unix: now - 200_000 + 1, timeline: [] }), [], now);
  assert.equal(old[0]!.from, now - 86_400);
});

test("each phase of a kind has a colour of its own, and usual ones the same everywhere", () => {
  assert.deepEqual(colorsOf(["resolve", "connect", "tls"]), [0, 1, 3]);
  assert.deepEqual(colorsOf(["connect", "wind", "transfer", "spin"]), [1, 6, 7, 5]);
  assert.equal(new Set(colorsOf(["a", "b", "c", "d", "e", "f", "g", "h"])).size, 8);
  assert.deepEqual(colorsOf(Array.from({ length: 10 }, (_, at) => `p${at}`)).slice(8), [7, 7]);
  assert.deepEqual(inOrder(["wind", "transfer", "spin", "resolve", "wind"]), ["resolve", "transfer", "wind", "spin"]);
});

test("a mute fits this trouble and no other", () => {
  assert.deepEqual(muteMatchers(incident({})), [
    { field: "kind", value: "target" },
    { field: "probe_type", value: "http" },
    { field: "target", value: "https://shop.example/" },
  ]);
});

test("failures are spans on a line for each source", () => {
  const run = { from_unix: 100, to_unix: 160, results: 5, state: "failing" as const, reason: "refused", phase: "connect", detail: "", source: "us", agent: "10.0.0.1" };
  const lanes = lanesOf([run, { ...run, from_unix: 10, to_unix: 10, results: 1, reason: "deadline" }, { ...run, source: "eu" }, { ...run, from_unix: null }]);
  assert.deepEqual(lanes.map((lane) => [lane.source, lane.from, lane.runs.length, lane.results, lane.reasons]), [["eu", 100, 1, 5, ["refused"]], ["us", 10, 2, 6, ["deadline", "refused"]]]);
  assert.deepEqual(lanesOf([run, { ...run, source: "eu" }, { ...run, source: "af" }], ["us"]).map((lane) => lane.source), ["us", "af", "eu"]);
});

test("results of one second, or of no known time, are told apart, and stay who they are", () => {
  const before = resultKeys([20, 10, 10, null, null]);
  assert.equal(new Set(before).size, 5);
  assert.deepEqual(resultKeys([20, 20, 10, 10, null, null]).slice(1), before);
});

test("sources that fail stand first, and each kind as it came", () => {
  const row = (name: string, state: SourceRow["state"]) => ({ name, state });
  const all = [row("a", "ok"), row("b", "never"), row("c", "failing"), row("d", "degraded"), row("e", "ok"), row("f", "failing")];
  assert.deepEqual(worstFirst(all).map((each) => each.name), ["c", "f", "d", "b", "a", "e"]);
  assert.equal(all[0]!.name, "a");
});

// -- commands ---------------------------------------------------------------------------------------

test("commands quote what a shell would read", () => {
  assert.equal(shellWord("10.0.0.1"), "10.0.0.1");
  assert.equal(shellWord("http://x/?a=1&b=2"), "'http://x/?a=1&b=2'");
  assert.equal(shellWord("it's"), `'it'\\''s'`);
  assert.equal(commandFor("tcp", "db:5432"), "xprober tcp -n 3 db:5432");
  assert.equal(commandFor("toy", "x"), null);
  assert.equal(commandFor("icmp", "-f"), "xprober ping -c 10 -- -f");
  assert.equal(commandLacks("http", "http", "http://x/?a=1"), "It has the defaults: an agent whose file has other settings probes with those.");
  assert.match(commandLacks("login", "http", "http://x/?token=***"), /secrets .* module login/);
});

// -- the map ----------------------------------------------------------------------------------------

const told: Matrix = {
  probe_type: "icmp",
  metric: "state",
  unit: "state",
  regions: ["a", "b", "c"],
  values: [
    [null, "ok", "failing"],
    ["stale", null, "failing"],
    [null, null, null],
  ],
  targets: [
    [null, 2, 2],
    [1, null, 4],
    [null, null, null],
  ],
  failing: [
    [null, 0, 2],
    [0, null, 1],
    [null, null, null],
  ],
  states: [
    [null, { ok: 2 }, { failing: 2 }],
    [{ ok: 1 }, null, { ok: 3, failing: 1 }],
    [null, null, null],
  ],
};

const matrix = gridOf(told);

test("cells tell all that fail from some that fail", () => {
  assert.equal(cellOf(matrix, "state", 0, 2).level, "down");
  assert.equal(cellOf(matrix, "state", 1, 2).level, "bad");
  assert.equal(cellOf(matrix, "state", 1, 2).text, "1/4");
  assert.equal(cellOf(matrix, "state", 1, 0).level, "unknown");
  assert.equal(cellOf(matrix, "state", 2, 2).state, "none");
  assert.equal(cellOf(gridOf({ ...told, metric: "success" }), "success", 1, 2).text, "3/4");
});

test("a large map is read also where there is no worker", async () => {
  const large = JSON.stringify(told) + " ".repeat(70_000);
  assert.deepEqual(await gridReader.read(new Response(large)), matrix);
  await assert.rejects(gridReader.read(new Response(`{${large}`)), SyntaxError);
});

test("what a cell shows is compared by what is shown", () => {
  const cells = [0, 1, 2].flatMap((from) => [0, 1, 2].map((to) => [from, to] as const));
  const changed = (other: Matrix, metric: Metric) => {
    const same = sameCells(matrix, gridOf(other), metric);
    return cells.filter(([from, to]) => !same(from * 3 + to));
  };
  assert.deepEqual(changed({ ...told, states: told.states!.map((row) => row.map((each) => (each ? { ...each } : null))) }, "state"), []);
  assert.deepEqual(changed({ ...told, states: [[null, { ok: 2 }, { failing: 2 }], [{ ok: 1 }, null, { ok: 2, failing: 2 }], [null, null, null]] }, "state"), [[1, 2]]);
  assert.deepEqual(changed({ ...told, failing: [[null, 1, 2], [0, null, 1], [null, null, null]] }, "success"), [[0, 1]]);
  assert.deepEqual(changed({ ...told, ratio: [[null, 3, null]] }, "rtt"), [[0, 1]]);
});

test("times are judged by what is usual", () => {
  const times = gridOf({ ...told, values: [[null, 30, null]], usual: [[null, 10, null]], ratio: [[null, 3, null]] });
  assert.deepEqual(cellOf(times, "rtt", 0, 1), { state: "degraded", level: "bad", text: "30", spoken: "30 ms, usually 10 ms, 3.0 times that" });
  assert.equal(cellOf(times, "rtt", 0, 2).level, "down");
  assert.equal(cellOf(gridOf({ ...told, values: [[0, 12, 100]] }), "loss", 0, 1).level, "worse");
});

test("the worst comes first", () => {
  assert.deepEqual(orderOf(matrix, "state", "name", null), [0, 1, 2]);
  assert.deepEqual(orderOf(matrix, "state", "worst", null), [2, 0, 1]);
  assert.deepEqual(worstCells(matrix, "state", 2).map((cell) => cell.from + cell.to), ["ac", "bc"]);
  assert.deepEqual(worstCells(matrix, "state", 9).map((cell) => cell.level), ["down", "bad", "unknown"]);
  const counts = tally(matrix, "state");
  assert.equal(counts.get("ok"), 1);
  assert.equal(badOnes(counts), 3);
});

test("a filter keeps the pairs of which an end fits, in the map and in its numbers", () => {
  const fits = fitsOf(matrix.regions, "B");
  assert.deepEqual([fitsOf(matrix.regions, ""), [...fits!]], [null, [0, 1, 0]]);
  assert.deepEqual([isShown(null, 0, 2), isShown(fits, 0, 2), isShown(fits, 0, 1), isShown(fits, 1, 2)], [true, false, true, true]);
  assert.deepEqual(orderOf(matrix, "state", "name", fits), [1, 0, 2]);
  assert.deepEqual(orderOf(matrix, "state", "worst", fits), [1, 2, 0]);
  assert.deepEqual(orderOf(matrix, "state", "name", fitsOf(matrix.regions, "x")), []);
  assert.deepEqual(worstCells(matrix, "state", 9, fits).map((cell) => cell.from + cell.to), ["bc", "ba"]);
  const counts = tally(matrix, "state", fits);
  assert.deepEqual([counts.get("ok"), counts.get("bad"), counts.get("down"), badOnes(counts)], [1, 1, 0, 2]);
  // Who has no pair with it is not there.
  const apart = gridOf({ ...told, values: [[null, "ok", null], [null, null, null], [null, null, null]], states: [[null, { ok: 1 }, null], [null, null, null], [null, null, null]] });
  assert.deepEqual(orderOf(apart, "state", "name", fits), [1, 0]);
});

// -- time series ------------------------------------------------------------------------------------

const point = (time_unix: number, probes: number, succeeded: number, phases_ms?: Record<string, number | null>): Point => ({
  time_unix,
  probes,
  succeeded,
  ...(phases_ms ? { phases_ms } : {}),
});

test("a hole in the past is a hole in the plot", () => {
  assert.deepEqual(timesOf([[point(0, 1, 1), point(15, 1, 1)], [point(90, 1, 1)]], 15), [0, 15, 30, 90]);
  assert.deepEqual(knownSpans([point(0, 1, 1), point(15, 1, 1), point(90, 1, 1)], 15), [{ from: 0, to: 30 }, { from: 90, to: 105 }]);
});

test("phases stand on each other, and failures join", () => {
  const points = [point(0, 1, 1, { a: 1, b: 2 }), point(15, 1, 0, { a: 3, b: null })];
  assert.deepEqual(stacked([0, 15], points, ["a", "b"]), [[1, 3], [3, 3]]);
  assert.deepEqual(troubles([point(0, 2, 1), point(15, 2, 0), point(60, 2, 2), point(75, 2, 1)], 15), [
    { from: 0, to: 30, failed: 3, probes: 4 },
    { from: 75, to: 90, failed: 1, probes: 2 },
  ]);
});

test("each line of a plot is another one without its colour", () => {
  const all = [0, 1, 2, 3, 4, 5, 6, 7].map(dashOf);
  assert.equal(new Set(all.map((each) => each.join())).size, 8);
  assert.deepEqual([undefined, ...all.slice(0, 3)].map(dashName), ["solid", "solid", "dashed", "dotted"]);
});

test("a table says what it leaves out", () => {
  assert.deepEqual([0, 100, 101, 2880].map(tableText), ["Nothing was measured", "The newest first", "The last 100 of 101, the newest first", "The last 100 of 2,880, the newest first"]);
});

test("what fails at the end of a time stands before what failed in it", () => {
  const source = (name: string, ...succeeded: number[]) => ({ name, points: succeeded.map((each, at) => point(15 * at, 2, each)) });
  const all = [source("well", 2, 2), source("was", 0, 2, 2), source("empty"), source("is", 2, 1), source("just now", 2, 0, 2), source("both", 0, 0)];
  assert.deepEqual(troubledFirst(all).map((each) => each.name), ["is", "just now", "both", "was", "well", "empty"]);
});

test("the slider stands on the same moments as time goes on", () => {
  const at = 1_700_000_010;
  const hour = momentsOf("1h", at);
  assert.equal(hour.length, 60);
  assert.equal(hour.at(-1), 1_699_999_980);
  assert.equal(hour[0], 1_699_999_980 - 59 * 60);
  assert.deepEqual(momentsOf("1h", at + 20), hour);
  assert.deepEqual(momentsOf("never", at), []);
  for (const range of Object.keys(pastRanges)) {
    assert.ok(momentsOf(range, at).length <= 96, range);
  }
  assert.equal(placeOf(hour, hour[7]! + 3), 7);
  assert.equal(placeOf(hour, 5), 0);
  assert.deepEqual([hour[0]!, hour[0]! - 1, at - 86_400 + 900, at - 30 * 86_400, 5].map((each) => rangeWith(each, at)), ["1h", "6h", "24h", "90d", "90d"]);
});

test("the map of a moment is of probes", () => {
  const { targets, failing, ...rest } = told;
  const past: PastMatrix = { ...rest, probes: targets, failed: failing, at_unix: 100, from_unix: 60, to_unix: 120, level: "15s" };
  assert.deepEqual([gridOf(past).moment, matrix.moment], [{ at_unix: 100, from_unix: 60, to_unix: 120 }, null]);
  assert.equal(cellOf(gridOf(past), "state", 1, 2).text, "1/4");
  assert.equal(cellOf(gridOf({ ...past, metric: "success" }), "success", 1, 2).spoken, "3 of 4 probes answer");
});

test("regions stand by their labels, the worst first in each group", () => {
  const labels = labelsOf([
    { region: "a", agents: 1, labels: { continent: "europe", cloud: "x" } },
    { region: "b", agents: 1, labels: {} },
    { region: "c", agents: 1, labels: { continent: "america" } },
  ]);
  assert.deepEqual(labelNames(labels), ["cloud", "continent"]);
  const group = (place: number) => groupOf(labels, matrix.regions[place]!, "continent");
  assert.deepEqual(byGroup(orderOf(matrix, "state", "worst", null), group), [2, 0, 1]);
  assert.deepEqual(byGroup([0, 1, 2], () => ""), [0, 1, 2]);
});

// -- the public status ------------------------------------------------------------------------------

test("days of the status tell how much of them was bad", () => {
  const days = { from_unix: 1_699_920_000, seconds: [0, 0, 600, 7200], known_seconds: [0, 86_400, 28_800, 7200] };
  assert.deepEqual(days.seconds.map((bad, at) => toneOfDay(bad, days.known_seconds[at]!)), ["none", "", "some", "much"]);
  assert.deepEqual([0, 1, 2, 3].map((at) => dayText(days, at)), [
    "2023-11-14: no data",
    "2023-11-15: no trouble known",
    "2023-11-16: 10 min of trouble, of 8 h that are known",
    "2023-11-17: 2 h of trouble", // which is not over
  ]);
  assert.equal(goodPercent({ ...days, seconds: [0, 5040, 0, 7200] }), 90);
  assert.equal(goodPercent({ ...days, seconds: [0, 86_400, 28_800, 7200] }), 0);
  // What was before anybody looked is told, and is no part of the whole.
  const early = { ...days, seconds: [36_000, 0, 0, 7200] };
  assert.equal(dayText(early, 0), "2023-11-14: 10 h of trouble, no other data");
  assert.equal(toneOfDay(36_000, 0), "much");
  assert.equal(goodPercent({ ...early, known_seconds: [0, 86_400, 28_800, 7200] }), 100 * (1 - 7200 / 122_400));
  assert.equal(daysText({ ...days, seconds: [0, 5040, 0, 7200] }), "90 % of 3 days without trouble that is known here, no data of 1 day");
  assert.equal(daysText({ ...days, known_seconds: [0, 0, 0, 0] }), "no data of the last 4 days");
  assert.equal(daysText({ ...days, seconds: [0], known_seconds: [86_400] }), "100 % of 1 day without trouble that is known here");
});

// -- counters ---------------------------------------------------------------------------------------

const stats = (started: number, messages: number, uptime_seconds = 0): Stats =>
  ({
    process: { started_unix: started, uptime_seconds },
    actors: { target: { messages, handler_us: {} }, results: { messages: 1, handler_us: {} } },
    probes: { icmp: { started: messages }, http: { started: 1 } },
  }) as unknown as Stats;

test("rates come of two samples, and begin anew with the process", () => {
  const samples = new Samples(3);
  samples.add(stats(1, 0, 10));
  assert.equal(samples.rate("actors.target.messages"), null);
  samples.add(stats(1, 20, 12));
  samples.add(stats(1, 90, 12.2)); // too soon for a rate
  assert.equal(samples.rate("actors.target.messages"), 10);
  assert.deepEqual(samples.rates("actors.target.messages"), [10]);
  assert.equal(ranked(stats(1, 20), samples)[0]!.kind, "target");
  samples.add(stats(9, 5, 1));
  assert.equal(samples.rate("actors.target.messages"), null);
  for (let at = 6; at < 30; at += 2) {
    samples.add(stats(9, at, at));
  }
  assert.equal(samples.all.length, 3);
  assert.equal(valueAt(stats(1, 4), "probes.*.started"), 5);
  assert.equal(valueAt(stats(1, 4), "nothing.here"), null);
});

test("the graph has what runs, and what it does not know", () => {
  const graph = graphOf("agent", stats(1, 1));
  assert.ok(graph.nodes.some((node) => node.id === "target"));
  assert.ok(!graph.nodes.some((node) => node.id === "pusher"));
  const strange = { ...stats(1, 1), actors: { ...stats(1, 1).actors, novelty: {} } } as unknown as Stats;
  assert.ok(graphOf("agent", strange).nodes.some((node) => node.id === "novelty"));
  const flowing = (messages: number, uptime = 0) => ({ ...stats(1, 1, uptime), actor_edges: [{ from: "target", to: "results", messages, questions: 0 }, { from: "results", to: "target", messages: 1, questions: 1 }, { from: "target", to: "target", messages: 5, questions: 0 }] }) as unknown as Stats;
  const edges = graphOf("agent", flowing(1)).edges;
  assert.deepEqual(edges.filter((edge) => edge.counted).map((edge) => [edge.from, edge.to, edge.what, edge.asks]), [["target", "results", "results", false], ["results", "target", "messages", true]]);
  assert.ok(edges.some((edge) => edge.to === "icmp" && !edge.counted));
  const samples = new Samples();
  samples.add(flowing(1, 1));
  samples.add(flowing(9, 3));
  assert.equal(samples.flow("target", "results"), 4);
  assert.equal(samples.flow("results", "nobody"), null);
  assert.equal(edgeWidth(null), 1);
  assert.ok(edgeWidth(1e9) <= 6);
});

test("what is to be looked at of a certificate is told", () => {
  const seen = (source_region: string, fingerprint_sha256: string, verdict: string | null) => ({ source_region, agent: "10.0.0.1", fingerprint_sha256, verdict });
  const one = {
    fingerprint_sha256: "aa", chain_state: "complete", ends_first: { subject: "CN=shop", own: true }, chains: 1, differing: 0, refused: 0, refusals: [],
    shown: [{ seen: [seen("x", "aa", "tls_unknown_issuer"), seen("y", "bb", "accepted"), seen("z", "aa", "tls_unknown_issuer")] }],
  } as unknown as Certificate;
  assert.deepEqual(problemsOf(one), []);
  assert.deepEqual(problemsOf({ ...one, chain_state: "incomplete", refused: 3, refusals: ["tls_expired", "tls_unknown_issuer"] }), ["refused: tls_expired, tls_unknown_issuer", "the chain is incomplete: an issuer is missing"]);
  assert.match(problemsOf({ ...one, differing: 1 })[0]!, /^1 target shows another certificate to other sources/);
  assert.deepEqual(problemsOf({ ...one, chains: 2, ends_first: { ...one.ends_first, subject: "CN=middle", own: false } }), ["CN=middle ends before it", "it is sent with 2 different chains"]);
  assert.deepEqual(problemsOf({ ...one, ends_first: { ...one.ends_first, subject: "", own: false } }), ["another of its chain ends before it"]);
  assert.deepEqual(sidesOf(one.shown[0]!), [{ fingerprint: "aa", sources: ["x (10.0.0.1)", "z (10.0.0.1)"] }, { fingerprint: "bb", sources: ["y (10.0.0.1)"] }]);
  assert.equal(toneOf(0, 1), "bad");
  assert.equal(toneOf(20 * 86_400, 0), "worse");
});

test("what is wrong with the program itself is told", () => {
  const ill = { ...stats(1, 1), journal: { problem: "the disk is full", set_aside: 1 }, history: { last_error: "", set_aside: 1 }, targets: { bad: 2, bad_first: ["a: no host"] }, warnings: ["mind this"] } as unknown as Stats;
  const told = serverAilments(ill).map((each) => each.text);
  assert.match(told[0]!, /^Batches are refused, because they cannot be kept: the disk is full\./);
  assert.match(told[1]!, /2 damaged files in state_dir were set aside/);
  assert.match(told[2]!, /^2 targets of the lists .* left out: a: no host$/);
  assert.equal(told[3], "mind this");
  const agent = { ...stats(1, 1), targets: {}, push: { spool_problem: "EIO", spool_in_memory: 3 }, warnings: [] } as unknown as Stats;
  assert.match(agentAilments(agent)[0]!.text, /in memory alone, .* EIO\. 3 would be lost/);
});

// -- the client -------------------------------------------------------------------------------------

test("what has not changed is the same object", async () => {
  const asked: (string | undefined)[] = [];
  const api = new Api(async (_path, init) => {
    const tag = (init?.headers as Record<string, string>)["If-None-Match"];
    asked.push(tag);
    return tag ? new Response(null, { status: 304 }) : new Response('{"a": 1}', { headers: { ETag: '"x"' } });
  });
  const first = await api.get("/stats");
  assert.equal(await api.get("/stats"), first);
  assert.deepEqual(asked, [undefined, '"x"']);
});

test("a new server says how an agent comes to it", () => {
  assert.deepEqual(joinCommands("https:", "probe.example").map((each) => each.line), [
    "xprober server token --region REGION",
    "xprober agent join --server https://probe.example:6001 --token TOKEN",
    "systemctl enable --now xprober-agent",
  ]);
  assert.deepEqual(joinCommands("http:", "127.0.0.1").map((each) => each.line), ["xprober agent --config /etc/xprober/agent.yaml --set region=REGION --set rpc_server_addr=127.0.0.1:6001"]);
  assert.match(joinCommands("https:", "[::1]")[1]!.line, / --server 'https:\/\/\[::1\]:6001' /);
  assert.match(joinCommands("http:", "[::1]")[0]!.line, /--set 'rpc_server_addr="\[::1\]:6001"'$/);
});

test("errors say what the program says", async () => {
  const api = new Api(async () => new Response('{"error": "sort must be one of …"}', { status: 400 }));
  await assert.rejects(api.get("/x"), (problem: ApiError) => problem.status === 400 && problem.message === "sort must be one of …");
  assert.equal(backOff(0, 5000), 5000);
  assert.equal(backOff(3, 5000), 20_000);
  assert.equal(backOff(20, 5000), 60_000);
  assert.equal(backOff(1, 600_000), 5000);
});

test("who is signed out is told so", async () => {
  let told = 0;
  const api = new Api(async () => new Response('{"error": "a token is missing"}', { status: 401 }), () => { told += 1; });
  await assert.rejects(api.get("/x"), (problem: ApiError) => problem.status === 401);
  assert.equal(told, 1);
});

test("agents that can be asked, those that fail first", () => {
  const agent = (region: string, state: string, answers_questions = true) => ({ region, local_ip: "1", state, answers_questions }) as Agent;
  const row = (source_region: string, state: string) => ({ source_region, agent: "1", state, failures: state === "failing" ? [{ from_unix: 1, to_unix: 5, results: 2 }] : [] }) as unknown as SourceRow;
  const sources = [row("b", "ok"), row("c", "failing")];
  const all = choices([agent("a", "ok"), agent("b", "ok"), agent("c", "late"), agent("d", "lost"), agent("e", "ok", false)], sources);
  assert.deepEqual(all.map((each) => each.label), ["c, 1 (fails)", "b, 1", "a, 1 (does not probe it)"]);
  assert.deepEqual(failuresOf(sources).map((run) => [run.source, run.results]), [["c", 2]]);
});

test("an agent's own page is where it says, and there for who can go there", () => {
  assert.equal(agentPage({ link: "https://10.0.0.1:8087/" }, "probe.example", "target/a0"), "https://10.0.0.1:8087/target/a0");
  assert.equal(agentPage({ link: "http://[fd00::1]:8087/" }, "127.0.0.1"), "http://[fd00::1]:8087/");
  assert.equal(agentPage({ link: null }, "127.0.0.1", "target/a0"), null);
  for (const link of ["http://127.0.0.1:8087/", "http://localhost:8087/", "http://[::1]:8087/"]) {
    assert.equal(agentPage({ link }, "probe.example", "target/a0"), null, link);
    assert.equal(agentPage({ link }, "localhost", "target/a0"), `${link}target/a0`);
  }
});

test("what a probe shows of redirects and certificates", () => {
  const chain = [{ subject: "CN=a", not_before_unix: 10, not_after_unix: 20 }];
  const steps = [{ at_ms: 1, text: "", fields: { url: "http://a/", status_code: "301", location: "http://b/" } }, { at_ms: 2, text: "", fields: { url: "http://b/", status_code: "200", location: "" } }];
  const answer = { kind: "http", result: { http: { tls: { chain } } }, steps } as unknown as ProbeAnswer;
  assert.deepEqual(redirectsOf(answer), [{ from: "http://a/", status: "301", to: "http://b/" }]);
  assert.deepEqual(chainOf(answer), chain);
  assert.deepEqual(chainOf({ kind: "icmp", result: { icmp: {} }, steps: [] } as unknown as ProbeAnswer), []);
  assert.deepEqual([5, 15, 25].map((now) => datesProblem(chain[0] as never, now)), ["its time has not come", "", "its time is over"]);
});

test("the number on a line hides neither a box nor another number", () => {
  const line = (part: number) => ({ x: 100 * part, y: 0 });
  const size = { width: 10, height: 10 };
  assert.equal(placeLabel(line, size, []).x, 40);
  assert.equal(placeLabel(line, size, [{ x: 40, y: 4, ...size }]).x, 50);
  assert.equal(placeLabel(line, size, [{ x: 40, y: 0, width: 40, height: 10 }]).x, 70);
  // Where there is no room at all it hides least.
  assert.equal(placeLabel(line, size, [{ x: 40, y: 0, width: 200, height: 10 }, { x: 30, y: 0, width: 90, height: 4 }]).x, 80);
});

test("that there is no such thing is no problem of the program's", async () => {
  let status = 404;
  const api = new Api(() => Promise.resolve(new Response(JSON.stringify({ error: "there is none" }), { status })));
  const live = new Live(api);
  const leave = await new Promise<() => void>((done) => {
    const stop = live.follow("/x", { every: 60_000 }, () => done(stop));
  });
  assert.deepEqual([live.read("/x").problem, live.problem], ["there is none", null]);
  assert.ok(live.newest > 0);
  leave();
  status = 503;
  const other = new Live(api);
  const end = await new Promise<() => void>((done) => {
    const stop = other.follow("/x", { every: 60_000 }, () => done(stop));
  });
  assert.equal(other.problem, "there is none");
  end();
});

test("events that go on and on neither put off a question nor ask it all the time", async (t) => {
  let now = 1_000_000;
  t.mock.timers.enable({ apis: ["setTimeout"] });
  t.mock.method(Date, "now", () => now);
  const asked: number[] = [];
  const api = new Api(() => {
    asked.push(now);
    return Promise.resolve(new Response("{}"));
  });
  const live = new Live(api);
  const leave = live.follow("/x", { every: 60_000, on: ["states"], calm: 5000 }, () => {});
  const pass = async (milliseconds: number, event?: EventName) => {
    for (let at = 0; at < milliseconds; at += 100) {
      now += 100;
      t.mock.timers.tick(100);
      if (event) {
        live.heard(event);
      }
      await new Promise((done) => setImmediate(done)); // what an answer sets going
    }
  };
  await pass(20_000, "agent"); // which it does not follow
  assert.deepEqual(asked.length, 1);
  const begun = now;
  await pass(20_000, "states");
  // Of what is old at once, but for a burst; then no more often than is worth while.
  const gaps = asked.slice(1).map((each, index) => each - asked[index]!);
  assert.ok(asked[1]! - begun <= 600, `after ${asked[1]! - begun} ms`);
  assert.deepEqual(gaps.slice(1).filter((gap) => gap < 5000 || gap > 5600), []);
  assert.ok(gaps.length >= 4, `${gaps}`);
  // Of who wants it sooner it is asked sooner, and where a clock is set back no later.
  const other = live.follow("/x", { every: 60_000, on: ["states"] }, () => {});
  const before = asked.length;
  await pass(10_000, "states");
  assert.ok(asked.length >= before + 4, `${asked}`);
  now -= 500_000;
  const set = asked.length;
  await pass(4000, "states");
  assert.ok(asked.length > set);
  leave();
  other();
});

test("an answer is missed when it should have been there, and nobody has looked away", async (t) => {
  let now = 1_000_000;
  t.mock.timers.enable({ apis: ["setTimeout"] });
  t.mock.method(Date, "now", () => now);
  let answers = true;
  const live = new Live(new Api(() => (answers ? Promise.resolve(new Response("{}")) : new Promise(() => {}))));
  const pass = async (milliseconds: number) => {
    for (let at = 0; at < milliseconds; at += 500) {
      now += 500;
      t.mock.timers.tick(500);
      await new Promise((done) => setImmediate(done));
    }
  };
  const leave = live.follow("/seldom", { every: 30_000 }, () => {});
  await pass(29_000);
  assert.deepEqual([live.overdue, live.problem], [null, null], "it is asked every 30 s");
  await pass(60_000);
  assert.equal(live.overdue, null);
  answers = false;
  const last = live.read("/seldom").at;
  await pass(last + 45_000 - now);
  assert.equal(live.overdue, null);
  await pass(500);
  assert.equal(live.overdue, last);
  live.paused = true;
  assert.equal(live.overdue, null, "nobody waits for it");
  live.paused = false;
  live.wake();
  assert.equal(live.overdue, null, "it is asked since then");
  await pass(45_500);
  assert.equal(live.overdue, last);
  // What is asked more often is missed sooner, and what nobody wants any more is not.
  answers = true;
  const other = new Live(live.api);
  const end = other.follow("/often", { every: 3000 }, () => {});
  await pass(500);
  answers = false;
  const often = other.read("/often").at;
  await pass(18_500 + 3000);
  assert.deepEqual([other.overdue, often > 0], [other.read("/often").at, true]);
  end();
  assert.equal(other.overdue, null);
  leave();
});

test("paused, what was never answered is asked once, and nothing else", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const asked: string[] = [];
  const live = new Live(new Api((path) => {
    asked.push(String(path));
    return Promise.resolve(new Response("{}", { status: path === "/broken" ? 503 : 200 }));
  }));
  const pass = async (seconds: number) => {
    for (let at = 0; at < seconds; ++at) {
      t.mock.timers.tick(1000);
      await new Promise((done) => setImmediate(done));
    }
  };
  const leave = [live.follow("/before", { every: 2000, on: ["states"] }, () => {})];
  await pass(1);
  live.paused = true;
  leave.push(...["/after", "/broken"].map((path) => live.follow(path, { every: 2000, on: ["states"] }, () => {})));
  await pass(120);
  live.heard("states");
  await pass(10);
  assert.deepEqual(asked, ["/before", "/after", "/broken"]);
  assert.deepEqual([live.read("/after").data, live.read("/broken").problem], [{}, "{}"]);
  live.paused = false;
  live.wake();
  await pass(1);
  assert.deepEqual(asked.slice(3), ["/before", "/after", "/broken"]);
  leave.forEach((each) => each());
});

// -- the stream of all tabs -------------------------------------------------------------------------

/** A stream that goes where it is told to. */
class Tried implements Stream {
  state: StreamState = "off";
  opened = 0;
  constructor(
    readonly event: (name: EventName) => void,
    private readonly onState: (state: StreamState) => void,
  ) {}
  open() {
    if (this.state === "off") {
      ++this.opened;
      this.go("connecting");
    }
  }
  close() {
    this.go("off");
  }
  go(state: StreamState) {
    this.state = state;
    this.onState(state);
  }
}

test("all who follow have one stream, which is there as long as one of them is", () => {
  let stream!: Tried;
  const desk = new StreamDesk<string>((event, state) => (stream = new Tried(event, state)));
  const told: Record<string, Said[]> = { a: [], b: [] };
  desk.follow("a", (said) => told["a"]!.push(said));
  stream.go("open");
  desk.follow("b", (said) => told["b"]!.push(said));
  desk.follow("b", () => assert.fail("it follows twice"));
  stream.event("incident");
  assert.deepEqual(told, { a: [{ state: "connecting" }, { state: "open" }, { event: "incident" }], b: [{ state: "open" }, { event: "incident" }] });
  desk.leave("a");
  desk.leave("a");
  stream.event("reset");
  stream.go("broken");
  assert.equal(told["a"]!.length, 3);
  assert.deepEqual(told["b"]!.slice(2), [{ event: "reset" }, { state: "broken" }]);
  desk.leave("b");
  assert.deepEqual([stream.state, stream.opened], ["off", 1]);
  desk.follow("b", (said) => told["b"]!.push(said));
  assert.deepEqual([stream.opened, told["b"]!.at(-1)], [2, { state: "connecting" }]);
});

/** The streams that a page has opened itself. */
function ownStreams(): { urls: string[]; restore: () => void } {
  const urls: string[] = [];
  const before = globalThis.EventSource;
  globalThis.EventSource = class {
    constructor(url: string) {
      urls.push(url);
    }
    addEventListener() {}
    close() {}
  } as unknown as typeof EventSource;
  return { urls, restore: () => (globalThis.EventSource = before) };
}

test("a page follows the worker's stream, and its own where there is no worker", (t) => {
  const own = ownStreams();
  t.after(own.restore);
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const seen: string[] = [];
  const asked: boolean[] = [];
  let say!: (said: Said) => void;
  let fail!: () => void;
  const connect: Connect = (heard, failed) => {
    [say, fail] = [heard, failed];
    return { send: ({ follow }) => asked.push(follow), end: () => {} };
  };
  const made = (by: Connect) => new SharedStream("/e", (name) => seen.push(name), (state) => seen.push(state), by);
  const stream = made(connect);
  stream.open();
  stream.open();
  say({ state: "open" });
  say({ event: "agent" });
  t.mock.timers.tick(60_000);
  assert.deepEqual([seen, asked, own.urls], [["connecting", "open", "agent"], [true], []]);
  stream.close();
  say({ event: "agent" }); // it was on its way
  assert.deepEqual([seen.slice(3), asked], [["off"], [true, false]]);
  stream.open();
  assert.deepEqual(asked, [true, false, true]);
  // One that does not answer is not waited for, nor heard later.
  t.mock.timers.tick(10_000);
  assert.deepEqual([asked.at(-1), own.urls], [false, ["/e"]]);
  fail();
  say({ event: "agent" });
  assert.deepEqual([seen.at(-1), own.urls.length], ["connecting", 1]);
  // One that cannot be had.
  const alone = made(() => {
    throw new TypeError("SharedWorker is not defined");
  });
  alone.open();
  assert.deepEqual([alone.state, own.urls.length], ["connecting", 2]);
  alone.close();
  alone.open();
  assert.equal(own.urls.length, 3);
});
