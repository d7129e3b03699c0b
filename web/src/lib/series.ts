// Points of the history as columns of a plot.

import { count } from "./format.ts";
import { inOrder } from "./phases.ts";
import type { Point, Quantiles } from "../types.ts";

export type Column = (number | null)[];

/** The times of all series together, in order, with a hole where a series lacks more than a step. */
export function timesOf(all: Point[][], step: number): number[] {
  const times = new Set<number>();
  for (const points of all) {
    for (const point of points) {
      times.add(point.time_unix);
    }
  }
  const sorted = [...times].sort((a, b) => a - b);
  const out: number[] = [];
  for (const time of sorted) {
    const last = out[out.length - 1];
    if (last !== undefined && time - last > step * 1.5) {
      out.push(last + step); // a time that no series has: the line breaks there
    }
    out.push(time);
  }
  return out;
}

export function columnOf(times: number[], points: Point[], value: (point: Point) => number | null): Column {
  const known = new Map(points.map((point) => [point.time_unix, point]));
  return times.map((time) => {
    const point = known.get(time);
    return point ? value(point) : null;
  });
}

/** The time that a point is about, whichever of its two names it has. */
export function timing(point: Point): Quantiles | null {
  return point.latency_ms ?? point.duration_ms ?? null;
}

export function successOf(point: Point): number | null {
  return point.probes === 0 ? null : point.succeeded / point.probes;
}

/** The names of the phases in the order they come. */
export function phasesOf(points: Point[]): string[] {
  const names = new Set<string>();
  for (const point of points) {
    for (const name in point.phases_ms ?? {}) {
      names.add(name);
    }
  }
  return inOrder(names);
}

/** Each phase on top of those before it. */
export function stacked(times: number[], points: Point[], phases: string[]): Column[] {
  const columns = phases.map((name) => columnOf(times, points, (point) => point.phases_ms?.[name] ?? null));
  const sums: Column[] = [];
  columns.forEach((column, at) => {
    const below = sums[at - 1];
    sums.push(
      column.map((value, row) =>
        value === null && (below?.[row] ?? null) === null ? null : (value ?? 0) + (below?.[row] ?? 0),
      ),
    );
  });
  return sums;
}

function failed(point: Point): boolean {
  return point.succeeded < point.probes;
}

/** What fails at the end of the time first, then what failed in it, then the rest; else in the order that they have. The
 * last point has just begun, and may not know of it yet. */
export function troubledFirst<T extends { points: Point[] }>(sources: T[]): T[] {
  return sources
    .map((source) => ({ source, rank: source.points.slice(-2).some(failed) ? 0 : source.points.some(failed) ? 1 : 2 }))
    .sort((a, b) => a.rank - b.rank)
    .map((each) => each.source);
}

export interface Trouble {
  from: number;
  to: number;
  failed: number;
  probes: number;
}

/** The spans in which probes failed, neighbours joined. */
export function troubles(points: Point[], step: number): Trouble[] {
  const out: Trouble[] = [];
  for (const point of points) {
    const failed = point.probes - point.succeeded;
    const last = out[out.length - 1];
    if (failed === 0) {
      continue;
    }
    if (last && point.time_unix <= last.to) {
      last.to = point.time_unix + step;
      last.failed += failed;
      last.probes += point.probes;
    } else {
      out.push({ from: point.time_unix, to: point.time_unix + step, failed, probes: point.probes });
    }
  }
  return out;
}

/** The spans in which anything was measured. */
export function knownSpans(points: Point[], step: number): { from: number; to: number }[] {
  const out: { from: number; to: number }[] = [];
  for (const { time_unix: at } of points) {
    const last = out[out.length - 1];
    if (last && at <= last.to + step / 2) {
      last.to = at + step;
    } else {
      out.push({ from: at, to: at + step });
    }
  }
  return out;
}

/** Strokes and gaps of a plot's lines in pixels: each line is another one also where its colour is not seen. */
const dashes = [[], [9, 4], [2, 3], [14, 3, 2, 3], [5, 3], [2, 7], [14, 6], [5, 3, 2, 3, 2, 3]];

export function dashOf(line: number): number[] {
  return dashes[line % dashes.length]!;
}

/** The line beside a name in the legend, as a style sheet calls it. */
export function dashName(dash: number[] | undefined): "solid" | "dotted" | "dashed" {
  return !dash || dash.length === 0 ? "solid" : dash[0]! < 4 ? "dotted" : "dashed";
}

/** Rows of the table behind a plot. */
export const mostTableRows = 100;

/** What that table has of so many times. */
export function tableText(times: number): string {
  return times > mostTableRows ? `The last ${mostTableRows} of ${count(times)}, the newest first` : times === 0 ? "Nothing was measured" : "The newest first";
}

export const ranges: Record<string, string> = {
  "15m": "15 min",
  "1h": "1 h",
  "6h": "6 h",
  "24h": "24 h",
  "7d": "7 days",
  "30d": "30 days",
};

export function rangeOf(text: string | undefined): string {
  return text !== undefined && text in ranges ? text : "1h";
}
