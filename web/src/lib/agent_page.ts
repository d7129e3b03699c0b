// Where an agent's own pages are, for who looks at this one.

import type { Agent } from "../types.ts";

function onLoopback(name: string): boolean {
  return /^(localhost|127\.[\d.]+|\[::1\])$/.test(name);
}

/** The address of a page of the agent itself; null: there is none, or the reader cannot go there. A page on loopback is
 * there for who looks at this one, of the host `here`, on the same machine. */
export function agentPage({ link }: Pick<Agent, "link">, here: string, path = ""): string | null {
  if (!link || (onLoopback(new URL(link).hostname) && !onLoopback(here))) {
    return null;
  }
  return path === "" ? link : new URL(path, link).href;
}
