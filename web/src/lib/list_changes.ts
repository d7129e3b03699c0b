// A list of incidents that is read again and again: only what has changed since goes from the worker that reads
// it to the page. Whole, 500 incidents took the page longer than a frame to take over and to throw away.

import { same } from "./same.ts";
import type { Incident, IncidentList } from "../types.ts";

export interface Changes {
  /** Whether those that are not in `changed` are not known yet: it is the first of a worker. */
  first: boolean;
  ids: number[];
  changed: Incident[];
  rest: Omit<IncidentList, "incidents">;
}

/** The worker's side. */
export class ListChanges {
  private last: Map<number, Incident> | null = null;

  changes({ incidents, ...rest }: IncidentList): Changes {
    const before = this.last;
    this.last = new Map(incidents.map((each) => [each.id, each]));
    return { first: before === null, ids: incidents.map((each) => each.id), changed: incidents.filter((each) => !same(before?.get(each.id), each)), rest };
  }
}

/** The page's side: an incident that has not changed is the same object as before. */
export class ListTaker {
  private last = new Map<number, Incident>();

  take({ first, ids, changed, rest }: Changes): IncidentList {
    const known = new Map(first ? [] : this.last);
    changed.forEach((each) => known.set(each.id, each));
    const incidents = ids.map((id) => known.get(id)).filter((each) => each !== undefined);
    this.last = new Map(incidents.map((each) => [each.id, each]));
    return { ...rest, incidents };
  }
}
