// The public status: what a group's strips say.

import { duration } from "./format.ts";
import type { StatusGroup } from "../types.ts";

const day = 86_400;

/** "some" of a day: less than an hour. */
export function toneOfDay(seconds: number): "" | "some" | "much" {
  return seconds <= 0 ? "" : seconds < 3600 ? "some" : "much";
}

/** The share of the days' time without an incident, in percent; the last day has gone by in part. */
export function goodPercent(days: StatusGroup["days"], now: number): number {
  const all = Math.max(1, now - days.from_unix);
  const bad = days.seconds.reduce((sum, each) => sum + each, 0);
  return Math.max(0, 100 * (1 - bad / all));
}

export function dayText(days: StatusGroup["days"], at: number): string {
  const name = new Date((days.from_unix + at * day) * 1000).toISOString().slice(0, 10);
  const bad = days.seconds[at] ?? 0;
  return bad > 0 ? `${name}: ${duration(bad)} of trouble` : `${name}: no trouble known`;
}
