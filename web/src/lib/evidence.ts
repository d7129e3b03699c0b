// What a probe that was asked for shows: redirects, certificates, and whom to ask.

import { ago, moment, ms, percent, type Zone } from "./format.ts";
import type { Agent, FailureRun, PastResult, ProbeAnswer, SentCertificate, SourceRow } from "../types.ts";

export interface Redirect {
  from: string;
  status: string;
  to: string;
}

/** The redirects that were followed, and the one that was not. */
export function redirectsOf(answer: ProbeAnswer): Redirect[] {
  return answer.steps
    .map((step) => step.fields)
    .filter((fields) => fields["location"] && /^3\d\d$/.test(fields["status_code"] ?? ""))
    .map((fields) => ({ from: fields["url"] ?? "", status: fields["status_code"] ?? "", to: fields["location"] ?? "" }));
}

/** The certificates that the target sent, its own first; empty where there was no TLS. */
export function chainOf(answer: ProbeAnswer): SentCertificate[] {
  const facts = answer.result[answer.kind] as { tls?: { chain?: SentCertificate[] } | null } | undefined;
  return facts?.tls?.chain ?? [];
}

/** What is wrong with a certificate's dates now; empty: nothing. */
export function datesProblem(one: Pick<SentCertificate, "not_before_unix" | "not_after_unix">, now: number): string {
  if (one.not_after_unix !== null && one.not_after_unix < now) {
    return "its time is over";
  }
  return one.not_before_unix !== null && one.not_before_unix > now ? "its time has not come" : "";
}

export interface Choice {
  value: string;
  label: string;
  region: string;
  local_ip: string;
}

/** The agents that can be asked, those that probe the target first; the ones that fail before all. */
export function choices(agents: Agent[], sources: SourceRow[]): Choice[] {
  const rank = (agent: Agent) => {
    const row = sources.find((each) => each.source_region === agent.region && each.agent === agent.local_ip);
    return row === undefined ? 2 : row.state === "failing" ? 0 : 1;
  };
  return agents
    .filter((agent) => agent.answers_questions && (agent.state === "ok" || agent.state === "late"))
    .map((agent) => ({ agent, rank: rank(agent) }))
    .sort((a, b) => a.rank - b.rank || `${a.agent.region} ${a.agent.local_ip}`.localeCompare(`${b.agent.region} ${b.agent.local_ip}`))
    .map(({ agent: { region, local_ip }, rank: at }) => ({
      value: `${region} ${local_ip}`,
      label: `${region}, ${local_ip}${at === 0 ? " (fails)" : at === 2 ? " (does not probe it)" : ""}`,
      region,
      local_ip,
    }));
}

const stateRanks: Record<string, number> = { failing: 0, degraded: 1, prober_fault: 2, stale: 3, never: 4 };

/** The sources that fail first, then what is less bad; else in the order that they have. */
export function worstFirst<T extends Pick<SourceRow, "state">>(sources: T[]): T[] {
  return [...sources].sort((a, b) => (stateRanks[a.state] ?? 5) - (stateRanks[b.state] ?? 5));
}

export interface TimedFailure extends FailureRun {
  source: string;
  agent: string;
}

/** The failures of all sources, the newest first. */
export function failuresOf(sources: SourceRow[]): TimedFailure[] {
  return sources
    .flatMap((row) => (row.failures ?? []).map((run) => ({ ...run, source: row.source_region, agent: row.agent })))
    .sort((a, b) => (b.to_unix ?? 0) - (a.to_unix ?? 0) || a.source.localeCompare(b.source));
}

/** A result in a word, how bad it is, and in a sentence. */
export function resultView(one: PastResult, now: number, zone: Zone): { word: string; level: "ok" | "worse" | "down" | "unknown"; text: string } {
  const level = one.state === "ok" ? "ok" : one.state === "degraded" ? "worse" : one.state === "failing" ? "down" : "unknown";
  const word = level === "ok" || level === "worse" ? (one.time_ms === null ? "ok" : ms(one.time_ms)) : (one.reason ?? one.state.replaceAll("_", " "));
  const loss = one.loss_percent > 0 && level === "worse" ? `, loss ${percent(one.loss_percent)}` : "";
  const where = one.phase ? ` in ${one.phase}` : "";
  const when = one.time_unix === null ? "" : `${moment(one.time_unix, now, zone)}: `;
  return { word, level, text: `${when}${one.state.replaceAll("_", " ")}, ${word}${where}${loss}${one.detail ? `; ${one.detail}` : ""}` };
}

/** A key for each result of a list, the newest first, that stays as others come: those of one time are numbered from the oldest. */
export function resultKeys(times: (number | null)[]): string[] {
  const numbers = new Map<number | null, number>();
  return [...times]
    .reverse()
    .map((time) => {
      const number = numbers.get(time) ?? 0;
      numbers.set(time, number + 1);
      return `${time} ${number}`;
    })
    .reverse();
}

export interface Lane {
  source: string;
  /** Of the first of its failures, in seconds. */
  from: number;
  runs: { from: number; to: number; state: string }[];
  results: number;
  reasons: string[];
}

/** The failures of each source whose time is known, as spans in the order of time. Sources that fail now come first. */
export function lanesOf(failures: TimedFailure[], failing: string[] = []): Lane[] {
  const lanes = new Map<string, Lane>();
  for (const { source, from_unix: from, to_unix: to, results, state, reason } of [...failures].sort((a, b) => (a.from_unix ?? 0) - (b.from_unix ?? 0))) {
    if (from === null || to === null) {
      continue;
    }
    const lane = lanes.get(source) ?? { source, from, runs: [], results: 0, reasons: [] };
    lanes.set(source, lane);
    lane.runs.push({ from, to, state });
    lane.results += results;
    if (reason && !lane.reasons.includes(reason)) {
      lane.reasons.push(reason);
    }
  }
  const fails = new Set(failing);
  return [...lanes.values()].sort((a, b) => Number(fails.has(b.source)) - Number(fails.has(a.source)) || a.source.localeCompare(b.source));
}

/** "14:02 to 14:07", "5 min ago" for one alone. */
export function spanText(run: FailureRun, now: number, zone: Zone): string {
  if (run.from_unix === null || run.to_unix === null) {
    return "not known";
  }
  return run.from_unix === run.to_unix ? `${moment(run.to_unix, now, zone)}, ${ago(run.to_unix, now)}` : `${moment(run.from_unix, now, zone)} to ${moment(run.to_unix, now, zone)}`;
}
