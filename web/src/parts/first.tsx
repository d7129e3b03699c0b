// The first of a long list, and all of it for who wants that.

import { useState } from "preact/hooks";

import { count, plural } from "../lib/format.ts";

export interface First<T> {
  shown: T[];
  /** How many there are, and the way to the others; null where all are shown. */
  rest: preact.JSX.Element | null;
}

/** `what` is one of them, `many` several. */
export function useFirst<T>(all: T[], most: number, what: string, many = `${what}s`): First<T> {
  const [whole, show] = useState(false);
  if (whole || all.length <= most) {
    return { shown: all, rest: null };
  }
  return {
    shown: all.slice(0, most),
    rest: (
      <p class="dim" data-rest={all.length}>
        {count(most)} of {plural(all.length, what, many)}.{" "}
        <button type="button" class="more" onClick={() => show(true)}>
          Show all {count(all.length)}
        </button>
      </p>
    ),
  };
}
