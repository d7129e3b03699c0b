// The map's cells: what each shows in the metric that was chosen, and in which order regions stand.

import { ms, percent } from "./format.ts";
import type { Grid } from "./grid.ts";

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

// What shows the same is one view, whatever matrix it is of: cells of two are compared by that alone.
const viewsByText = new Map<string, CellView>();
const mostViews = 4096;

function oneOf(view: CellView): CellView {
  const text = `${view.state}|${view.level}|${view.text}|${view.spoken}`;
  const before = viewsByText.get(text);
  if (before) {
    return before;
  }
  if (viewsByText.size >= mostViews) {
    viewsByText.clear(); // those of before are compared by what is in them once more
  }
  viewsByText.set(text, view);
  return view;
}

function sameView(a: CellView, b: CellView): boolean {
  return a === b || (a.state === b.state && a.level === b.level && a.spoken === b.spoken && a.text === b.text);
}

/** What a cell shows follows from its state and numbers, of which there are few. */
function stateCells(grid: Grid): (at: number) => CellView {
  const views: (CellView | undefined)[] = new Array<undefined>((grid.mixes.length + 1) * (grid.states.length + 1)).fill(undefined);
  return (at) => {
    const key = grid.mix[at]! * (grid.states.length + 1) + grid.state[at]!;
    return (views[key] ??= oneOf(stateView(grid.states[grid.state[at]! - 1], grid.mixes[grid.mix[at]! - 1] ?? {})));
  };
}

const lastStates: { grid: Grid; cells: (at: number) => CellView }[] = [];

/** The same of the last two matrices, which are compared, made once. */
function stateCellsOf(grid: Grid): (at: number) => CellView {
  const found = lastStates.find((each) => each.grid === grid);
  if (found) {
    return found.cells;
  }
  const cells = stateCells(grid);
  lastStates.unshift({ grid, cells });
  lastStates.length = Math.min(2, lastStates.length);
  return cells;
}

function stateView(state: string | undefined, states: Record<string, number>): CellView {
  if (state === undefined) {
    return empty;
  }
  const failing = states["failing"] ?? 0;
  const all = Object.values(states).reduce((sum, each) => sum + each, 0);
  const partly = state === "failing" && failing < all;
  const numbers = Object.entries(states).map(([name, number]) => `${number} ${name.replaceAll("_", " ")}`);
  return {
    state,
    level: partly ? "bad" : (stateLevels[state] ?? "unknown"),
    text: partly ? `${failing}/${all}` : state === "ok" ? "ok" : state === "failing" ? "down" : state.replaceAll("_", " "),
    spoken: state === "stale" ? `no results any more${numbers.length > 0 ? `, the last ones: ${numbers.join(", ")}` : ""}` : numbers.join(", ") || state.replaceAll("_", " "),
  };
}

/** Null where an answer has no such number. */
function numberAt(numbers: Float64Array, at: number): number | null {
  const value = numbers[at];
  return value === undefined || Number.isNaN(value) ? null : value;
}

function timeLevel(grid: Grid, at: number): Level {
  if (numberAt(grid.value, at) === null) {
    return numberAt(grid.targets, at) ? "down" : "none";
  }
  const ratio = numberAt(grid.ratio, at);
  return ratio === null || ratio < 1.5 ? "ok" : ratio < 2 ? "worse" : ratio < 4 ? "bad" : "down";
}

function timeCell(grid: Grid, at: number): CellView {
  const value = numberAt(grid.value, at);
  const level = timeLevel(grid, at);
  if (value === null) {
    return level === "none" ? empty : { state: "failing", level, text: "down", spoken: "no answer" };
  }
  const ratio = numberAt(grid.ratio, at);
  const usual = numberAt(grid.usual, at);
  return {
    state: level === "ok" ? "ok" : "degraded",
    level,
    text: ms(value).replace(" ms", ""),
    spoken:
      ms(value) +
      (usual === null ? "" : grid.rollups[at] === 0 ? `, ${ms(usual)} in the last minutes` : `, usually ${ms(usual)}`) +
      (ratio === null ? "" : `, ${ratio.toFixed(1)} times that`),
  };
}

