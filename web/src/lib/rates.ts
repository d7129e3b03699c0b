// Counters as rates: samples of /stats while the page is open, as many as a sparkline has points. Their
// times are those of the process itself, so that a slow network makes no rate wrong.

import type { ActorEdge, ActorStats, Stats } from "../types.ts";

export interface Sample {
  at: number; // seconds that the process was up
  stats: Stats;
}

/** A number at a path of names: "probes.icmp.started". A "*" sums over what is there. */
export function valueAt(stats: unknown, path: string): number | null {
  const [name, ...rest] = path.split(".");
  if (name === undefined || name === "") {
    return typeof stats === "number" ? stats : null;
  }
  if (typeof stats !== "object" || stats === null) {
    return null;
  }
  const inside = stats as Record<string, unknown>;
  if (name !== "*") {
    return valueAt(inside[name], rest.join("."));
  }
  const values = Object.values(inside)
    .map((each) => valueAt(each, rest.join(".")))
    .filter((each): each is number => each !== null);
  return values.length === 0 ? null : values.reduce((sum, each) => sum + each, 0);
}

export function edgeOf(stats: Stats, from: string, to: string): ActorEdge | undefined {
  return stats.actor_edges?.find((edge) => edge.from === from && edge.to === to);
}

/** Samples of one run of the process: a restart begins anew. */
export class Samples {
  private kept: Sample[] = [];

  constructor(private readonly most = 90) {}

  get all(): readonly Sample[] {
    return this.kept;
  }

  add(stats: Stats): void {
    const last = this.kept[this.kept.length - 1];
    const at = stats.process.uptime_seconds;
    if (last?.stats === stats) {
      return;
    }
    if (last && (last.stats.process.started_unix !== stats.process.started_unix || at < last.at)) {
      this.kept = [];
    } else if (last && at - last.at < 0.5) {
      return;
    }
    this.kept.push({ at, stats });
    if (this.kept.length > this.most) {
      this.kept.shift();
    }
  }

  /** The rate a second of a counter over the last few samples; null: not known yet. */
  rate(path: string, over = 4): number | null {
    return this.rateOf((stats) => valueAt(stats, path), over);
  }

  /** The same of what flows from one kind of actor to another. */
  flow(from: string, to: string, over = 4): number | null {
    return this.rateOf((stats) => edgeOf(stats, from, to)?.messages ?? null, over);
  }

  private rateOf(value: (stats: Stats) => number | null, over: number): number | null {
    const last = this.kept[this.kept.length - 1];
    const first = this.kept[Math.max(0, this.kept.length - 1 - over)];
    if (!last || !first || last === first) {
      return null;
    }
    const now = value(last.stats);
    const before = value(first.stats) ?? 0;
    return now === null || last.at <= first.at ? null : Math.max(0, now - before) / (last.at - first.at);
  }

  /** The rates between each two samples. */
  rates(path: string): number[] {
    const out: number[] = [];
    for (let at = 1; at < this.kept.length; ++at) {
      const before = this.kept[at - 1]!;
      const now = this.kept[at]!;
      const change = (valueAt(now.stats, path) ?? 0) - (valueAt(before.stats, path) ?? 0);
      out.push(Math.max(0, change) / (now.at - before.at));
    }
    return out;
  }

  values(path: string): number[] {
    return this.kept.map((sample) => valueAt(sample.stats, path) ?? 0);
  }
}

export interface Ranked {
  kind: string;
  actor: ActorStats;
  rate: number | null;
}

/** Kinds of actors, the busiest first. */
export function ranked(stats: Stats, samples: Samples): Ranked[] {
  return Object.entries(stats.actors)
    .map(([kind, actor]) => ({ kind, actor, rate: samples.rate(`actors.${kind}.messages`) }))
    .sort((a, b) => (b.rate ?? b.actor.messages) - (a.rate ?? a.actor.messages) || (a.kind < b.kind ? -1 : 1));
}
