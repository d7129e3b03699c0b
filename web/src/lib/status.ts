// The public status: what a group's strips say.

import { duration, percent, plural } from "./format.ts";
import type { StatusGroup } from "../types.ts";

const day = 86_400;

/** "some" of a day: less than an hour; "none": nothing is known of it. */
export function toneOfDay(bad: number, known: number): "" | "some" | "much" | "none" {
  return bad > 0 ? (bad < 3600 ? "some" : "much") : known <= 0 ? "none" : "";
}

/** The share without an incident of the time of which anything is known, in percent; null: of none it is.
 * Incidents of before a group was looked at are left out: for how long it was well beside them nobody knows. */
export function goodPercent(days: StatusGroup["days"]): number | null {
  let known = 0;
  let bad = 0;
  days.known_seconds.forEach((each, at) => {
    known += each;
    bad += Math.min(each, days.seconds[at] ?? 0);
  });
  return known <= 0 ? null : 100 * (1 - bad / known);
}

export function dayText(days: StatusGroup["days"], at: number): string {
  const name = new Date((days.from_unix + at * day) * 1000).toISOString().slice(0, 10);
  const known = days.known_seconds[at] ?? 0;
  const bad = days.seconds[at] ?? 0;
  if (known <= 0) {
    return bad > 0 ? `${name}: ${duration(bad)} of trouble, no other data` : `${name}: no data`;
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
