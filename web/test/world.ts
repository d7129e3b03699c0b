// Prepared worlds: what a server and an agent would answer, in the form of their API.

import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";

import type { Agent, CertificateList, Column, Incident, PastMatrix, Point, State, StateNumbers, States, StatusPage, TargetRow } from "../src/types.ts";

export function incident(given: Partial<Incident>): Incident {
  return {
    id: 7,
    kind: "target",
    severity: "critical",
    summary: "target https://shop.example/: 2 of 3 sources fail to reach it (refused)",
    opened_unix: 1000,
    closed_unix: null,
    probe_type: "http",
    reason: "refused",
    phase: "connect",
    detail: "connecting to 192.0.2.9:443: refused",
    sources: { affected: 2, of: 3, names: ["eu-west", "us-east"] },
    targets: { affected: 1, of: 4, names: ["https://shop.example/"] },
    ends: "sources_and_targets",
    labels: { region: "r-web", target: "https://shop.example/" },
    flapping: false,
    acknowledged: null,
    timeline: [],
    certificate: null,
    merged_into: null,
    muted: false,
    ...given,
  };
}

export interface World {
  regions: number;
  calm: boolean;
  /** Of a server that nobody has come to yet: no agents, no targets. */
  empty: boolean;
  /** Agents are there, and nothing to probe. */
  bare: boolean;
  /** An incident of each of the four kinds. */
  allKinds: boolean;
  /** A certificate is about to end, whose dates no agent has told but that one. */
  ending: boolean;
  /** A kind that the pages have never heard of is there, and agents probe each other with it. */
  toy: boolean;
  /** Why no agent answers what it is asked; empty: they do. */
  mute: string;
  /** Beside the few that have names: so many rows, open incidents and agents. */
  targets: number;
  incidents: number;
  agents: number;
  /** Likewise rows of which nothing is known, agents that are lost, and closed incidents, all of which flap. */
  stale: number;
  lost: number;
  closed: number;
  /** From so many regions one target is seen, of which every 25th fails. */
  sources: number;
  /** When it began, from which incidents count their time, in seconds. */
  began: number;
  /** How often something small has changed: of the map a pair, of the incidents one. */
  changes: number;
  /** The incident that has become the gravest of all; 0: none. */
  gravest: number;
  /** Every request that came, by method and path. */
  asked: string[];
  posted: { path: string; body: unknown }[];
  /** Readers of the events. */
  readers: ServerResponse[];
}

/** An event comes. */
export function tell(of: World, name: string): void {
  of.readers.forEach((reader) => reader.write(`id: run-${of.asked.length + 1}\nevent: ${name}\ndata: {}\n\n`));
}

/** How many follow the events now. */
export function openReaders(of: World): number {
  return of.readers.filter((reader) => !reader.destroyed).length;
}

export function world(given: Partial<World> = {}): World {
  return { regions: given.empty ? 0 : 6, calm: given.empty ?? false, empty: false, bare: false, allKinds: false, ending: false, toy: false, mute: "", targets: 0, incidents: 0, agents: 0, stale: 0, lost: 0, closed: 0, sources: 0, began: now(), changes: 0, gravest: 0, asked: [], posted: [], readers: [], ...given };
}

const now = () => Math.floor(Date.now() / 1000);
const regionName = (at: number) => `region-${String(at).padStart(3, "0")}`;

/** As many as a large fleet has: 200 × 200 regions, 100,000 targets, 500 incidents. */
export function largeWorld(): World {
  return world({ regions: 200, targets: 100_000, incidents: 500, agents: 200, sources: 199 });
}

const many = new WeakMap<World, TargetRow[]>();

/** Rows of addresses in all regions, one in a hundred of which fails. */
function manyRows(of: World): TargetRow[] {
  let all = many.get(of);
  if (!all) {
    all = Array.from({ length: of.targets }, (_, at) => {
      const failing = at % 100 === 0;
      return {
        uid: `${at.toString(16).padStart(12, "0")}beef`,
        target: `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`,
        region: regionName((at * 7) % of.regions),
        probe_type: "icmp",
        source_region: regionName(at % of.regions),
        agent: `10.200.0.${at % of.regions}`,
        state: failing ? "failing" : "ok",
        since_unix: now() - 60 - ((at * 131) % 86_400),
        streak: 4 + (at % 900),
        time_ms: failing ? null : 1 + ((at * 37) % 1000) / 7,
        loss_percent: failing ? 100 : 0,
        reason: failing ? "no_reply" : null,
        phase: null,
        detail: failing ? `no reply from 10.${at >> 16}.${(at >> 8) & 255}.${at & 255} to 50 echoes` : null,
        failed_unix: failing ? now() - 3 : null,
        time_unix: now() - (at % 15),
        labels: { team: `team-${at % 40}` },
        latency_ms: failing ? null : 1 + ((at * 37) % 1000) / 7,
        drop_rate: failing ? 100 : 0,
      } satisfies TargetRow;
    });
    many.set(of, all);
  }
  return all;
}

/** The target that many regions see. */
export const wide = "00000000000000c0";

