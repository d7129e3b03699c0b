// What a page shows against what it was told: each number that is shown, by the rules of src/lib/format.ts,
// against the very answers that the page was given. A number without a source is a fault.

import assert from "node:assert/strict";

import type { Page, Request } from "playwright-core";

import { problemsOf } from "../src/lib/certificates.ts";
import { ago, bytes, count, duration, full, ms, percent, plural, rate, us } from "../src/lib/format.ts";
import type { CertificateList, Stats, TargetList } from "../src/types.ts";

/** The answers that a page was given, the newest last. They come from the program, and are passed on as they are. */
export class Answers {
  private readonly all: { path: string; data: unknown }[] = [];
  private waiting = new Set<Request>();

  static async of(page: Page): Promise<Answers> {
    const answers = new Answers();
    await page.route(/\/(stats|api\/v1\/(?!events).*|targets\b.*)$/, async (route, request) => {
      if (request.resourceType() === "document") {
        return route.continue();
      }
      answers.waiting.add(request);
      try {
        const response = await route.fetch();
        const url = new URL(request.url());
        if (response.ok()) {
          answers.all.push({ path: url.pathname + url.search, data: await response.json() });
        } else if (response.status() === 304) {
          answers.all.push({ path: url.pathname + url.search, data: answers.last(url.pathname + url.search) });
        }
        await route.fulfill({ response });
      } catch {
        // The page is gone, or does not want it any more.
      }
      answers.waiting.delete(request);
    });
    return answers;
  }

  /** All that begin so. */
  to<T>(path: string): T[] {
    return this.all.filter((each) => each.path.startsWith(path)).map((each) => each.data as T);
  }

  last<T>(path: string): T {
    const found = this.to<T>(path).at(-1);
    assert.ok(found, `the page has not asked for ${path}`);
    return found;
  }

  /** Until there are so many, and then nothing more is asked and all that came is drawn. */
  async rest(page: Page, path: string, number = 1): Promise<void> {
    for (let turn = 0; turn < 600 && this.to(path).length < number; ++turn) {
      await page.waitForTimeout(100);
    }
    await page.keyboard.press("p");
    await page.locator(".fresh.paused").waitFor();
    while (this.waiting.size > 0) {
      await page.waitForTimeout(50);
    }
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100))));
  }
}

/** A time that is shown: when it is, and what it says of that. */
interface Time {
  unix: number;
  text: string;
  title: string;
}

interface Cell {
  text: string;
  values: string[];
  times: Time[];
}

interface Shown {
  /** When it was read, in seconds. */
  now: number;
  tables: Record<string, { head: string[]; rows: Cell[][] }>;
  tiles: Record<string, Cell>;
  cards: Record<string, [string, Cell][]>;
  graph: Record<string, string>;
  /** Texts with a figure in them that are in none of those. */
  others: string[];
}

/** All that main shows, taken at one moment. */
export function shownOn(page: Page): Promise<Shown> {
  return page.evaluate(() => {
    const clean = (text: string | null) => (text ?? "").replace(/\s+/g, " ").trim();
    const cell = (at: Element): Cell => ({
      text: clean(at.textContent),
      values: [...at.querySelectorAll("data")].map((each) => each.value),
      times: [...at.querySelectorAll("time")].map((each) => ({ unix: Date.parse(each.dateTime) / 1000, text: clean(each.textContent), title: each.title })),
    });
    const main = document.querySelector("main")!;
    const tables: Shown["tables"] = {};
    for (const table of main.querySelectorAll("table")) {
      if (!table.closest(".card")) {
        const name = table.closest("[aria-label]")?.getAttribute("aria-label") ?? "";
        tables[name] = { head: [...table.querySelectorAll("thead th")].map((each) => clean(each.textContent)), rows: [...table.querySelectorAll("tbody tr")].map((row) => [...row.children].map(cell)) };
      }
    }
    const tiles: Shown["tiles"] = {};
    for (const tile of main.querySelectorAll(".tile")) {
      tiles[clean(tile.querySelector("small")!.textContent)] = cell(tile);
    }
    const cards: Shown["cards"] = {};
    for (const card of main.querySelectorAll(".card")) {
      cards[card.getAttribute("aria-label") ?? ""] = [...card.querySelectorAll("tr")].map((row) => [clean(row.querySelector("th")!.textContent), cell(row.querySelector("td")!)]);
    }
    const graph: Shown["graph"] = {};
    for (const part of main.querySelectorAll("[data-node], [data-edge]")) {
      const name = part.getAttribute("data-node") ?? part.getAttribute("data-edge")!;
      graph[name] = clean([...part.querySelectorAll("text")].map((each) => each.textContent).join(" "));
    }
    const others: string[] = [];
    const walk = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const holder = node.parentElement!;
      if (/\d/.test(node.textContent ?? "") && !holder.closest("tbody, .tile, .card, [data-node], [data-edge]")) {
        others.push(clean((holder.closest("h1, h2, p, button, label, li") ?? holder).textContent));
      }
    }
    return { now: Date.now() / 1000, tables, tiles, cards, graph, others: [...new Set(others)] };
  });
}

