// Keys for those who do not want the mouse: / filters, j and k go through rows, Enter opens.

import { go, helpShown, nextTheme, paused, role, setPaused } from "./session.ts";

const places: Record<string, string> =
  role === "agent"
    ? { n: "/", s: "/system" }
    : { n: "/", m: "/map", t: "/targets", a: "/agents", c: "/certificates", s: "/system" };

export const keyTexts: [string, string][] = [
  ["/", "filter"],
  ["j, k", "next and previous row"],
  ["Enter", "open the row"],
  ["g, then n" + (role === "agent" ? " s" : " m t a c s"), role === "agent" ? "Now, System" : "Now, Map, Targets, Agents, Certificates, System"],
  ["Backspace", "back"],
  ["p", "pause"],
  ["d", "light, dark, as the system"],
  ["?", "these keys"],
  ["Esc", "leave a field or a question"],
];

/** The row after the one at `current`; -1: none has the focus yet. */
export function nextRow(current: number, step: number, rows: number): number {
  if (rows === 0) {
    return -1;
  }
  return current < 0 ? (step > 0 ? 0 : rows - 1) : Math.max(0, Math.min(rows - 1, current + step));
}

function rowLink(row: Element): HTMLElement | null {
  return row.querySelector<HTMLElement>("a, button");
}

function step(by: number): void {
  const rows = [...document.querySelectorAll("[data-row]")].filter((row) => rowLink(row));
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[nextRow(at, by, rows.length)];
  if (next) {
    rowLink(next)?.focus();
    next.scrollIntoView({ block: "nearest" });
  }
}

function typing(at: EventTarget | null): boolean {
  const element = at instanceof HTMLElement ? at : null;
  return element !== null && (element.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(element.tagName));
}

let going = -Infinity; // when g was pressed

function press(event: KeyboardEvent): boolean {
  if (event.timeStamp - going < 1500 && places[event.key]) {
    going = -Infinity;
    go(places[event.key]!);
    return true;
  }
  switch (event.key) {
    case "/": {
      const field = document.querySelector<HTMLInputElement>("[data-filter]");
      field?.focus();
      field?.select();
      return field !== null;
    }
    case "j":
      step(1);
      return true;
    case "k":
      step(-1);
      return true;
    case "g":
      going = event.timeStamp;
      return true;
    case "p":
      setPaused(paused.value === 0);
      return true;
    case "d":
      nextTheme();
      return true;
    case "?":
      helpShown.set(!helpShown.value);
      return true;
    case "Backspace":
      history.back();
      return true;
    default:
      return false;
  }
}

export function followKeys(): void {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) {
      return;
    }
    if (typing(event.target)) {
      if (event.key === "Escape") {
        (event.target as HTMLElement).blur();
      }
      return;
    }
    if (press(event)) {
      event.preventDefault();
    }
  });
}
