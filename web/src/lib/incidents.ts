// What an incident says, where its evidence is, and what its last 24 hours looked like.

import { count, duration, listed, moment, plural, type Zone } from "./format.ts";
import { pairAddress, query } from "./url.ts";
import type { Incident, IncidentKind, Severity, Side } from "../types.ts";

const ranks: Record<Severity, number> = { critical: 0, warning: 1, info: 2 };

/** The worst first, then what has lasted longest. Muted and acknowledged ones come last. */
export function byWeight(a: Incident, b: Incident): number {
  const calm = (one: Incident) => (one.muted ? 2 : one.acknowledged ? 1 : 0);
  return (
    calm(a) - calm(b) || ranks[a.severity] - ranks[b.severity] || a.opened_unix - b.opened_unix || a.id - b.id
  );
}

/** What was closed last comes first. */
export function byClosing(closed: Incident[]): Incident[] {
  return [...closed].sort((a, b) => (b.closed_unix ?? 0) - (a.closed_unix ?? 0) || b.id - a.id);
}

export const kindNames: Record<IncidentKind, string> = {
  target: "Targets that fail",
  source: "Sources that are cut off",
  path: "Paths between places",
  prober: "The prober itself",
};

/** Whose fault it is, as a short word beside the incident. */
export const faultOf: Record<IncidentKind, string> = {
  target: "the target",
  source: "the source's network",
  path: "the way between",
  prober: "the prober itself",
};

/** What is counted on a side of it: "source", and of agents that probe each other "region". */
export function endOf(of: Incident, side: "source" | "target"): string {
  return of.ends === "regions" ? "region" : of.ends === "agents" ? "agent" : side;
}

/** "3 of 8 sources, 1 of 50 targets". With regions on both sides it is said which is which; of one that is dark they are the same. */
export function affects(of: Incident): string {
  const said = (side: "source" | "target", one: Side) => `${count(one.affected)} of ${plural(one.of, endOf(of, side))}`;
  const [from, to] = [said("source", of.sources), said("target", of.targets)];
  if (of.sources.of === 0) {
    return to; // a certificate ends for whoever looks
  }
  if (endOf(of, "source") === "source") {
    return `${from}, ${to}`;
  }
  const same = from === to && of.sources.names.join() === of.targets.names.join();
  return same || of.targets.affected === 0 ? from : `${from} as sources, ${to} as targets`;
}

/** Whose fault it is and how that is known, in a sentence. */
export function blame(of: Incident): string {
  const { sources, targets } = of;
  switch (of.kind) {
    case "target":
      return of.certificate
        ? "The target's certificate is at fault, whoever looks at it."
        : of.ends !== "sources_and_targets" && sources.names.length > 0 && sources.names.join() === targets.names.join()
          ? `The ${endOf(of, "target")} is at fault: it is not reached, and reaches hardly anybody or says nothing.`
          : sources.of > 1
            ? `The target is at fault: ${count(sources.affected)} of ${plural(sources.of, endOf(of, "source"))} see it.`
            : "The target seems to be at fault; only one source's results count.";
    case "source":
      return `The source is at fault: ${count(targets.affected)} of ${plural(targets.of, endOf(of, "target"))} fail from there, and others reach them.`;
    case "path":
      return `The way between is at fault: both ends are well as others see them.`;
    case "prober":
      return "The prober is at fault, and nothing is known of what it should probe.";
  }
}