/** What a cell has to be. */
export interface Wanted {
  text: string;
  values?: number[];
  /** Of the time that is in it, which is told relative to now where `text` has "%". */
  unix?: number;
}

const words = (name: string) => name.replaceAll("_", " ");
const known = (value: unknown): value is number => typeof value === "number";

/** A number that may not be known. */
export function number(value: unknown, as: (value: number) => string = count): Wanted {
  return known(value) ? { text: as(value), values: [value] } : { text: "–" };
}

export function age(unix: unknown): Wanted {
  return known(unix) && unix !== 0 ? { text: "%", unix } : { text: "never" };
}

export function check(found: Cell, wanted: Wanted, now: number, what: string): void {
  let text = wanted.text;
  if (wanted.unix !== undefined) {
    assert.deepEqual(found.times.map((time) => [time.unix, time.title]), [[wanted.unix, full(wanted.unix, "local")]], what);
    // It is told anew each second.
    const said = [0, 1, 2].map((late) => ago(wanted.unix, now - late));
    assert.ok(said.includes(found.times[0]!.text), `${what}: ${found.times[0]!.text} is none of ${said.join(", ")}`);
    text = text.replace("%", found.times[0]!.text);
  } else {
    assert.deepEqual(found.times, [], what);
  }
  assert.equal(found.text, text, what);
  assert.deepEqual(found.values.map(Number), wanted.values ?? [], what);
}

export function checkRows(shown: Shown, table: string, rows: Wanted[][]): void {
  const found = shown.tables[table];
  assert.ok(found, `there is no table of ${table}, but of ${Object.keys(shown.tables).join(", ")}`);
  assert.equal(found.rows.length, rows.length, table);
  rows.forEach((row, at) => {
    assert.equal(found.rows[at]!.length, row.length, `${table}, row ${at}: ${JSON.stringify(found.rows[at])}`);
    row.forEach((wanted, column) => check(found.rows[at]![column]!, wanted, shown.now, `${table}, row ${at + 1}, ${found.head[column]}`));
  });
}

/** The rows of /targets. */
export async function checkTargets(page: Page, answers: Answers): Promise<void> {
  await page.locator("tbody tr").first().waitFor();
  await answers.rest(page, "/api/v1/targets");
  const shown = await shownOn(page);
  const told = answers.last<TargetList>("/api/v1/targets");
  assert.ok(told.targets.length > 0);
  const loss = told.targets.some((row) => known(row.loss_percent));
  checkRows(shown, "targets", told.targets.map((row): Wanted[] => [
    { text: words(row.state) },
    { text: row.target },
    { text: row.source_region },
    { text: row.agent },
    { text: row.region },
    { text: row.probe_type },
    number(row.time_ms, ms),
    ...(loss ? [known(row.loss_percent) ? number(row.loss_percent, percent) : { text: "" }] : []),
    { text: [row.reason, row.detail].filter(Boolean).join(" ") },
    age(row.since_unix),
  ]));
  const more = told.next ? [`Next ${count(told.targets.length)}`] : [];
  assert.deepEqual(shown.others, [`Targets ${count(told.matching)} of ${plural(told.total, "check")}`, ...more]);
}

