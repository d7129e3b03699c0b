// The certificates that targets have shown, from the list of targets: each with its earliest end.

import type { TargetRow } from "../types.ts";

export interface Certificate {
  uid: string;
  target: string;
  region: string;
  probe_type: string;
  sources: string[];
  end: number;
}

/** Adds what rows say of certificates to what is known. */
export function addCertificates(known: Map<string, Certificate>, rows: TargetRow[]): void {
  for (const row of rows) {
    const end = row["cert_expiry_unix"];
    if (typeof end !== "number" || end <= 0) {
      continue;
    }
    const before = known.get(row.uid);
    if (before) {
      before.end = Math.min(before.end, end);
      if (!before.sources.includes(row.source_region)) {
        before.sources.push(row.source_region);
      }
    } else {
      const { uid, target, region, probe_type } = row;
      known.set(uid, { uid, target, region, probe_type, sources: [row.source_region], end });
    }
  }
}

/** What ends first comes first. */
export function byEnd(known: Map<string, Certificate>): Certificate[] {
  return [...known.values()].sort((a, b) => a.end - b.end || (a.target < b.target ? -1 : 1));
}

const day = 86_400;

export function toneOf(end: number, now: number): "bad" | "worse" | "ok" {
  return end - now < 7 * day ? "bad" : end - now < 30 * day ? "worse" : "ok";
}