function lossLevel(grid: Grid, at: number): Level {
  const value = numberAt(grid.value, at);
  return value === null ? "none" : value >= 100 ? "down" : value >= 20 ? "bad" : value > 0 ? "worse" : "ok";
}

function lossCell(grid: Grid, at: number): CellView {
  const value = numberAt(grid.value, at);
  const level = lossLevel(grid, at);
  return value === null
    ? empty
    : {
        state: level === "down" ? "failing" : level === "ok" ? "ok" : "degraded",
        level,
        text: percent(value).replace(" %", ""),
        spoken: `${percent(value)} lost`,
      };
}

function successLevel(grid: Grid, at: number): Level {
  const known = numberAt(grid.targets, at);
  const failing = numberAt(grid.failing, at) ?? 0;
  return known === null ? "none" : failing === 0 ? "ok" : failing < known ? "bad" : "down";
}

function successCell(grid: Grid, at: number): CellView {
  const known = numberAt(grid.targets, at);
  if (known === null) {
    return empty;
  }
  const failing = numberAt(grid.failing, at) ?? 0;
  return {
    state: failing > 0 ? "failing" : "ok",
    level: successLevel(grid, at),
    text: `${known - failing}/${known}`,
    spoken: `${known - failing} of ${known} ${grid.moment ? "probes" : "targets"} answer`,
  };
}

const levelPlaces = Object.fromEntries(levels.map((level, place) => [level, place])) as Record<Level, number>;

function findLevels(grid: Grid, metric: Metric): Uint8Array {
  const found = new Uint8Array(grid.regions.length * grid.regions.length);
  const states = metric === "state" ? stateCellsOf(grid) : null;
  const level = metric === "rtt" ? timeLevel : metric === "loss" ? lossLevel : successLevel;
  for (let at = 0; at < found.length; ++at) {
    found[at] = levelPlaces[states ? states(at).level : level(grid, at)];
  }
  return found;
}

const lastLevels: { grid: Grid; metric: Metric; found: Uint8Array }[] = [];

/** How bad each cell is, as its place in `levels`: counted, ordered and drawn by, and found once. */
function placesOf(grid: Grid, metric: Metric): Uint8Array {
  const known = lastLevels.find((each) => each.grid === grid && each.metric === metric);
  if (known) {
    return known.found;
  }
  const found = findLevels(grid, metric);
  lastLevels.unshift({ grid, metric, found });
  lastLevels.length = Math.min(2, lastLevels.length);
  return found;
}

/** How bad a cell is, which is asked of all of them. */
export function levelsOf(grid: Grid, metric: Metric): (at: number) => Level {
  const found = placesOf(grid, metric);
  return (at) => levels[found[at]!]!;
}

/** What a cell says, which is asked of those in view. */
export function cellsOf(grid: Grid, metric: Metric): (at: number) => CellView {
  if (metric === "state") {
    return stateCellsOf(grid);
  }
  const cell = { rtt: timeCell, loss: lossCell, success: successCell }[metric];
  return (at) => cell(grid, at);
}

export function cellOf(grid: Grid, metric: Metric, from: number, to: number): CellView {
  return cellsOf(grid, metric)(from * grid.regions.length + to);
}

/** Tells of two matrices of the same regions which cells show the same. */
export function sameCells(a: Grid, b: Grid, metric: Metric): (at: number) => boolean {
  if (metric === "state") {
    const [one, other] = [stateCellsOf(a), stateCellsOf(b)];
    return (at) => sameView(one(at), other(at));
  }
  const pairs = (["value", "targets", "failing", "usual", "ratio", "rollups"] as const).map((name) => [a[name], b[name]] as const);
  return (at) => {
    for (const [one, other] of pairs) {
      if (numberAt(one, at) !== numberAt(other, at)) {
        return false;
      }
    }
    return true;
  };
}

