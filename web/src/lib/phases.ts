// The phases of a probe: their order where several results are put together, and their colours.

/** Those that have a colour of their own, the same on every page, in the order they happen. */
const usual = ["resolve", "connect", "starttls", "tls", "request", "processing", "exchange", "transfer"];

/** Each name once: the usual ones as they happen, others behind them as they are told. */
export function inOrder(names: Iterable<string>): string[] {
  const place = (name: string) => (usual.includes(name) ? usual.indexOf(name) : usual.length);
  return [...new Set(names)].sort((a, b) => place(a) - place(b));
}

/** The number of each one's colour, of 8; one that is not usual has a colour that no other one has, as long as there are any. */
export function colorsOf(names: string[]): number[] {
  const free = usual.map((_, at) => usual.length - 1 - at).filter((color) => !names.includes(usual[color]!));
  return names.map((name) => (usual.includes(name) ? usual.indexOf(name) : (free.shift() ?? usual.length - 1)));
}
