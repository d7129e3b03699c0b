// A sentence that nobody has renewed for long says nothing of the present: it stands below one that says so.

import { moment, type Zone } from "./format.ts";
import type { Sentence } from "./incidents.ts";

/** Seconds after which what is not answered any more is not known any more. */
const longest = 30;

/** What a sentence rests on: when it was answered last, in milliseconds since 1970, and why it is not now. */
export interface Source {
  problem: string | null;
  at: number;
}

/** The sentence, or in its place since when nothing is known, where one of its sources has a problem and is old. */
export function orOutdated(told: Sentence, sources: Source[], now: number, zone: Zone): Sentence {
  const old = sources.filter((each) => each.problem !== null && each.at > 0 && now - each.at / 1000 > longest);
  if (old.length === 0) {
    return told;
  }
  const since = Math.min(...old.map((each) => each.at)) / 1000;
  return { tone: "warning", head: `Nothing is known since ${moment(since, now, zone)}.`, rest: `What was said last: ${told.head} ${told.rest}`.trim() };
}
