// What makes data of answers that may be large.

import { besides } from "./beside.ts";
import { gridOf, type Grid } from "./grid.ts";
import { ListTaker, type Changes } from "./list_changes.ts";
import type { IncidentList, Matrix } from "../types.ts";

/** Its reading throws where the answer is no matrix. */
export const gridReader = besides<Matrix, Grid>("grid", gridOf, (grid) => grid);

const takers = new Map<string, ListTaker>();

/** An incident that has not changed since is the same object as before, where the list is large. */
export const incidentsReader = besides<IncidentList, IncidentList, Changes>(
  "incidents",
  (list) => list,
  (changes, path) => {
    const taker = takers.get(path) ?? new ListTaker();
    takers.set(path, taker);
    return taker.take(changes);
  },
);