/** The rows of /certificates. */
export async function checkCertificates(page: Page, answers: Answers): Promise<void> {
  await page.locator("tbody tr").first().waitFor();
  await answers.rest(page, "/api/v1/certificates");
  const told = answers.last<CertificateList>("/api/v1/certificates");
  const shown = await shownOn(page);
  assert.ok(told.certificates.length > 0);
  const table = shown.tables["certificates"]!;
  assert.equal(table.rows.length, told.certificates.length);
  told.certificates.forEach((one, at) => {
    const [name, ends, left, ...others] = table.rows[at]!;
    const end = one.ends_first.not_after_unix!;
    assert.deepEqual(ends!.times.map((time) => [time.unix, time.text]), [[end, full(end, "local")]]);
    // It is told anew each minute.
    const said = [0, 60].map((late) => (end < shown.now ? `▲ ended ${duration(shown.now - end - late)} ago` : duration(end - shown.now + late)));
    assert.ok(said.includes(left!.text), `${one.subject} ends in ${left!.text}, which is none of ${said.join(", ")}`);
    assert.equal(name!.text, `${one.dns_names[0] ?? one.subject}${one.dns_names.length > 1 ? ` and ${one.dns_names.length - 1} more` : ""}`);
    const problems = problemsOf(one).map((each) => `▲ ${each}`).join("");
    assert.deepEqual(others.map((cell) => cell.text), [one.issuer ?? "–", one.key ?? "–", count(one.targets), one.sources.join(", "), problems]);
  });
  const soon = told.certificates.filter((one) => one.ends_first.not_after_unix! - shown.now < 30 * 86_400).length;
  assert.deepEqual(shown.others, [`Certificates ${count(told.matching)} known, ${count(soon)} end within 30 days`]);
}

// -- /system ----------------------------------------------------------------------------------------

function at(stats: unknown, path: string): number | null {
  let found = [stats];
  for (const name of path.split(".")) {
    found = found.flatMap((each) => (typeof each !== "object" || each === null ? [] : name === "*" ? Object.values(each) : [(each as Record<string, unknown>)[name]]));
  }
  const numbers = found.filter(known);
  return numbers.length === 0 ? null : numbers.reduce((sum, each) => sum + each, 0);
}

/** The rates of what a page was told: over the last four steps, by the process's own time. */
class Rates {
  readonly last: Stats;
  private readonly first: Stats;

  constructor(told: Stats[]) {
    const kept: Stats[] = [];
    told.forEach((each) => (kept.length === 0 || each.process.uptime_seconds - kept.at(-1)!.process.uptime_seconds >= 0.5 ? kept.push(each) : 0));
    assert.ok(kept.length > 1);
    this.last = kept.at(-1)!;
    this.first = kept.at(-5) ?? kept[0]!;
  }

  of(path: string): number | null {
    return this.from((stats) => at(stats, path));
  }

  flow(from: string, to: string): number | null {
    return this.from((stats) => stats.actor_edges?.find((edge) => edge.from === from && edge.to === to)?.messages ?? null);
  }

  private from(value: (stats: Stats) => number | null): number | null {
    const now = value(this.last);
    return now === null ? null : Math.max(0, now - (value(this.first) ?? 0)) / (this.last.process.uptime_seconds - this.first.process.uptime_seconds);
  }
}

/** The texts and values of a tile, one after the other. */
function joined(label: string, ...parts: (string | Wanted)[]): Wanted {
  const all = parts.map((part) => (typeof part === "string" ? { text: part } : part));
  const unix = all.find((part) => part.unix !== undefined)?.unix;
  return { text: label + all.map((part) => part.text).join(""), values: all.flatMap((part) => part.values ?? []), ...(unix === undefined ? {} : { unix }) };
}

function tilesOf(stats: Stats, rates: Rates): Wanted[] {
  const actors = Object.values(stats.actors);
  const sum = (name: "running" | "failed") => actors.reduce((all, each) => all + each[name], 0);
  const cpu = rates.of("process.cpu_seconds");
  const value = (path: string, as?: (value: number) => string) => number(at(stats, path), as);
  const rated = (path: string) => number(rates.of(path), rate);
  const text = (section: string, name: string) => String(((stats[section] ?? {}) as Record<string, unknown>)[name] ?? "");
  const receivers = (name: string) => (Array.isArray(stats[name]) ? (stats[name] as unknown[]).length : 0);
  const tiles = [
    joined("Up", number(stats.process.uptime_seconds, duration), `${count(stats.scheduler.workers)} ${stats.scheduler.workers === 1 ? "worker" : "workers"}, ${stats.scheduler.policy}`),
    joined("CPU", number(cpu === null ? null : cpu * 100, percent), number(stats.process.cpu_seconds, duration), " since the start"),
    joined("Memory", number(stats.process.rss_bytes, bytes), number(stats.process.open_fds), " descriptors"),
    joined("Actors", number(sum("running")), ...(sum("failed") > 0 ? [number(sum("failed")), " have failed"] : ["none has failed"])),
    joined("Messages a second", rated("actors.*.messages"), "of all actors"),
  ];
  if (stats.process.role === "agent") {
    const list = text("sync", "last_error") ? [text("sync", "last_error")] : ["applied in ", value("sync.last_apply_ms", ms), ", ", value("sync.last_bytes", bytes)];
    tiles.push(
      joined("Target list", age(at(stats, "sync.last_ok_unix")), ...list),
      joined("Ticks a second", rated("ticks.due"), "late ", rated("ticks.late"), "/s, lag p99 ", value("ticks.lag_ms.p99", ms)),
      joined("Spool", value("push.spool_batches"), " batches", text("push", "spool_problem") || value("push.spool_bytes", bytes)),
      joined("Results pushed a second", rated("push.results_acked"), ...(text("push", "last_error") ? [text("push", "last_error")] : [value("push.pending"), " wait, last ", age(at(stats, "push.last_ok_unix"))])),
    );
  } else {
    tiles.push(
      joined("Values a second", rated("results.accepted"), value("results.stored_series"), " in the store"),
      joined("Batches a second", rated("journal.batches"), ...(text("journal", "problem") ? [text("journal", "problem")] : ["journal ", value("journal.bytes", bytes)])),
      joined("Into history a second", rated("history.results"), ...(text("history", "last_error") ? [text("history", "last_error")] : [value("history.waiting"), " wait"])),
      joined("Remote write a second", rated("remote_write.*.sent"), ...(receivers("remote_write") === 0 ? ["no receiver"] : [value("remote_write.*.pending"), " wait"])),
      joined("Notices", value("notify.*.told"), ...(receivers("notify") === 0 ? ["no receiver"] : [value("notify.*.pending"), " wait, ", value("notify.*.failed"), " refused"])),
    );
  }
  return tiles;
}

