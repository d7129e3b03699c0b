// What is wrong with the program itself, as /stats has it, in sentences.

import { count, plural } from "./format.ts";
import type { Stats } from "../types.ts";

export interface Ailment {
  tone: "bad" | "warning";
  text: string;
}

function section(stats: Stats, name: string): Record<string, unknown> {
  const value = stats[name];
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function textOf(inside: Record<string, unknown>, name: string): string {
  const value = inside[name];
  return typeof value === "string" ? value : "";
}

function numberOf(inside: Record<string, unknown>, name: string): number {
  const value = inside[name];
  return typeof value === "number" ? value : 0;
}

/** Targets of the lists that cannot be used, with the first few and why. */
function leftOut(stats: Stats): Ailment[] {
  const targets = section(stats, "targets");
  const bad = numberOf(targets, "bad");
  if (bad === 0) {
    return [];
  }
  const first = Array.isArray(targets["bad_first"]) ? targets["bad_first"].filter((each) => typeof each === "string") : [];
  return [{ tone: "warning", text: `${plural(bad, "target")} of the lists cannot be used and ${bad === 1 ? "is" : "are"} left out${first.length > 0 ? `: ${first.join("; ")}` : ""}` }];
}

export function serverAilments(stats: Stats): Ailment[] {
  const out: Ailment[] = [];
  const journal = section(stats, "journal");
  const history = section(stats, "history");
  const problem = textOf(journal, "problem");
  if (problem) {
    out.push({ tone: "bad", text: `Batches are refused, because they cannot be kept: ${problem}. Agents keep their results until they can.` });
  }
  const error = textOf(history, "last_error");
  if (error) {
    out.push({ tone: "warning", text: `The history is not written: ${error}. Batches wait for it in the journal.` });
  }
  const aside = numberOf(journal, "set_aside") + numberOf(history, "set_aside");
  if (aside > 0) {
    out.push({ tone: "warning", text: `Since the start ${plural(aside, "damaged file")} in state_dir ${aside === 1 ? "was" : "were"} set aside; the log has the names.` });
  }
  return [...out, ...leftOut(stats), ...warnings(stats)];
}

export function agentAilments(stats: Stats): Ailment[] {
  const out: Ailment[] = [];
  const push = section(stats, "push");
  const problem = textOf(push, "spool_problem");
  if (problem) {
    out.push({ tone: "bad", text: `Results are kept in memory alone, because the disk does not take them: ${problem}. ${count(numberOf(push, "spool_in_memory"))} would be lost with this process now.` });
  }
  if (numberOf(push, "spool_set_aside") > 0) {
    out.push({ tone: "warning", text: "The spool was damaged and set aside; the log has its name." });
  }
  const held = numberOf(section(stats, "sync"), "held_removals");
  if (held > 0) {
    out.push({ tone: "warning", text: `A target list is held: it takes away ${plural(held, "target")}.` });
  }
  return [...out, ...leftOut(stats), ...warnings(stats)];
}

function warnings(stats: Stats): Ailment[] {
  return Array.isArray(stats.warnings) ? stats.warnings.filter((each) => typeof each === "string").map((text) => ({ tone: "warning", text })) : [];
}