/** With a full stop, unless it has an end. */
export function end(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Where it is seen, as a part of a sentence. */
export function placeOf(of: Incident): string {
  const names = of.kind === "source" || of.kind === "prober" || of.sources.names[0] === of.targets.names[0] ? [] : of.sources.names;
  return names.length > 0 ? `, seen from ${listed(names, 3, of.sources.affected)}` : "";
}

export interface Overview {
  incidents: Incident[];
  /** Open ones that are not among them. */
  more: number;
  lostAgents: string[];
  /** A check is a target as one source sees it; so it is with the numbers below. */
  checks: number | null;
  agents: number | null;
  failing: number | null;
  silent: number | null;
  degraded: number | null;
}

export interface Sentence {
  tone: "good" | "warning" | "bad" | "neutral";
  head: string;
  rest: string;
}

/** The sentence that stands above everything. */
export function sentenceOf(all: Overview, now: number, zone: Zone): Sentence {
  const loud = all.incidents.filter((one) => !one.muted).sort(byWeight);
  const worst = loud[0];
  if (worst) {
    const muted = mutedOf(all, " more is", " more are");
    const lost = all.lostAgents.length > 0 ? ` ${capital(plural(all.lostAgents.length, "agent is", "agents are"))} lost.` : "";
    const since = `Since ${moment(worst.opened_unix, now, zone)}, for ${duration(now - worst.opened_unix)}${placeOf(worst)}. ${blame(worst)}${lost}`;
    return {
      tone: loud.some((one) => one.severity === "critical") ? "bad" : "warning",
      head:
        loud.length + all.more === 1
          ? end(capital(worst.summary))
          : `${count(loud.length + all.more)} things are wrong, the worst: ${end(worst.summary)}`,
      rest: `${since}${muted}`,
    };
  }
  if (all.lostAgents.length > 0) {
    return {
      tone: "bad",
      head: `${capital(plural(all.lostAgents.length, "agent is", "agents are"))} lost: ${listed(all.lostAgents)}.`,
      rest: "What they probed is not known any more.",
    };
  }
  return quiet(all);
}

function mutedOf(all: Overview, one: string, many: string): string {
  const number = all.incidents.filter((each) => each.muted).length;
  return number > 0 ? ` ${count(number)}${number === 1 ? one : many} muted.` : "";
}

function quiet(all: Overview): Sentence {
  const muted = mutedOf(all, " incident", " incidents");
  if (all.agents === 0) {
    return { tone: "neutral", head: "No agent has come yet.", rest: "Nothing is probed until one does." };
  }
  if (all.checks === 0) {
    return { tone: "neutral", head: "There are no results yet.", rest: muted.trim() };
  }
  if (all.failing) {
    return {
      tone: "warning",
      head: `${capital(plural(all.failing, "check fails", "checks fail"))}, and none is an incident${muted ? " that is not muted" : " yet"}.`,
      rest: muted.trim(),
    };
  }
  const notes: string[] = [];
  if (all.degraded) {
    notes.push(`${count(all.degraded)} lossy or slower than usual.`);
  }
  if (all.silent) {
    notes.push(`Of ${count(all.silent)} nothing is known.`);
  }
  return {
    tone: all.silent ? "warning" : "good",
    head: all.silent ? "Nothing that is known is wrong." : "All is well.",
    rest: `${all.checks === null ? "" : `${plural(all.checks, "check")}${all.agents === null ? "" : `, ${plural(all.agents, "agent")}`}.`} ${notes.join(" ")}${muted}`.trim(),
  };
}

export interface Link {
  text: string;
  href: string;
}

/** The address of an agent that an incident names as "region address"; else the name. */
export function addressOf(of: Incident, name: string): string {
  const region = of.labels["region"];
  return region !== undefined && name.startsWith(`${region} `) ? name.slice(region.length + 1) : name;
}

/** Whether results are of pairs of regions: what is counted on both sides is the same, regions or their agents. */
export function ofPairs(of: Incident): boolean {
  return of.ends !== "sources_and_targets";
}

/** Whether a target is named by its region: those of a mesh are, configured ones by their address. */
function isRegion(of: Incident, name: string): boolean {
  return ofPairs(of) && (name === of.labels["region"] || !/[.:/]/.test(name));
}

/** The evidence of a path: the pair of its regions, or the rows of an address whose region is not told. */
function pathLink(of: Incident, from: string, to: string): Link {
  const source = of.labels["source_region"] ?? from;
  const region = isRegion(of, to) ? to : ofPairs(of) ? of.labels["region"] : undefined;
  return {
    text: `${source} → ${to}`,
    href: region === undefined ? `/targets${query({ source_region: source, target: to, probe_type: of.probe_type })}` : pairAddress(source, region, of.probe_type),
  };
}

/** The certificates that a target of it shows, where it is about one; null: it is about none. */
export function certificateLink(of: Incident): Link | null {
  const target = of.targets.names[0];
  return of.certificate && target !== undefined ? { text: "the certificate", href: `/certificates${query({ q: target })}` } : null;
}

/** Where the evidence is. Kinds of pairs are known by regions, the others by addresses. */
export function evidenceLinks(of: Incident): Link[] {
  if (of.kind === "prober") {
    return [{ text: "its agents", href: `/agents${query({ q: of.sources.names[0] ?? "" })}` }];
  }
  if (of.kind === "path") {
    const links: Link[] = [];
    for (const from of of.sources.names.slice(0, 3)) {
      for (const to of of.targets.names.slice(0, 3)) {
        links.push(pathLink(of, from, to));
      }
    }
    return links.slice(0, 3);
  }
  if (of.kind === "source") {
    return of.sources.names.slice(0, 3).map((name) => ({
      text: `what ${name} sees`,
      href: `/targets${query({ source_region: name, probe_type: of.probe_type, sort: "state" })}`,
    }));
  }
  const certificate = certificateLink(of);
  const rows = of.targets.names.slice(0, 3).map((name) => ({
    text: name,
    href: `/targets${query(
      isRegion(of, name)
        ? { region: name, probe_type: of.probe_type, sort: "state" }
        : { target: addressOf(of, name), probe_type: of.probe_type, sort: "state" },
    )}`,
  }));
  return certificate ? [certificate, ...rows] : rows;
}

export interface Span {
  from: number;
  to: number;
  /** 0 to 1: what part of those who look saw it. */
  part: number;
  severity: Severity;
}

function sameThing(a: Incident, b: Incident): boolean {
  return (
    a.kind === b.kind &&
    a.probe_type === b.probe_type &&
    (a.kind === "source" || a.kind === "prober"
      ? a.sources.names[0] === b.sources.names[0]
      : a.targets.names[0] === b.targets.names[0]) &&
    (a.kind !== "path" || a.sources.names[0] === b.sources.names[0])
  );
}

/** Those among closed ones that were the same before. */
export function earlierOnes(of: Incident, closed: Incident[]): Incident[] {
  return closed.filter((other) => other.id !== of.id && sameThing(other, of));
}

/** The spans of the last 24 h in which this, or the same before, was wrong. */
export function stripOf(of: Incident, closed: Incident[], now: number, hours = 24): Span[] {
  const begin = now - hours * 3600;
  const spans: Span[] = [];
  for (const one of [...earlierOnes(of, closed), of]) {
    const over = one.closed_unix ?? now;
    const steps = (one.timeline ?? []).filter((entry) => entry.at_unix < over);
    const side = one.kind === "target" ? "sources" : "targets";
    const whole = Math.max(one[side].of, ...steps.map((entry) => entry[side]), 1);
    const marks = steps.length > 0 ? steps.map((entry) => ({ at: entry.at_unix, seen: entry[side] })) : [];
    if (marks.length === 0 || marks[0]!.at > one.opened_unix) {
      marks.unshift({ at: one.opened_unix, seen: marks[0]?.seen ?? one[side].affected });
    }
    marks.forEach((mark, at) => {
      const to = Math.min(marks[at + 1]?.at ?? over, now);
      const from = Math.max(mark.at, begin);
      if (to > from) {
        const part = Math.min(1, Math.max(0.15, mark.seen / whole));
        spans.push({ from, to, part, severity: one.severity });
      }
    });
  }
  return spans.sort((a, b) => a.from - b.from);
}

/** What a mute of exactly this incident's kind of trouble would match. */
export function muteMatchers(of: Incident): { field: string; value: string }[] {
  const out = [{ field: "kind", value: of.kind as string }];
  if (of.probe_type) {
    out.push({ field: "probe_type", value: of.probe_type });
  }
  const source = of.sources.names[0];
  const target = of.targets.names[0];
  if (of.kind !== "target" && source && of.sources.affected === 1) {
    out.push({ field: "source", value: source });
  }
  if (of.kind !== "source" && of.kind !== "prober" && target && of.targets.affected === 1) {
    out.push({ field: "target", value: target });
  }
  return out;
}
