// A matrix as the map keeps it: its numbers in flat arrays, which a worker hands over without copying
// them, and which are compared and counted in a millisecond. 200 × 200 cells as objects took several
// frames to read, and to throw away.

import type { Matrix, PastMatrix } from "../types.ts";

/** The cell from region `row` to region `column` stands at `row * regions.length + column`. */
export interface Grid {
  probe_type: string;
  metric: string;
  regions: string[];
  /** Of the past: its moment, and when the probes began that its numbers are of. */
  moment: { at_unix: number; from_unix: number; to_unix: number } | null;
  /** The values as numbers; NaN: none, or they are states. */
  value: Float64Array;
  /** The values as states: 0 none, else one more than its place in `states`. */
  state: Uint8Array;
  states: string[];
  /** How many targets are in each state: 0 none, else one more than its place in `mixes`. */
  mix: Uint32Array;
  mixes: Record<string, number>[];
  /** Numbers of targets, or of probes where it is of the past; NaN: nobody probes that. */
  targets: Float64Array;
  failing: Float64Array;
  usual: Float64Array;
  ratio: Float64Array;
  rollups: Float64Array;
}

/** Empty where there is no number at all. */
function flat(rows: (unknown[] | null)[] | undefined, size: number): Float64Array {
  let out = new Float64Array(0);
  rows?.forEach((row, from) =>
    row?.forEach((value, to) => {
      if (typeof value === "number") {
        out = out.length > 0 ? out : new Float64Array(size * size).fill(NaN);
        out[from * size + to] = value;
      }
    }),
  );
  return out;
}

/** One more than the place of each thing among those that differ, by its name. */
class Places<T> {
  readonly all: T[] = [];
  private readonly places = new Map<string, number>();

  of(name: string, thing: T): number {
    let place = this.places.get(name);
    if (place === undefined) {
      place = this.all.push(thing);
      this.places.set(name, place);
    }
    return place;
  }
}

function mixName(mix: Record<string, number>): string {
  let name = "";
  for (const state in mix) {
    name += `${state} ${mix[state]} `;
  }
  return name;
}

export function gridOf(told: Matrix | PastMatrix): Grid {
  const size = told.regions.length;
  const past = "at_unix" in told;
  const states = new Places<string>();
  const state = new Uint8Array(size * size);
  told.values.forEach((row, from) =>
    row.forEach((value, to) => {
      if (typeof value === "string") {
        state[from * size + to] = states.of(value, value);
      }
    }),
  );
  const mixes = new Places<Record<string, number>>();
  const mix = new Uint32Array(size * size);
  told.states?.forEach((row, from) =>
    row.forEach((value, to) => {
      if (value) {
        mix[from * size + to] = mixes.of(mixName(value), value);
      }
    }),
  );
  return {
    probe_type: told.probe_type,
    metric: told.metric,
    regions: told.regions,
    moment: past ? { at_unix: told.at_unix, from_unix: told.from_unix, to_unix: told.to_unix } : null,
    value: flat(told.values, size),
    state,
    states: states.all,
    mix,
    mixes: mixes.all,
    // Probes stand where the present has targets.
    targets: flat(past ? told.probes : told.targets, size),
    failing: flat(past ? told.failed : told.failing, size),
    usual: flat(told.usual, size),
    ratio: flat(told.ratio, size),
    rollups: flat(told.usual_rollups, size),
  };
}

/** What is handed over as it is, in place of a copy. */
export function buffersOf(grid: Grid): ArrayBuffer[] {
  return Object.values(grid).flatMap((each: unknown) => (ArrayBuffer.isView(each) ? [each.buffer as ArrayBuffer] : []));
}