const failsWide = (at: number) => at % 25 === 24;

function wideRows(of: World): TargetRow[] {
  return Array.from({ length: of.sources }, (_, at) => {
    const failing = failsWide(at);
    return {
      uid: wide,
      target: "https://wide.example/",
      region: "r-web",
      probe_type: "http",
      source_region: regionName(at),
      agent: `10.200.0.${at}`,
      state: failing ? "failing" : "ok",
      since_unix: of.began - 600,
      streak: 40,
      time_ms: failing ? null : 20 + at / 10,
      loss_percent: null,
      reason: failing ? "refused" : null,
      phase: failing ? "connect" : null,
      detail: failing ? "connecting to 192.0.2.8:443: refused" : null,
      failed_unix: failing ? of.began - 3 : null,
      time_unix: of.began - 3,
      labels: {},
      phases_ms: { resolve: 1.2, connect: failing ? null : 8 },
    } satisfies TargetRow;
  });
}

/** What a source of the wide target remembers: each of them has failed once. */
function remembered(row: TargetRow): TargetRow {
  const run = { from_unix: now() - 4000, to_unix: now() - 3900, results: 2, state: "failing" as const, reason: "deadline", phase: "connect", detail: null };
  const results = Array.from({ length: 20 }, (_, back) => ({ time_unix: now() - 3 - 15 * back, state: row.state, time_ms: row.time_ms, loss_percent: 0, reason: row.reason, phase: row.phase, detail: null }));
  return { ...row, failures: [run], results };
}

function staleRows(of: World): TargetRow[] {
  const [one] = wideRows({ ...of, sources: 1 }) as [TargetRow];
  return Array.from({ length: of.stale }, (_, at) => ({ ...one, uid: `00000000000${String(at).padStart(4, "0")}d`, target: `https://silent-${at}.example/`, state: "stale", time_ms: null }));
}

function rows(of: World): TargetRow[] {
  const urls = ["https://shop.example/", "https://api.example/", "https://docs.example/"];
  const few = urls.flatMap((target, at) =>
    ["eu-west", "us-east"].map((source_region) => {
      const failing = at === 0 && !of.calm;
      return {
        uid: `00000000000000a${at}`,
        target,
        region: "r-web",
        probe_type: "http",
        source_region,
        agent: source_region === "eu-west" ? "10.0.0.1" : "10.0.0.2",
        state: failing ? "failing" : "ok",
        since_unix: of.began - 720,
        streak: 48,
        time_ms: failing ? null : 53.2,
        loss_percent: null,
        usual_ms: 41,
        reason: failing ? "refused" : null,
        phase: failing ? "connect" : null,
        detail: failing ? "connecting to 192.0.2.9:443: refused" : null,
        failed_unix: failing ? now() - 3 : null,
        failures: failing
          ? [
              { from_unix: now() - 720, to_unix: now() - 3, results: 48, state: "failing", reason: "refused", phase: "connect", detail: "connecting to 192.0.2.9:443: refused" },
              { from_unix: now() - 4000, to_unix: now() - 4000, results: 1, state: "failing", reason: "deadline", phase: "processing", detail: "no answer from 192.0.2.9:443 within 10 s" },
            ]
          : [],
        results: [0, 1, 2, 3].map((back) => ({
          time_unix: now() - 3 - 15 * back,
          state: failing && back < 3 ? "failing" : "ok",
          time_ms: failing && back < 3 ? null : 20 + back,
          loss_percent: 0,
          reason: failing && back < 3 ? "refused" : null,
          phase: failing && back < 3 ? "connect" : null,
          detail: null,
        })),
        time_unix: now() - 3,
        labels: { team: "shop" },
        status: failing ? null : 200,
        cert_expiry_unix: failing ? null : now() + (at + 3) * 86_400,
        phases_ms: { resolve: 1.2, connect: failing ? null : 8, tls: failing ? null : 12, processing: failing ? null : 30, transfer: failing ? null : 2 },
      } satisfies TargetRow;
    }),
  );
  return of.empty || of.bare ? [] : [...few, ...(of.toy ? toyRows() : []), ...wideRows(of), ...staleRows(of), ...(of.targets > 0 ? manyRows(of) : [])];
}

/** Of a kind that the pages have never heard of, which is measured between regions. */
function toyRows(): TargetRow[] {
  return ["eu-west", "us-east"].map((source_region) => {
    const failing = source_region === "eu-west";
    return {
      uid: "00000000000000b0",
      target: "wheel.example:7",
      region: "ap-south",
      probe_type: "toy",
      source_region,
      agent: failing ? "10.0.0.1" : "10.0.0.2",
      state: failing ? "failing" : "degraded",
      since_unix: now() - 300,
      streak: 20,
      time_ms: failing ? null : 4.5,
      usual_ms: 4,
      loss_percent: 25,
      reason: failing ? "refused" : null,
      phase: failing ? "spin" : null,
      detail: failing ? "spinning the wheel: it is stuck" : null,
      failed_unix: failing ? now() - 3 : null,
      failures: [],
      results: [],
      time_unix: now() - 3,
      labels: {},
      level: failing ? null : 42,
      lost: 25,
      oil_bytes: 4096,
      oiled_unix: now() - 7200,
      phases_ms: { wind: 1.5, spin: failing ? null : 3 },
    } satisfies TargetRow;
  });
}

