// What a tab says: what is wrong, before the name of its page.

import { count, plural } from "./format.ts";
import type { Overview } from "./incidents.ts";

/** The headline where what was said last is known no more. */
export const noAnswer = "no answer";

/** `headline`: what is wrong in a few words; empty: nothing is, or the page does not know. */
export function titleOf(page: string, role: string, headline: string): string {
  const name = page === "Now" ? `xprober ${role}` : `${page} · xprober`;
  return headline === "" ? name : `${headline} · ${name}`;
}

/** The sentence of the first page in a few words; empty: all is well. */
export function headlineOf({ incidents, more, lostAgents, failing }: Overview): string {
  const loud = incidents.filter((one) => !one.muted).length + more;
  if (loud > 0) {
    return plural(loud, "incident");
  }
  if (lostAgents.length > 0) {
    return `${plural(lostAgents.length, "agent")} lost`;
  }
  return failing ? `${count(failing)} ${failing === 1 ? "check fails" : "checks fail"}` : "";
}
