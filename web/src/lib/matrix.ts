// The map's cells: what each shows in the metric that was chosen, and in which order regions stand.

import { ms, percent } from "./format.ts";
import type { Matrix } from "../types.ts";

export const metrics = {
  state: { asked: "state", title: "State" },
  rtt: { asked: "latency", title: "RTT against its usual" },
  loss: { asked: "drop_rate", title: "Loss" },
  success: { asked: "success", title: "Success" },
} as const;
export type Metric = keyof typeof metrics;

export function isMetric(name: string): name is Metric {
  return name in metrics;
}

/** How bad a cell is, worst last; "none": nobody measures that. */
export const levels = ["none", "ok", "unknown", "worse", "bad", "down"] as const;
export type Level = (typeof levels)[number];

export interface CellView {
  state: string;
  level: Level;
  text: string;
  spoken: string;
}

const stateLevels: Record<string, Level> = {
  ok: "ok",
  degraded: "worse",
  failing: "down",
  prober_fault: "unknown",
  stale: "unknown",
  never: "unknown",
};

const empty: CellView = { state: "none", level: "none", text: "", spoken: "not probed" };

function stateCell(matrix: Matrix, from: number, to: number): CellView {
  const state = matrix.values[from]?.[to];
  if (typeof state !== "string") {
    return empty;
  }
  const states = matrix.states?.[from]?.[to];
  const failing = states?.["failing"] ?? 0;
  const all = Object.values(states ?? {}).reduce((sum, each) => sum + each, 0);
  const partly = state === "failing" && failing < all;
  const numbers = Object.entries(states ?? {}).map(([name, number]) => `${number} ${name}`);
  return {
    state,
    level: partly ? "bad" : (stateLevels[state] ?? "unknown"),
    text: partly ? `${failing}/${all}` : state === "ok" ? "ok" : state === "failing" ? "down" : state,
    spoken: state === "stale" ? `no results any more${numbers.length > 0 ? `, the last ones: ${numbers.join(", ")}` : ""}` : numbers.join(", ") || state,
  };
}

function timeCell(matrix: Matrix, from: number, to: number): CellView {
  const value = matrix.values[from]?.[to];
  const ratio = matrix.ratio?.[from]?.[to] ?? null;
  const usual = matrix.usual?.[from]?.[to] ?? null;
  const young = matrix.usual_rollups?.[from]?.[to] === 0;
  const known = matrix.targets[from]?.[to];
  if (typeof value !== "number") {
    return known ? { state: "failing", level: "down", text: "down", spoken: "no answer" } : empty;
  }
  const level: Level =
    ratio === null || ratio < 1.5 ? "ok" : ratio < 2 ? "worse" : ratio < 4 ? "bad" : "down";
  return {
    state: level === "ok" ? "ok" : "degraded",
    level,
    text: ms(value).replace(" ms", ""),
    spoken:
      ms(value) +
      (usual === null ? "" : young ? `, ${ms(usual)} in the last minutes` : `, usually ${ms(usual)}`) +
      (ratio === null ? "" : `, ${ratio.toFixed(1)} times that`),
  };
}

function lossCell(matrix: Matrix, from: number, to: number): CellView {
  const value = matrix.values[from]?.[to];
  if (typeof value !== "number") {
    return empty;
  }
  const level: Level = value >= 100 ? "down" : value >= 20 ? "bad" : value > 0 ? "worse" : "ok";
  return {
    state: level === "down" ? "failing" : level === "ok" ? "ok" : "degraded",
    level,
    text: percent(value).replace(" %", ""),
    spoken: `${percent(value)} lost`,
  };
}

function successCell(matrix: Matrix, from: number, to: number): CellView {
  const known = matrix.targets[from]?.[to];
  if (typeof known !== "number") {
    return empty;
  }
  const failing = matrix.failing[from]?.[to] ?? 0;
  return {
    state: failing > 0 ? "failing" : "ok",
    level: failing === 0 ? "ok" : failing < known ? "bad" : "down",
    text: `${known - failing}/${known}`,
    spoken: `${known - failing} of ${known} targets answer`,
  };
}

export function cellOf(matrix: Matrix, metric: Metric, from: number, to: number): CellView {
  switch (metric) {
    case "state":
      return stateCell(matrix, from, to);
    case "rtt":
      return timeCell(matrix, from, to);
    case "loss":
      return lossCell(matrix, from, to);
    case "success":
      return successCell(matrix, from, to);
  }
}

const weights: Record<Level, number> = { none: 0, ok: 0, unknown: 1, worse: 3, bad: 20, down: 100 };

/** The places of the regions in the order they are shown. */
export function orderOf(matrix: Matrix, metric: Metric, order: string, filter: string): number[] {
  const wanted = filter.toLowerCase();
  const places = matrix.regions
    .map((_, at) => at)
    .filter((at) => matrix.regions[at]!.toLowerCase().includes(wanted));
  if (order !== "worst") {
    return places;
  }
  const weight = places.map(() => 0);
  for (let row = 0; row < matrix.regions.length; ++row) {
    for (let column = 0; column < matrix.regions.length; ++column) {
      const heavy = weights[cellOf(matrix, metric, row, column).level];
      for (const end of [row, column]) {
        const at = places.indexOf(end);
        if (heavy > 0 && at >= 0) {
          weight[at]! += heavy;
        }
      }
    }
  }
  return places
    .map((place, at) => ({ place, weight: weight[at]! }))
    .sort((a, b) => b.weight - a.weight || a.place - b.place)
    .map((each) => each.place);
}

export interface NamedCell extends CellView {
  from: string;
  to: string;
}

/** The worst cells, for the table beside the map. */
export function worstCells(matrix: Matrix, metric: Metric, most: number): NamedCell[] {
  const all: NamedCell[] = [];
  matrix.regions.forEach((from, row) =>
    matrix.regions.forEach((to, column) => {
      const cell = cellOf(matrix, metric, row, column);
      if (weights[cell.level] > 0) {
        all.push({ from, to, ...cell });
      }
    }),
  );
  return all.sort((a, b) => weights[b.level] - weights[a.level]).slice(0, most);
}

/** How many cells there are of each level. */
export function tally(matrix: Matrix, metric: Metric): Map<Level, number> {
  const out = new Map<Level, number>();
  for (let row = 0; row < matrix.regions.length; ++row) {
    for (let column = 0; column < matrix.regions.length; ++column) {
      const { level } = cellOf(matrix, metric, row, column);
      out.set(level, (out.get(level) ?? 0) + 1);
    }
  }
  return out;
}