const httpColumns: Column[] = [
  ...["resolve", "connect", "tls", "processing", "transfer"].map((key): Column => ({ key, role: "phase", unit: "ms" })),
  { key: "status", role: "gauge", unit: "" },
  { key: "cert_expiry_unix", role: "time", unit: "seconds" },
];

const toyColumns: Column[] = [
  { key: "wind", role: "phase", unit: "ms" },
  { key: "spin", role: "phase", unit: "ms" },
  { key: "level", role: "gauge", unit: "" },
  { key: "lost", role: "loss", unit: "percent" },
  { key: "oil_bytes", role: "count", unit: "bytes" },
  { key: "oiled_unix", role: "time", unit: "seconds" },
];

function certificates(of: World, query: URLSearchParams): CertificateList {
  const day = 86_400;
  const link = (letter: string, subject: string, issuer: string, days: number) => ({
    fingerprint_sha256: letter.repeat(64), subject, issuer, dns_names: subject === "CN=Example CA" ? [] : [subject.slice(3)],
    not_before_unix: now() - 40 * day, not_after_unix: now() + days * day, key: "EC 256",
  });
  const middle = link("c", "CN=Example CA", "CN=Example Root", 5);
  const seen = [
    { source_region: "eu-west", agent: "10.0.0.1", fingerprint_sha256: "a".repeat(64), verdict: "accepted" },
    { source_region: "us-east", agent: "10.0.0.2", fingerprint_sha256: "b".repeat(64), verdict: "accepted" },
  ];
  const shop = { uid: "00000000000000a0", target: "https://shop.example/", region: "r-web", probe_type: "http", differs: true, seen_by: 2, seen };
  const docs = { uid: "00000000000000a1", target: "https://docs.example/", region: "r-web", probe_type: "http", differs: false, seen_by: 1, seen: [{ ...seen[0]!, fingerprint_sha256: "d".repeat(64) }] };
  const first = link("a", "CN=shop.example", "CN=Example CA", 60);
  const second = { ...link("d", "CN=docs.example", "CN=Example Root", 50), ...(of.ending ? { not_before_unix: null } : {}) };
  const rest = { chain_state: "complete" as const, chains: 1, targets: 1, refused: 0, refusals: [] as string[], sources: ["eu-west"] };
  const all = [
    { ...first, ...rest, ends_first: { subject: middle.subject, fingerprint_sha256: middle.fingerprint_sha256, not_after_unix: middle.not_after_unix, own: false }, chain: [first, middle], differing: 1, shown: [shop] },
    { ...second, ...rest, ends_first: { subject: second.subject, fingerprint_sha256: second.fingerprint_sha256, not_after_unix: second.not_after_unix, own: true }, chain: [second], differing: 0, shown: [docs] },
  ].filter((one) => !of.empty && (query.get("fingerprint") ?? one.fingerprint_sha256) === one.fingerprint_sha256 && (query.get("uid") ?? one.shown[0]!.uid) === one.shown[0]!.uid && (one.subject + one.shown[0]!.target).includes(query.get("q") ?? ""));
  return { certificates: all, matching: all.length, known: { certificates: 3, chains: 2, sightings: 3, agents: 2, left_out: 0, refused: 0 }, next: null };
}

function fitting(of: World, query: URLSearchParams): TargetRow[] {
  const states = (query.get("state") ?? "").split(",").filter((each) => each !== "");
  return rows(of).filter(
    (row) =>
      (states.length === 0 || states.includes(row.state)) &&
      ["target", "region", "source_region", "probe_type", "agent", "uid"].every((name) => (query.get(name) ?? row[name]) === row[name]) &&
      row.target.includes(query.get("q") ?? ""),
  );
}

const worst: State[] = ["failing", "degraded", "prober_fault", "stale", "never", "ok"];

/** As `sort` says; what is alike in the order in which it was. */
function sorted(rows: TargetRow[], sort: string | null): TargetRow[] {
  const name = sort?.replace(/^-/, "");
  const value = (row: TargetRow) => (name === "state" ? worst.indexOf(row.state) : name === "since" ? (row.since_unix ?? 0) : name === "agent" ? row.agent : row.target);
  const way = sort?.startsWith("-") ? -1 : 1;
  return sort === null ? rows : [...rows].sort((a, b) => (value(a) < value(b) ? -way : value(a) > value(b) ? way : 0));
}

function targets(of: World, query: URLSearchParams) {
  const all = rows(of);
  const found = sorted(fitting(of, query), query.get("sort"));
  const limit = Number(query.get("limit") ?? 100);
  const from = Number(query.get("cursor") ?? 0);
  return { targets: found.slice(from, from + limit), matching: found.length, total: all.length, next: found.length > from + limit ? String(from + limit) : null };
}