const weights: Record<Level, number> = { none: 0, ok: 0, unknown: 1, worse: 3, bad: 20, down: 100 };

/** Of each region whether the filter names it; null: there is no filter. */
export type Fits = Uint8Array | null;

export function fitsOf(regions: string[], filter: string): Fits {
  const wanted = filter.toLowerCase();
  return wanted === "" ? null : Uint8Array.from(regions, (name) => (name.toLowerCase().includes(wanted) ? 1 : 0));
}

/** A pair is shown where either of its ends fits. */
export function isShown(fits: Fits, from: number, to: number): boolean {
  return fits === null || fits[from] === 1 || fits[to] === 1;
}

/** What stands in the place of a pair that is not shown. */
export const leftOut: CellView = { ...empty, spoken: "left out by the filter" };

/** The places of those that fit, and after them of those that have a pair with one of them. */
function placesWith(found: Uint8Array, size: number, fits: Fits): number[] {
  const all = Array.from({ length: size }, (_, at) => at);
  if (fits === null) {
    return all;
  }
  const named = all.filter((at) => fits[at] === 1);
  const paired = (at: number) => named.some((other) => found[other * size + at] !== 0 || found[at * size + other] !== 0);
  return [...named, ...all.filter((at) => fits[at] !== 1 && paired(at))];
}

/** The places of the regions in the order they are shown. */
export function orderOf(grid: Grid, metric: Metric, order: string, fits: Fits): number[] {
  const size = grid.regions.length;
  const found = placesOf(grid, metric);
  const places = placesWith(found, size, fits);
  if (order !== "worst") {
    return places;
  }
  const heavies = levels.map((level) => weights[level]);
  const weight = new Float64Array(size);
  for (let row = 0; row < size; ++row) {
    for (let column = 0; column < size; ++column) {
      const heavy = isShown(fits, row, column) ? heavies[found[row * size + column]!]! : 0;
      weight[row]! += heavy;
      weight[column]! += heavy;
    }
  }
  const named = (at: number) => fits?.[at] ?? 0;
  return places.sort((a, b) => named(b) - named(a) || weight[b]! - weight[a]! || a - b);
}

export interface NamedCell extends CellView {
  from: string;
  to: string;
}

/** The worst cells, for the table beside the map. */
export function worstCells(grid: Grid, metric: Metric, most: number, fits: Fits = null): NamedCell[] {
  const found = placesOf(grid, metric);
  const cell = cellsOf(grid, metric);
  const { regions } = grid;
  const all: NamedCell[] = [];
  for (const wanted of [...levels].reverse().filter((each) => weights[each] > 0)) {
    for (let at = 0; at < found.length && all.length < most; ++at) {
      const [from, to] = [Math.floor(at / regions.length), at % regions.length];
      if (found[at] === levelPlaces[wanted] && isShown(fits, from, to)) {
        all.push({ from: regions[from]!, to: regions[to]!, ...cell(at) });
      }
    }
  }
  return all;
}

/** How many cells there are of each level, of those that are shown. */
export function tally(grid: Grid, metric: Metric, fits: Fits = null): Map<Level, number> {
  const numbers = levels.map(() => 0);
  const size = grid.regions.length;
  placesOf(grid, metric).forEach((place, at) => {
    numbers[place]! += fits === null || isShown(fits, Math.floor(at / size), at % size) ? 1 : 0;
  });
  return new Map(levels.map((each, place) => [each, numbers[place]!]));
}

/** How many of them are worth a look. */
export function badOnes(counts: Map<Level, number>): number {
  return [...counts].reduce((sum, [level, number]) => sum + (weights[level] > 0 ? number : 0), 0);
}
