// The map as it was: which moments the slider has.

/** How far the slider reaches, and its step, in seconds. */
export const pastRanges: Record<string, { length: number; step: number; text: string }> = {
  "1h": { length: 3600, step: 60, text: "the last hour" },
  "6h": { length: 6 * 3600, step: 300, text: "the last 6 hours" },
  "24h": { length: 86_400, step: 900, text: "the last day" },
  "7d": { length: 7 * 86_400, step: 7200, text: "the last 7 days" },
  "90d": { length: 90 * 86_400, step: 86_400, text: "the last 90 days" },
};

/** Multiples of the step, the oldest first, so that the same moments come again as time goes on. */
export function momentsOf(range: string, now: number): number[] {
  const found = pastRanges[range];
  if (!found) {
    return [];
  }
  const { length, step } = found;
  const last = Math.floor(now / step) * step;
  return Array.from({ length: Math.floor(length / step) }, (_, at) => last - length + (at + 1) * step);
}

/** The place of the last moment that is not after `at`; the first one's where all are. */
export function placeOf(moments: number[], at: number): number {
  return Math.max(0, moments.filter((each) => each <= at).length - 1);
}

/** The shortest range whose slider has a moment; the longest where none has. */
export function rangeWith(at: number, now: number): string {
  const names = Object.keys(pastRanges);
  return names.find((name) => momentsOf(name, now)[0]! <= at) ?? names.at(-1)!;
}