function numbersOf(all: TargetRow[]): StateNumbers {
  const out: StateNumbers = { ok: 0, degraded: 0, failing: 0, prober_fault: 0, stale: 0, never: 0 };
  all.forEach((row) => ++out[row.state as State]);
  return out;
}

function states(of: World, query: URLSearchParams): States {
  const by = query.get("by") ?? "probe_type";
  const found = fitting(of, query);
  const names = [...new Set(found.map((row) => String(row[by])))].sort();
  return { total: rows(of).length, matching: found.length, states: numbersOf(found), by, groups: names.map((name) => ({ name, states: numbersOf(found.filter((row) => row[by] === name)) })), others: null };
}

function regions(of: World) {
  return { regions: Array.from({ length: of.regions }, (_, at) => ({ region: regionName(at), agents: 1, pairs_as_source: 1, pairs_as_target: 1, never_probed: 0, labels: at === 0 ? {} : { continent: at % 2 === 0 ? "europe" : "asia" } })) };
}

function statusPage(of: World): StatusPage {
  const from_unix = Math.floor(now() / 86_400 - 89) * 86_400;
  const bad = of.calm ? 0 : 720;
  return {
    title: "Our services",
    time_unix: now(),
    groups: of.empty ? [] : [
      {
        name: "Shop",
        state: of.calm ? "ok" : "degraded",
        words: of.calm ? "works" : "works in part",
        since_unix: of.calm ? null : now() - 720,
        checks: { failing: of.calm ? 0 : 2, of: 6 },
        incidents: of.calm ? [] : [{ since_unix: now() - 720, severity: "critical", sentence: "Not reached from 2 of 3 places: refused.", acknowledged: true, targets: [] }],
        last_24h: of.calm ? [] : [{ from_unix: now() - 720, to_unix: now(), severity: "critical" }],
        known_24h: [{ from_unix: now() - 86_400, to_unix: now() }],
        days: { from_unix, seconds: Array.from({ length: 90 }, (_, at) => (at === 89 ? bad : 0)), known_seconds: Array.from({ length: 90 }, () => 80_000) },
      },
      { name: "Europe", state: "ok", words: "works", since_unix: null, checks: { failing: 0, of: 12 }, incidents: [], last_24h: [], known_24h: [{ from_unix: now() - 7200, to_unix: now() }], days: { from_unix, seconds: Array.from({ length: 90 }, () => 0), known_seconds: Array.from({ length: 90 }, (_, at) => (at < 87 ? 0 : 7200)) } },
    ],
  };
}

function agents(of: World): Agent[] {
  const one = (region: string, local_ip: string, state: Agent["state"]): Agent => ({
    region,
    local_ip,
    state,
    peer: `${local_ip}:4000`,
    first_seen_unix: now() - 86_400,
    last_seen_unix: now() - (state === "lost" ? 400 : 2),
    last_push_unix: now() - 4,
    version: "0.1.0",
    http_addr: `${local_ip}:8087`,
    probe_interval_ms: 15_000,
    clock_skew_ms: state === "lost" ? 1500 : 3,
    answers_questions: true,
    link: state === "lost" || local_ip === "10.0.0.2" ? null : `${region === "eu-west" ? "https" : "http"}://${local_ip}:8087/`,
    shard: state === "lost" ? null : { place: 1, of: 2 },
    backlog: state === "lost" ? null : local_ip === "10.0.0.2" ? { batches: 120, bytes: 345_678, oldest_unix: now() - 900 } : { batches: 0, bytes: 0, oldest_unix: null },
    lag_ms: state === "lost" ? null : 12,
    own_faults: state === "lost" ? [{ reason: "no_ipv6", detail: "this machine has no IPv6 route", since_unix: now() - 900 }] : [],
  });
  const others = Array.from({ length: of.agents }, (_, at) => one(regionName(at), `10.200.0.${at}`, "ok"));
  return of.empty ? [] : [one("eu-west", "10.0.0.1", "ok"), one("us-east", "10.0.0.2", "ok"), one("ap-south", "10.0.0.3", "lost"), ...others, ...Array.from({ length: of.lost }, (_, at) => one("ap-north", `10.1.0.${at}`, "lost"))];
}

const openOnes = new WeakMap<World, Incident[]>();

/** Paths that fail, each with the names that an incident has at most. */
function manyIncidents(of: World): Incident[] {
  const all = openOnes.get(of) ?? makeIncidents(of);
  openOnes.set(of, all);
  return all.map((each, at) => (at === of.incidents - 2 && of.changes > 0 ? { ...each, targets: { ...each.targets, affected: 20 + of.changes } } : each));
}

