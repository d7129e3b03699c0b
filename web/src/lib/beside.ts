// The worker that asks for what is large and reads it, so that no frame waits for it. It is there while it is needed.

import type { Asker, Reader } from "./api.ts";
import type { Came, Left, Wanted } from "./reading_worker.ts";

/** The worker's address, which the build puts in. */
declare const READING_WORKER: string;

const small = 64 * 1024; // bytes that are read in a part of a frame
const mostPaths = 64; // of which it is known that they are large
const idle = 60_000; // milliseconds after which a worker that nobody needs is ended

interface Waiting {
  done: (came: Came) => void;
  failed: (problem: unknown) => void;
}

let worker: Worker | null = null;
let ending: ReturnType<typeof setTimeout> | undefined;
let last = 0;
const waiting = new Map<number, Waiting>();

function end(problem: unknown): void {
  worker?.terminate();
  worker = null;
  waiting.forEach((each) => each.failed(problem));
  waiting.clear();
}

function begin(): Worker {
  const made = new Worker(READING_WORKER, { type: "module" });
  made.addEventListener("message", (event: MessageEvent<Came>) => {
    waiting.get(event.data.id)?.done(event.data);
    waiting.delete(event.data.id);
  });
  made.addEventListener("error", (event) => {
    event.preventDefault();
    end(event);
  });
  return made;
}

/** Rejected, and not thrown, where there can be no worker. */
async function want(wanted: Omit<Wanted, "id">, signal?: AbortSignal): Promise<Came> {
  worker ??= begin();
  clearTimeout(ending);
  ending = setTimeout(() => end(null), idle);
  const id = ++last;
  worker.postMessage({ ...wanted, id } satisfies Wanted);
  signal?.addEventListener("abort", () => worker?.postMessage({ left: id } satisfies Left), { once: true });
  return new Promise((done, failed) => waiting.set(id, { done, failed }));
}

/** What the worker has made of an answer that it was given. */
const made = new WeakMap<Response, unknown>();
const pathOf = (url: string) => url.replace(/^[a-z]+:\/\/[^/]*/, "");

/** Reads answers that may be large: in the page until one has been, then beside it. `here` makes
 * data of what was told, `taken` of what the worker has made of it; that is called in the order of the questions. */
export function besides<Told, Data, Sent = Data>(what: Wanted["what"], here: (told: Told) => Data, taken: (sent: Sent, path: string) => Data): Reader {
  const large = new Set<string>();
  const ask: Asker = async (path, init) => {
    const signal = init?.signal ?? undefined;
    if (!large.has(path)) {
      return fetch(path, init);
    }
    let came: Came;
    try {
      came = await want({ what, path, headers: init?.headers as Record<string, string> }, signal);
    } catch {
      return fetch(path, init); // it takes longer here, and what is wrong with an answer is said by the same words
    }
    const data = came.made === undefined ? undefined : taken(came.made as Sent, path); // whoever waits: the worker has sent it
    signal?.throwIfAborted();
    if (came.silent) {
      return fetch(path, init); // whether it is the program or what is between it and a worker, the page finds out
    }
    const answer = new Response(came.status === 304 ? null : (came.text ?? null), { status: came.status, headers: came.tag ? { ETag: came.tag } : {} });
    if (data !== undefined) {
      made.set(answer, data);
    }
    return answer;
  };
  const read = async (answer: Response): Promise<Data> => {
    if (made.has(answer)) {
      return made.get(answer) as Data;
    }
    const path = pathOf(answer.url);
    const body = await answer.arrayBuffer();
    const isLarge = body.byteLength >= small;
    if (large.size >= mostPaths) {
      large.clear();
    }
    if (isLarge) {
      large.add(path);
      try {
        return taken((await want({ what, path, body })).made as Sent, path);
      } catch {
        // As above.
      }
    }
    return here(JSON.parse(new TextDecoder().decode(body)) as Told);
  };
  return { ask, read };
}
