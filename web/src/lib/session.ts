// What all parts of the page share: where it is, what it knows, how the reader wants to see it.

import { Api } from "./api.ts";
import type { StreamState } from "./events.ts";
import { comeBack, leaving } from "./focus.ts";
import type { Zone } from "./format.ts";
import { Live } from "./live.ts";
import { Samples } from "./rates.ts";
import { SharedStream } from "./shared_stream.ts";
import { address, changed, parsePlace, withLasting, type Place } from "./url.ts";
import type { Role } from "../types.ts";

/** A value that parts of the page follow. */
export class Shared<T> {
  private readonly watchers = new Set<() => void>();

  constructor(private current: T) {}

  get value(): T {
    return this.current;
  }

  set(value: T): void {
    if (value !== this.current) {
      this.current = value;
      this.watchers.forEach((told) => told());
    }
  }

  watch(told: () => void): () => void {
    this.watchers.add(told);
    return () => this.watchers.delete(told);
  }
}

export const role: Role = document.documentElement.dataset["role"] === "agent" ? "agent" : "server";
/** Without a session the address of any page is answered with the sign-in. */
export const api = new Api((input, init) => fetch(input, init), () => location.reload());
export const live = new Live(api);
export const samples = new Samples();
export const place = new Shared<Place>(parsePlace(location.pathname, location.search));
export const stream = new Shared<StreamState>("off");
export const paused = new Shared<number>(0); // since when, in seconds; 0: it is not
export const helpShown = new Shared(false);
/** What is wrong in a few words, as the page that is shown knows it; empty: nothing is, or it does not. */
export const headline = new Shared("");

// -- what the reader likes, kept in this browser ----------------------------------------------------

function kept(name: string): string {
  try {
    return localStorage.getItem(`xprober.${name}`) ?? "";
  } catch {
    return ""; // a browser that keeps nothing
  }
}

function keep(name: string, value: string): void {
  try {
    localStorage.setItem(`xprober.${name}`, value);
  } catch {
    // It is asked again next time.
  }
}

export type Theme = "auto" | "light" | "dark";
const themes: Theme[] = ["auto", "light", "dark"];

function readTheme(): Theme {
  const asked = place.value.query["theme"] ?? kept("theme");
  return themes.find((each) => each === asked) ?? "auto";
}

export const theme = new Shared<Theme>(readTheme());
export const reader = new Shared(kept("reader"));

export function applyTheme(): void {
  document.documentElement.dataset["theme"] = theme.value;
}

export function nextTheme(): void {
  theme.set(themes[(themes.indexOf(theme.value) + 1) % themes.length]!);
  keep("theme", theme.value);
  applyTheme();
  if (place.value.query["theme"] !== undefined) {
    change({ theme: theme.value }, "replace"); // what an address names is stronger than what is kept
  }
}

export function setReader(name: string): void {
  reader.set(name);
  keep("reader", name);
}

export function zoneOf(at: Place): Zone {
  return at.query["tz"] === "utc" ? "utc" : "local";
}

/** The page for everybody: who reads it may see nothing else, and nothing else is asked for. */
export function isPublic(at: Place): boolean {
  return role === "server" && at.path === "/status" && at.query["group"] === undefined;
}

// -- going places -----------------------------------------------------------------------------------

/** What stays in the address wherever one goes. */
function lasting(): Record<string, string> {
  const { tz, theme: shown } = place.value.query;
  return { ...(tz ? { tz } : {}), ...(shown ? { theme: shown } : {}) };
}

/** A link as it is opened elsewhere: there, too, the zone and the theme are those of this address. */
export function lastingHref(href: string): string {
  return withLasting(href, lasting());
}

/** Goes to an address of this page. */
export function go(href: string): void {
  const url = new URL(lastingHref(href), location.href);
  const next = parsePlace(url.pathname, url.search);
  const samePage = next.path === place.value.path;
  history.replaceState(leaving(), "");
  history.pushState(null, "", address(next));
  place.set(next);
  if (!samePage) {
    window.scrollTo(0, 0);
  }
}

/** Changes the question of the page that is shown; undefined takes a name out. */
export function change(values: Record<string, string | undefined>, step: "push" | "replace" = "push"): void {
  const next = changed(place.value, values);
  if (address(next) === address(place.value)) {
    return;
  }
  history[step === "push" ? "pushState" : "replaceState"](null, "", address(next));
  place.set(next);
}

export function setPaused(on: boolean): void {
  paused.set(on ? Date.now() / 1000 : 0);
  live.paused = on;
  if (on) {
    events?.close();
  } else {
    follow();
    live.wake();
  }
}

let events: SharedStream | null = null;

function follow(): void {
  if (isPublic(place.value)) {
    events?.close();
  } else if (paused.value === 0 && !document.hidden) {
    events?.open();
  }
}

/** Begins to follow the program and the browser's history. */
export function begin(): void {
  applyTheme();
  addEventListener("popstate", (event) => {
    place.set(parsePlace(location.pathname, location.search));
    comeBack(event.state);
  });
  if (role === "server") {
    events = new SharedStream(
      "/api/v1/events",
      (name) => live.heard(name),
      (state) => {
        // A stream that ends is the first sign that the program is gone, one that opens that it is back.
        if ((state === "broken" && stream.value === "open") || (state === "open" && live.problem !== null)) {
          live.refresh();
        }
        stream.set(state);
      },
    );
    follow();
    place.watch(follow);
    addEventListener("pagehide", () => events?.close());
    addEventListener("pageshow", follow); // it comes back as it was left
  }
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      events?.close();
    } else {
      follow();
      live.wake();
    }
  });
}