/** Every counter of a section, by the words it stands beside. */
function counters(section: Record<string, unknown>, prefix = ""): [string, Wanted][] {
  return Object.entries(section).flatMap(([name, value]): [string, Wanted][] => {
    if (typeof value === "object" && value !== null) {
      return Array.isArray(value) ? [] : counters(value as Record<string, unknown>, `${prefix}${words(name)} `);
    }
    const label = `${prefix}${words(name.replace(/_unix$/, ""))}`;
    if (name.endsWith("_unix")) {
      return [[label, age(value)]];
    }
    return [[label, known(value) ? number(value, name.endsWith("bytes") ? bytes : count) : { text: typeof value === "string" ? value || "–" : typeof value === "boolean" ? (value ? "yes" : "no") : "–" }]];
  });
}

function cardsOf(stats: Stats): Map<string, [string, Wanted][]> {
  const cards = new Map<string, [string, Wanted][]>();
  for (const [name, section] of Object.entries(stats)) {
    if (["process", "scheduler", "actors", "actor_edges", "warnings", "own_faults", "agents"].includes(name) || typeof section !== "object" || section === null) {
      continue;
    }
    const parts: [string, unknown][] =
      name === "probes"
        ? Object.entries(section).map(([kind, inside]) => [`${kind} probes`, inside])
        : Array.isArray(section)
          ? section.map((inside: unknown, place) => [`${words(name)}: ${String((inside as Record<string, unknown>)["name"] ?? (inside as Record<string, unknown>)["source"] ?? (inside as Record<string, unknown>)["port"] ?? place + 1)}`, inside])
          : [[words(name), section]];
    for (const [title, inside] of parts) {
      const rows = typeof inside === "object" && inside !== null ? counters(inside as Record<string, unknown>) : [];
      if (rows.length > 0) {
        cards.set(title, rows);
      }
    }
  }
  return cards;
}