function makeIncidents(of: World): Incident[] {
  const names = (from: number, number: number) => Array.from({ length: number }, (_, at) => regionName((from + at) % of.regions));
  return Array.from({ length: of.incidents }, (_, at) =>
    incident({
      id: 100 + at,
      kind: at % 5 === 0 ? "target" : "path",
      severity: at % 3 === 0 ? "critical" : "warning",
      summary: `path from ${regionName(at % of.regions)} to ${regionName((at * 7) % of.regions)}: the pair fails, and neither end fails in general (no_reply)`,
      opened_unix: now() - 60 * (at + 1),
      probe_type: "icmp",
      reason: "no_reply",
      phase: "",
      detail: `no reply from 10.0.${at >> 8}.${at & 255} to 50 echoes`,
      sources: { affected: 20, of: of.regions, names: names(at, 20) },
      targets: { affected: 20, of: of.regions, names: names(at * 3, 20) },
      ends: "regions",
      labels: { source_region: regionName(at % of.regions), region: regionName((at * 7) % of.regions) },
      timeline: Array.from({ length: 10 }, (__, step) => ({ at_unix: now() - 60 * (at + 1) + step, event: step === 0 ? "opened" : "changed", sources: 2 + step, targets: 20, text: "more sources see it" })),
    }),
  );
}

export function incidents(of: World): Incident[] {
  return allIncidents(of).map((each) => (each.id === of.gravest ? { ...each, severity: "critical", opened_unix: 1000 } : each));
}

function allIncidents(of: World): Incident[] {
  if (of.calm) {
    return [];
  }
  return [
    ...manyIncidents(of),
    incident({ opened_unix: of.began - 720, timeline: [{ at_unix: of.began - 720, event: "opened", sources: 2, targets: 1, text: "it fails" }] }),
    incident({
      id: 8,
      kind: "path",
      severity: "warning",
      summary: "path from eu-west to us-east: the pair fails, and neither end fails in general (no_reply)",
      opened_unix: of.began - 300,
      probe_type: "icmp",
      reason: "no_reply",
      phase: "",
      detail: "no reply from 10.0.0.2 to 50 echoes",
      sources: { affected: 1, of: 3, names: ["eu-west"] },
      targets: { affected: 1, of: 3, names: ["us-east"] },
      ends: "regions",
      labels: { source_region: "eu-west", region: "us-east" },
    }),
    ...(of.allKinds ? [darkSource(), lostProber()] : []),
    ...(of.ending ? [endingCertificate()] : []),
    ...(of.toy ? [toyPath()] : []),
  ];
}

function closedOnes(of: World): Incident[] {
  const one = (id: number, ago: number, of: Partial<Incident> = {}) => incident({ id, opened_unix: now() - ago - 1000, closed_unix: now() - ago, flapping: true, ...of });
  const others = Array.from({ length: of.closed }, (_, at) => one(10_000 + at, 9000 + at, { targets: { affected: 1, of: 4, names: [`https://was-${at}.example/`] } }));
  return of.calm ? [] : [one(3, 8000), ...others];
}

function endingCertificate(): Incident {
  return incident({
    id: 12,
    severity: "warning",
    summary: "target https://docs.example/: its certificate of CN=docs.example ends at 2026-01-02T03:04:05Z",
    opened_unix: now() - 3600,
    reason: "certificate_ends",
    phase: "",
    detail: "",
    sources: { affected: 0, of: 0, names: [] },
    targets: { affected: 1, of: 1, names: ["https://docs.example/"] },
    labels: { region: "r-web", target: "https://docs.example/" },
    certificate: "1767323045",
  });
}

function toyPath(): Incident {
  return incident({
    id: 11,
    kind: "path",
    severity: "warning",
    summary: "path from eu-west to ap-south: the pair fails, and neither end fails in general (refused)",
    opened_unix: now() - 300,
    probe_type: "toy",
    reason: "refused",
    phase: "spin",
    detail: "spinning the wheel: it is stuck",
    sources: { affected: 1, of: 3, names: ["eu-west"] },
    targets: { affected: 1, of: 3, names: ["ap-south"] },
    ends: "regions",
    labels: { source_region: "eu-west", region: "ap-south" },
  });
}

function darkSource(): Incident {
  return incident({
    id: 9,
    kind: "source",
    summary: "source ap-north: 5 of 5 targets are not reached from there (no_reply)",
    opened_unix: now() - 95,
    probe_type: "icmp",
    reason: "no_reply",
    phase: "",
    detail: "no reply from 10.0.0.2 to 50 echoes",
    sources: { affected: 1, of: 6, names: ["ap-north"] },
    targets: { affected: 5, of: 5, names: ["eu-west", "us-east", "ap-south", "sa-east", "af-south"] },
    ends: "regions",
    labels: { source_region: "ap-north" },
  });
}

function lostProber(): Incident {
  return incident({
    id: 10,
    kind: "prober",
    summary: "prober ap-south 10.0.0.3 is lost: it has not been heard of since it last asked",
    opened_unix: now() - 400,
    probe_type: "",
    reason: "lost",
    phase: "",
    detail: "the agent has not asked for 400 s",
    sources: { affected: 1, of: 6, names: ["ap-south"] },
    targets: { affected: 8, of: 8, names: [] },
    labels: { source_region: "ap-south" },
  });
}

const meshKind = (of: World) => (of.toy ? "toy" : "icmp");

