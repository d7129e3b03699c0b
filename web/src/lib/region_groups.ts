// Regions by their labels: which labels there are, and the order in which a map stands by one.

import type { Region } from "../types.ts";

export type RegionLabels = Map<string, Record<string, string>>;

export function labelsOf(regions: Region[]): RegionLabels {
  return new Map(regions.map((each) => [each.region, each.labels ?? {}]));
}

/** The names of all labels, in order. */
export function labelNames(regions: RegionLabels): string[] {
  const names = new Set<string>();
  for (const labels of regions.values()) {
    Object.keys(labels).forEach((name) => names.add(name));
  }
  return [...names].sort();
}

/** The value of a label, "" where the region has none. */
export function groupOf(regions: RegionLabels, region: string, label: string): string {
  return regions.get(region)?.[label] ?? "";
}

/** The same places, those of one group together; what has no label comes last. */
export function byGroup(places: number[], group: (place: number) => string): number[] {
  return places
    .map((place, at) => ({ place, at, name: group(place) }))
    .sort((a, b) => Number(a.name === "") - Number(b.name === "") || (a.name === b.name ? a.at - b.at : a.name < b.name ? -1 : 1))
    .map((each) => each.place);
}
