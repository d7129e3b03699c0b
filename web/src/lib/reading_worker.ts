// Asks for what is large, and reads it, beside the page, which goes on meanwhile.

import { buffersOf, gridOf } from "./grid.ts";
import { ListChanges } from "./list_changes.ts";
import type { IncidentList, Matrix } from "../types.ts";

/** What is wanted: `what` says which reader, `path` which question; the answer's body where the page has asked itself. */
export interface Wanted {
  id: number;
  what: "grid" | "incidents";
  path: string;
  headers?: Record<string, string>;
  body?: ArrayBuffer;
}

/** What comes of it: what was made of an answer, or the text of one that is none; `silent`: nobody has
 * answered it, or what came is none. */
export interface Came {
  id: number;
  status: number;
  tag: string | null;
  text?: string;
  made?: unknown;
  silent?: boolean;
}

/** Nobody waits for it any more. */
export interface Left {
  left: number;
}

// The types of workers and those of pages do not go together; this is all that is used of them.
const scope = globalThis as unknown as {
  onmessage: (event: { data: Wanted | Left }) => void;
  postMessage: (message: Came, moved: ArrayBuffer[]) => void;
  reportError: (problem: unknown) => void;
};

const lists = new Map<string, ListChanges>();
const running = new Map<number, AbortController>();

function make({ id, what, path }: Wanted, status: number, tag: string | null, told: unknown): void {
  if (what === "grid") {
    const grid = gridOf(told as Matrix);
    scope.postMessage({ id, status, tag, made: grid }, buffersOf(grid));
    return;
  }
  const list = lists.get(path) ?? new ListChanges();
  lists.set(path, list);
  scope.postMessage({ id, status, tag, made: list.changes(told as IncidentList) }, []);
}

async function ask(wanted: Wanted): Promise<void> {
  const { id, path, headers } = wanted;
  const asking = new AbortController();
  running.set(id, asking);
  try {
    const answer = await fetch(path, { headers: headers ?? {}, cache: "no-store", signal: asking.signal });
    const tag = answer.headers.get("ETag");
    if (answer.ok) {
      make(wanted, answer.status, tag, await answer.json());
    } else {
      scope.postMessage({ id, status: answer.status, tag, text: await answer.text() }, []);
    }
  } catch (problem) {
    if (!(problem instanceof TypeError) && !asking.signal.aborted) {
      scope.reportError(problem); // what is no answer: the page reads it itself, and says what is wrong
    }
    scope.postMessage({ id, status: 0, tag: null, silent: true }, []);
  }
  running.delete(id);
}

scope.onmessage = ({ data }) => {
  if ("left" in data) {
    running.get(data.left)?.abort();
  } else if (data.body) {
    make(data, 200, null, JSON.parse(new TextDecoder().decode(data.body)));
  } else {
    void ask(data);
  }
};