function matrix(of: World, metric: string) {
  const size = of.regions;
  const names = Array.from({ length: size }, (_, at) => regionName(at));
  const each = <T>(value: (row: number, column: number) => T) => names.map((_, row) => names.map((__, column) => (row === column ? null : value(row, column))));
  const down = (row: number, column: number) => !of.calm && (row * 7 + column * 3) % 29 === 0 || (of.changes > 0 && row === 1 && column === 2 + (of.changes % 3));
  const value = (row: number, column: number) =>
    metric === "state" ? (down(row, column) ? "failing" : "ok") : metric === "latency" ? 10 + ((row + column) % 5) : metric === "drop_rate" ? (down(row, column) ? 100 : 0) : 1;
  return {
    probe_type: meshKind(of),
    metric,
    unit: "ms",
    regions: names,
    values: each(value),
    targets: each(() => 1),
    failing: each((row, column) => (down(row, column) ? 1 : 0)),
    ...(metric === "state" ? { states: each((row, column) => ({ [down(row, column) ? "failing" : "ok"]: 1 })) } : {}),
    ...(metric === "latency" ? { usual: each(() => 10), ratio: each((row, column) => 1 + ((row + column) % 5) / 4) } : {}),
  };
}

/** As it was: in the last quarter of an hour one more pair failed. Before the last 12 hours nothing is known. */
function pastMatrix(of: World, metric: string, at: number): PastMatrix {
  const { targets: probes, failing, ...present } = matrix(of, metric);
  const late = now() - at < 900;
  const forgotten = now() - at > 43_200;
  const failed = failing.map((row, from) => row.map((value, to) => (value === null || forgotten ? null : value > 0 || (late && from === 1 && to === 2) ? 4 : 0)));
  const values = forgotten ? failed : metric === "state" ? present.values.map((row, from) => row.map((value, to) => ((failed[from]?.[to] ?? 0) > 0 ? "failing" : value))) : present.values;
  const told = metric === "state" ? { states: failed.map((row) => row.map((value) => (value === null ? null : value > 0 ? { failing: value } : { ok: 4 }))) } : {};
  return { ...present, ...told, values, probes: probes.map((row) => row.map((value) => (value === null || forgotten ? null : 4))), failed, at_unix: at, from_unix: at - 45, to_unix: at + 15, level: "15s" } as PastMatrix;
}

function points(): Point[] {
  const begin = Math.floor((now() - 3600) / 15) * 15;
  return Array.from({ length: 240 }, (_, at) => ({
    time_unix: begin + at * 15,
    probes: 4,
    succeeded: at > 200 ? 1 : 4,
    success_ratio: at > 200 ? 0.25 : 1,
    latency_ms: { count: 4, mean: 12, min: 10, max: 20, p50: 12 + Math.sin(at / 9), p99: 19 + Math.cos(at / 7) },
    loss_percent: at > 200 ? 75 : 0,
    phases_ms: { resolve: 1, connect: 5, tls: 8, processing: 20, transfer: 2 },
  }));
}

function history(of: World, query: URLSearchParams) {
  const head = { level: "15s", step_seconds: 15, from_unix: now() - 3600, to_unix: now() };
  if (query.get("uid") === wide) {
    // It is kept by itself since somebody has opened the page, a minute ago.
    const kept = points().slice(-4);
    const failed = (all: Point[]) => all.map((each) => ({ ...each, succeeded: 0, success_ratio: 0 }));
    return { ...head, uid: wide, watched_since_unix: now() - 60, sources: wideRows(of).map(({ source_region, state }) => ({ source_region, points: state === "failing" ? failed(kept) : kept.map((each) => ({ ...each, succeeded: each.probes })) })) };
  }
  return query.has("uid")
    ? { ...head, uid: query.get("uid"), watched_since_unix: now() - 7200, sources: ["eu-west", "us-east"].map((source_region) => ({ source_region, points: points() })) }
    : { ...head, probe_type: query.get("probe_type") ?? meshKind(of), points: points() };
}

let turn = 0;

