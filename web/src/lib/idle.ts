// What can wait until the rest of a page is there.

/** Calls it when nothing else is to be done; gives what calls that off. */
export function whenIdle(call: () => void): () => void {
  if ("requestIdleCallback" in globalThis) {
    const asked = requestIdleCallback(call, { timeout: 200 });
    return () => cancelIdleCallback(asked);
  }
  const timer = setTimeout(call, 16);
  return () => clearTimeout(timer);
}
