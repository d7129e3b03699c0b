// The public status: what a group's strips say.

import { duration, percent, plural } from "./format.ts";
import type { StatusGroup } from "../types.ts";

const day = 86_400;

/** "some" of a day: less than an hour; "none": nothing is known of it. */
export function toneOfDay(bad: number, known: number): "" | "some" | "much" | "none" {
  return known <= 0 ? "none" : bad <= 0 ? "" : bad < 3600 ? "some" : "much";
}

/** The share without an incident of the time of which anything is known, in percent; null: of none it is. */
export function goodPercent(days: StatusGroup["days"]): number | null {
  const sum = (all: number[]) => all.reduce((so_far, each) => so_far + each, 0);
  const known = sum(days.known_seconds);
  return known <= 0 ? null : Math.max(0, 100 * (1 - sum(days.seconds) / known));
}

export function dayText(days: StatusGroup["days"], at: number): string {
  const name = new Date((days.from_unix + at * day) * 1000).toISOString().slice(0, 10);
  const known = days.known_seconds[at] ?? 0;
  const bad = days.seconds[at] ?? 0;
  if (known <= 0) {
    return `${name}: no data`;
  }
  // A minute is what two looks are apart, and the last day is not over.
  const part = known < day - 60 && at < days.seconds.length - 1 ? `, of ${duration(known)} that are known` : "";
  return `${name}: ${bad > 0 ? `${duration(bad)} of trouble` : "no trouble known"}${part}`;
}

/** What all days come to. */
export function daysText(days: StatusGroup["days"]): string {
  const good = goodPercent(days);
  const all = days.seconds.length;
  const known = days.known_seconds.filter((each) => each > 0).length;
  if (good === null) {
    return `no data of the last ${plural(all, "day")}`;
  }
  return `${percent(good)} of ${plural(known, "day")} without trouble that is known here${known < all ? `, no data of ${plural(all - known, "day")}` : ""}`;
}