function checkGraph(shown: Shown, stats: Stats, rates: Rates): void {
  const engines = new Set(Object.keys((stats["probes"] ?? {}) as object));
  const counted: Record<string, string> = { "rpc_client server": "sync.ok", "journal remote_write": "remote_write.*.sent", "incidents notify": "notify.*.told" };
  for (const [name, text] of Object.entries(shown.graph)) {
    const [from, to] = name.split(" ");
    if (to !== undefined) {
      const seen = stats.actor_edges?.some((edge) => edge.from === from && edge.to === to);
      const counter = counted[name] ?? (engines.has(to) ? `probes.${to}.started` : engines.has(from!) ? `probes.${from}.finished` : "");
      const flow = seen ? rates.flow(from!, to) : counter ? rates.of(counter) : null;
      assert.equal(text, flow ? `${rate(flow)}/s` : "", `the edge ${name}`);
      continue;
    }
    const actor = stats.actors[name];
    const much = actor ? `${rate(rates.of(`actors.${name}.messages`))}/s${actor.mailbox.now > 0 ? ` · ${count(actor.mailbox.now)} wait` : ""}` : engines.has(name) ? "sockets, own thread" : "elsewhere";
    const title = !actor && engines.has(name) ? `${name} engine` : `${words(name)}${actor && actor.running > 1 ? ` × ${count(actor.running)}` : ""}`;
    assert.equal(text, `${title} ${much}`, `the node ${name}`);
  }
  const flows = shown.tables["flow of messages"]!.rows;
  for (const [from, to, , ...numbers] of flows) {
    const names = [from!.text, to!.text].map((each) => each.replaceAll(" ", "_"));
    const seen = stats.actor_edges?.find((edge) => edge.from === names[0] && edge.to === names[1]);
    const counter = counted[names.join(" ")] ?? (engines.has(names[1]!) ? `probes.${names[1]}.started` : engines.has(names[0]!) ? `probes.${names[0]}.finished` : "");
    const wanted = [number(seen ? rates.flow(names[0]!, names[1]!) : counter ? rates.of(counter) : null, rate), number(seen?.messages), number(seen?.questions)];
    wanted.forEach((each, column) => check(numbers[column]!, each, shown.now, `the flow ${names.join(" ")}, number ${column + 1}`));
  }
  for (const edge of stats.actor_edges ?? []) {
    const drawn = `${edge.from} ${edge.to}` in shown.graph || edge.from === edge.to;
    assert.ok(!drawn || flows.some(([from, to]) => from!.text === words(edge.from) && to!.text === words(edge.to)), `${edge.from} ${edge.to} is not in the table`);
  }
}

/** All of /system, server's or agent's. */
export async function checkSystem(page: Page, answers: Answers): Promise<void> {
  await page.locator("[data-actor]").first().waitFor();
  await answers.rest(page, "/stats", 4);
  const shown = await shownOn(page);
  const rates = new Rates(answers.to<Stats>("/stats"));
  const stats = rates.last;
  const speed = (kind: string) => rates.of(`actors.${kind}.messages`);
  const all = Object.entries(stats.actors).sort(([a, one], [b, other]) => (speed(b) ?? other.messages) - (speed(a) ?? one.messages) || (a < b ? -1 : 1));
  checkRows(shown, "actors", all.map(([kind, actor]): Wanted[] => [
    { text: words(kind) },
    number(actor.running),
    number(actor.spawned),
    number(actor.failed),
    number(actor.mailbox.now),
    number(actor.mailbox.max),
    number(actor.messages),
    number(speed(kind), rate),
    { text: "" },
    number(actor.handler_us.p50, us),
    number(actor.handler_us.p99, us),
    { text: "" },
  ]));
  const probes = (stats["probes"] ?? {}) as Record<string, Record<string, number>>;
  if (stats.process.role === "agent") {
    const kinds = Object.keys(probes).sort((a, b) => (probes[b]!["started"] ?? 0) - (probes[a]!["started"] ?? 0));
    checkRows(shown, "engines", kinds.map((kind): Wanted[] => [
      { text: kind },
      number(at(stats, `targets.${kind}`)),
      ...["in_flight", "queued"].map((name) => number(probes[kind]![name])),
      number(rates.of(`probes.${kind}.started`), rate),
      { text: "" },
      ...["succeeded", "failed", "local_errors"].map((name) => number(probes[kind]![name])),
      number(at(stats, `${kind}.receive_gap_us.p99`), us),
    ]));
  }
  const tiles = tilesOf(stats, rates);
  assert.deepEqual(Object.values(shown.tiles).length, tiles.length);
  Object.entries(shown.tiles).forEach(([label, tile], place) => check(tile, tiles[place]!, shown.now, `the tile ${label}`));
  const cards = cardsOf(stats);
  assert.deepEqual(Object.keys(shown.cards).sort(), [...cards.keys()].sort());
  for (const [title, rows] of cards) {
    assert.deepEqual(shown.cards[title]!.map(([label]) => label), rows.map(([label]) => label), title);
    rows.forEach(([label, wanted], place) => check(shown.cards[title]![place]![1], wanted, shown.now, `${title}: ${label}`));
  }
  checkGraph(shown, stats, rates);
  const slowest = [...all].sort(([, a], [, b]) => b.handler_us.p99 - a.handler_us.p99)[0]!;
  assert.deepEqual(shown.others, [
    `System ${stats.process.role}, version ${stats.process.version}`,
    `Busiest: ${words(all[0]![0])} with ${rate(speed(all[0]![0]))} messages a second. Slowest: ${words(slowest[0])}, whose handlers take ${us(slowest[1].handler_us.p99)} at the 99th percentile.`,
    "Handler p50",
    "p99",
    "p99 so far",
    ...(stats.process.role === "agent" ? ["From the kernel, p99"] : []),
  ]);
}