export function stats(role: "server" | "agent") {
  ++turn;
  const actor = (messages: number, running = 1) => ({
    running,
    spawned: running,
    stopped: 0,
    failed: 0,
    messages: messages * turn,
    mailbox: { now: turn % 3, max: 12 },
    handler_us: { p50: 12.5, p99: 140 + turn, max: 900 },
  });
  const edge = (from: string, to: string, messages: number, questions = 0) => ({ from, to, messages: messages * turn, questions: questions * turn });
  const common = {
    process: { version: "0.1.0", role, started_unix: 1_000_000, uptime_seconds: 4000 + performance.now() / 1000, rss_bytes: 31_000_000, cpu_seconds: 12 + turn / 50, open_fds: 31 },
    scheduler: { policy: "sharing", workers: 1 },
    warnings: [],
    targets: { icmp: 12, http: 3 },
  };
  return role === "server"
    ? {
        ...common,
        actors: { registry: actor(7), target_pool: actor(5), journal: actor(10), store: actor(11), history: actor(2), incidents: actor(3), events: actor(5), gateway: actor(9), stats: actor(1) },
        agents: 3,
        results: { received: 100 * turn, accepted: 100 * turn },
        journal: { batches: 3 * turn, problem: "" },
        rpc: { requests: 6 * turn },
        history: { results: 40 * turn, waiting: 0, last_error: "" },
        remote_write: [],
        notify: [],
        actor_edges: [edge("outside", "gateway", 9), edge("outside", "registry", 6), edge("gateway", "journal", 3, 3), edge("journal", "store", 3, 3), edge("history", "journal", 2, 2), edge("store", "incidents", 2, 2), edge("incidents", "events", 4), edge("store", "store", 5)],
      }
    : {
        ...common,
        actors: { target: actor(22, 15), ticker: actor(11), results: actor(14), target_manager: actor(1), rpc_client: actor(4), syncer: actor(1), pusher: actor(1), spool: actor(4), stats: actor(1) },
        sync: { ok: turn, last_ok_unix: now() - 1, last_error: "" },
        push: { batches_ok: turn, last_ok_unix: now() - 1, last_error: "", pending: 3, spool_bytes: 0, spool_problem: "" },
        ticks: { due: 11 * turn, lag_ms: { p50: 0.5, p99: 3, max: 20 } },
        actor_edges: [edge("ticker", "target", 11), edge("target", "icmp", 9), edge("icmp", "target", 9), edge("target", "http", 2), edge("http", "target", 2), edge("target", "results", 11), edge("pusher", "results", 1, 1), edge("ticker", "ticker", 100)],
        probes: { icmp: { started: 9 * turn, finished: 9 * turn }, http: { started: 2 * turn, finished: 2 * turn } },
        own_faults: [],
      };
}

function result(success: boolean, at: number) {
  return {
    kind: "http",
    time_unix: at,
    success,
    error: success ? null : "refused",
    local_error: false,
    detail: success ? "" : "connecting to 192.0.2.9:443: refused",
    address: "192.0.2.9",
    duration_ms: 42,
    time_ms: success ? 39 : null,
    loss_percent: null,
    remark: success ? "status 200" : "",
    start_lag_ms: 0.3,
    shared: false,
    resolve_cached: true,
    http: {
      failed_phase: success ? null : "connect",
      status: success ? 200 : null,
      redirects: 1,
      tls: success ? { version: "TLS 1.3", subject: "CN=shop.example", expiry_unix: at + 90_000, dns_names: ["shop.example"] } : null,
      phases_ms: { resolve: 1, connect: success ? 8 : null, tls: success ? 9 : null, processing: success ? 20 : null, transfer: success ? 1 : null },
    },
  };
}

/** Of a module that is built on a kind that the pages have never heard of. */
function toyResult(at: number) {
  const { http, ...rest } = result(true, at);
  return { ...rest, kind: "toy", address: "192.0.2.7", time_ms: 4.5, loss_percent: 25, remark: "oiled well", toy: { level: 42, failed_phase: null, phases_ms: { wind: 1.5, spin: 3 } } };
}

/** What a probe brings that somebody has asked an agent for. */
function probed(at: number) {
  const one = (subject: string, issuer: string, end: number) => ({ subject, issuer, dns_names: subject === "CN=shop.example" ? ["shop.example", "192.0.2.9"] : [], not_before_unix: at - 900_000, not_after_unix: end, key: "EC 256", fingerprint_sha256: `${subject.length}`.repeat(32) });
  const made = result(true, at);
  return {
    module: "http",
    kind: "http",
    listed: true,
    result: { ...made, http: { ...made.http, tls: { ...made.http.tls, chain: [one("CN=shop.example", "CN=Example CA", at + 90_000), one("CN=Example CA", "CN=Example Root", at - 60)] } } },
    first_address: "192.0.2.9",
    resolve_ms: 1,
    steps: [
      { at_ms: 0.1, text: "Resolving target address", fields: { target: "shop.example" } },
      { at_ms: 30, text: "Received HTTP response", fields: { url: "https://shop.example/", status_code: "302", location: "https://shop.example/home" } },
      { at_ms: 41, text: "Received HTTP response", fields: { url: "https://shop.example/home", status_code: "200", location: "" } },
    ],
  };
}

function posted(path: string): unknown {
  return path === "/api/v1/probe" ? { agent: { region: "eu-west", local_ip: "10.0.0.1", state: "ok", last_seen_unix: now() }, answer: probed(now()) } : incident({});
}

function agentAnswer(of: World, path: string, query: URLSearchParams): unknown {
  const one = (uid: string, target: string, success: boolean) => ({ uid, target, region: "r-web", probe_type: "http", state: success ? "ok" : "failing", since_unix: now() - 86_400 * 3, last: result(success, now() - 2) });
  const toy = { ...one("00000000000000b0", "wheel.example:7", true), probe_type: "wheel", last: toyResult(now() - 2) };
  if (path === "/targets") {
    const all = [one("00000000000000a0", "https://shop.example/", false), one("00000000000000a1", "https://api.example/", true), ...(of.toy ? [toy] : [])];
    const found = all.filter((each) => (query.get("state") ?? each.state) === each.state);
    // Beside those that have names there are so many that are well, more than a page reads.
    const total = all.length + of.targets;
    return { targets: found, matching: found.length, total, ok: total - 1, failing: 1, prober_fault: 0, waiting: 0 };
  }
  if (path.startsWith("/targets/")) {
    const counted = { probing: false, counters: { ticks: 90, skipped_busy: 0, started: 90, succeeded: 80, failed: 10, local_errors: 0 } };
    if (of.toy) {
      return { ...toy, ...counted, results: [toyResult(now() - 2), toyResult(now() - 17)], failures: [] };
    }
    return {
      ...one("00000000000000a0", "https://shop.example/", false),
      ...counted,
      results: [result(false, now() - 2), result(true, now() - 17)],
      failures: [result(false, now() - 2)],
    };
  }
  return path === "/stats" ? stats("agent") : null;
}

