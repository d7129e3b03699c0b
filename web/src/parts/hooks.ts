import { useEffect, useRef, useState } from "preact/hooks";

import type { Reading, Wish } from "../lib/live.ts";
import { live, place, samples, zoneOf, type Shared } from "../lib/session.ts";
import { same } from "../lib/same.ts";
import type { Zone } from "../lib/format.ts";
import type { Place } from "../lib/url.ts";
import type { Stats } from "../types.ts";

export function useShared<T>(shared: Shared<T>): T {
  const [, set] = useState(0);
  useEffect(() => shared.watch(() => set((count) => count + 1)), [shared]);
  return shared.value;
}

export function usePlace(): Place {
  return useShared(place);
}

export function useZone(): Zone {
  return zoneOf(usePlace());
}

export interface Followed<T> extends Reading<T> {
  /** What is shown answers an earlier question. */
  old: boolean;
}

/** The answer to a question, kept fresh. Null asks nothing. While a new question has no answer yet,
 * that of the last one is given. */
export function useLive<T>(path: string | null, wish: Wish): Followed<T> {
  const [, set] = useState(0);
  const last = useRef<{ path: string; reading: Reading<T> } | null>(null);
  const on = wish.on?.join() ?? "";
  useEffect(() => {
    if (path === null) {
      return undefined;
    }
    const told = () => set((count) => count + 1);
    const { every, calm, read } = wish;
    return live.follow(path, { every, on: wish.on ?? [], ...(calm === undefined ? {} : { calm }), ...(read ? { read } : {}) }, told);
  }, [path, wish.every, on, wish.calm, wish.read]);
  const reading: Reading<T> = path === null ? { data: null, problem: null, at: 0 } : live.read<T>(path);
  if (path !== null && reading.data !== null) {
    last.current = { path, reading };
  }
  if (reading.data === null && last.current && path !== null) {
    return { ...last.current.reading, problem: reading.problem, old: last.current.path !== path };
  }
  return { ...reading, old: false };
}

/** /stats, with its samples for rates. */
export function useStats(every: number): Followed<Stats> {
  const reading = useLive<Stats>("/stats", { every });
  if (reading.data) {
    samples.add(reading.data);
  }
  return reading;
}

interface Drawn {
  seen: unknown;
  drawn: preact.JSX.Element;
}

/** What is drawn of each thing of a long list: what was drawn before, as long as all that is seen of it is the same.
 * Hundreds of rows are drawn in a frame, and compared in a part of one. */
export function useDrawn<T, Seen>(all: T[], key: (one: T) => string | number, seen: (one: T) => Seen, draw: (one: T, seen: Seen) => preact.JSX.Element): preact.JSX.Element[] {
  const before = useRef(new Map<string | number, Drawn>());
  const next = new Map<string | number, Drawn>();
  for (const one of all) {
    const now = seen(one);
    const kept = before.current.get(key(one));
    next.set(key(one), kept && same(kept.seen, now) ? kept : { seen: now, drawn: draw(one, now) });
  }
  before.current = next;
  return [...next.values()].map((each) => each.drawn);
}

// One timer for all ages on the page.
const tickers = new Set<() => void>();
setInterval(() => {
  if (!document.hidden) {
    tickers.forEach((told) => told());
  }
}, 1000);

/** A text that changes with time: who shows it is drawn anew when it is another, not every second. */
export function useTold(text: (now: number) => string): string {
  const [, set] = useState("");
  const latest = useRef(text);
  latest.current = text;
  useEffect(() => {
    const told = () => set(latest.current(Date.now() / 1000));
    tickers.add(told);
    return () => {
      tickers.delete(told);
    };
  }, []);
  return text(Date.now() / 1000);
}

/** The present in seconds, as long as the page is looked at; who is large is drawn anew for it
 * every so many only. */
export function useNow(every = 1): number {
  const step = () => Math.floor(Date.now() / 1000 / every);
  const [, set] = useState(step);
  useEffect(() => {
    const told = () => set(step());
    tickers.add(told);
    return () => {
      tickers.delete(told);
    };
  }, []);
  return Date.now() / 1000;
}

const systemDark = matchMedia("(prefers-color-scheme: dark)");

/** Whether the system is dark at present. */
export function useDark(): boolean {
  const [dark, set] = useState(systemDark.matches);
  useEffect(() => {
    const look = () => set(systemDark.matches);
    systemDark.addEventListener("change", look);
    return () => systemDark.removeEventListener("change", look);
  }, []);
  return dark;
}
