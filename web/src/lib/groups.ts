// The groups of the status page stand in its address: ?group=shop:label.team=shop&group=…

import { query, type Place } from "./url.ts";

export interface Group {
  name: string;
  filter: Record<string, string>;
}

const known = /^(source_region|region|probe_type|agent|target|label\.[A-Za-z_]\w*)$/;

/** "Shop:label.team=shop,region=eu"; without a name the filter is the name. Null: it cannot be read. */
export function readGroup(text: string): Group | null {
  const colon = /^([^:=]*):(.+)$/.exec(text);
  const filter: Record<string, string> = {};
  for (const term of (colon ? colon[2]! : text).split(",")) {
    const equals = term.indexOf("=");
    const name = term.slice(0, equals).trim();
    if (equals <= 0 || !known.test(name)) {
      return null;
    }
    filter[name] = term.slice(equals + 1).trim();
  }
  const name = colon?.[1]?.trim();
  return { name: name || Object.values(filter).join(", "), filter };
}

export function groupsOf(place: Place): { groups: Group[]; wrong: string[] } {
  const groups: Group[] = [];
  const wrong: string[] = [];
  const one = place.query["group"];
  for (const text of (place.lists["group"] ?? (one ? [one] : [])).slice(0, 24)) {
    const group = readGroup(text);
    if (group) {
      groups.push(group);
    } else {
      wrong.push(text);
    }
  }
  return { groups, wrong };
}

/** How many of its targets are in each state. */
export function groupQuery(group: Group): string {
  return `/api/v1/states${query({ ...group.filter, limit: 1 })}`;
}