function serverAnswer(of: World, path: string, query: URLSearchParams): unknown {
  const parts = path.split("/");
  switch (path) {
    case "/stats":
      return stats("server");
    case "/api/v1/incidents":
      if (query.get("state") === "closed") {
        const all = closedOnes(of);
        const limit = Number(query.get("limit") ?? 100);
        return { incidents: all.slice(0, limit), next: all.length > limit ? "more" : null };
      }
      return { incidents: incidents(of).slice(0, Number(query.get("limit") ?? 100)), next: incidents(of).length > Number(query.get("limit") ?? 100) ? "more" : null };
    case "/api/v1/agents":
      return { agents: of.calm ? agents(of).filter((agent) => agent.state === "ok") : agents(of) };
    case "/api/v1/mutes":
      return { mutes: of.calm ? [] : [{ id: 1, matchers: [{ field: "team", value: "test*" }], from_unix: now() - 60, until_unix: now() + 3600, active: true, by: "ann", why: "the shop moves" }] };
    case "/api/v1/matrix":
      return query.has("at") ? pastMatrix(of, query.get("metric") ?? "latency", Number(query.get("at"))) : matrix(of, query.get("metric") ?? "latency");
    case "/api/v1/regions":
      return regions(of);
    case "/api/v1/states":
      return states(of, query);
    case "/api/v1/status":
      return statusPage(of);
    case "/api/v1/targets":
      return targets(of, query);
    case "/api/v1/certificates":
      return certificates(of, query);
    case "/api/v1/history":
      return history(of, query);
  }
  if (path.startsWith("/api/v1/incidents/")) {
    return incidents(of).find((each) => String(each.id) === parts[4]) ?? null;
  }
  if (path.endsWith("/story")) {
    return {
      agent: { region: query.get("region"), local_ip: query.get("local_ip"), state: "ok", last_seen_unix: now() - 2 },
      source: null,
      story: of.mute ? null : agentAnswer(of, "/targets/00000000000000a0", query),
      problem: of.mute || null,
    };
  }
  if (path.startsWith("/api/v1/target/")) {
    const found = rows(of).filter((row) => row.uid === parts[4]);
    const first = found[0];
    return first ? { uid: first.uid, target: first.target, region: first.region, probe_type: first.probe_type, kind: first.probe_type, columns: first.probe_type === "toy" ? toyColumns : httpColumns, labels: first.labels, sources: first.uid === wide ? found.map(remembered) : found, certificate: { not_after_unix: now() + 260_000 }, incidents: of.calm ? [] : [7] } : null;
  }
  return null;
}

/** Answers a request of the page as the program would. */
export function answerFor(of: World, role: "server" | "agent") {
  return (req: IncomingMessage, res: ServerResponse): void => {
    const url = new URL(req.url ?? "/", "http://x");
    of.asked.push(`${req.method} ${url.pathname}${url.search}`);
    if (url.pathname === "/api/v1/events") {
      res.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
      res.write("retry: 2000\nid: run-1\n\n");
      of.readers.push(res);
      return;
    }
    let text = "";
    req.on("data", (part: Buffer) => (text += part.toString()));
    req.on("end", () => {
      if (req.method === "POST") {
        of.posted.push({ path: url.pathname, body: JSON.parse(text) as unknown });
      }
      if (req.method === "POST" && url.pathname === "/api/v1/probe" && of.mute) {
        res.writeHead(504, { "Content-Type": "application/json" });
        res.end(JSON.stringify({ error: of.mute }));
        return;
      }
      const found = req.method === "POST" ? posted(url.pathname) : role === "agent" ? agentAnswer(of, url.pathname, url.searchParams) : serverAnswer(of, url.pathname, url.searchParams);
      const body = Buffer.from(JSON.stringify(found ?? { error: `there is no ${url.pathname}` }));
      const tag = `"${createHash("sha256").update(body).digest("base64url")}"`;
      if (req.method === "GET" && found !== null && req.headers["if-none-match"] === tag) {
        res.writeHead(304, { ETag: tag }).end();
        return;
      }
      // As the program does: from 1 KiB on, at the quickest level.
      const packed = body.length > 1024 && (req.headers["accept-encoding"] ?? "").includes("gzip");
      res.writeHead(found === null ? 404 : 200, { "Content-Type": "application/json", "Cache-Control": "private, no-cache", ETag: tag, ...(packed ? { "Content-Encoding": "gzip" } : {}) });
      res.end(packed ? gzipSync(body, { level: 1 }) : body);
    });
  };
}
