// Reads a matrix out of an answer: a small one here, a large one in a worker, so that no frame waits for it.

import { gridOf, type Grid } from "./grid.ts";
import type { Matrix } from "../types.ts";

/** The worker's address, which the build puts in. */
declare const GRID_WORKER: string;

const small = 64 * 1024; // bytes that are read in a part of a frame
const idle = 60_000; // milliseconds after which a worker that nobody needs is ended

interface Waiting {
  done: (grid: Grid) => void;
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
  const made = new Worker(GRID_WORKER, { type: "module" });
  made.addEventListener("message", (event: MessageEvent<{ id: number; grid: Grid }>) => {
    waiting.get(event.data.id)?.done(event.data.grid);
    waiting.delete(event.data.id);
  });
  made.addEventListener("error", (event) => {
    event.preventDefault();
    end(event);
  });
  return made;
}

/** Rejected, and not thrown, where there can be no worker. */
async function beside(body: ArrayBuffer): Promise<Grid> {
  worker ??= begin();
  clearTimeout(ending);
  ending = setTimeout(() => end(null), idle);
  const id = ++last;
  worker.postMessage({ id, body });
  return new Promise((done, failed) => waiting.set(id, { done, failed }));
}

/** Throws where the answer is no matrix. */
export async function readGrid(answer: Response): Promise<Grid> {
  const body = await answer.arrayBuffer();
  const here = () => gridOf(JSON.parse(new TextDecoder().decode(body)) as Matrix);
  // Where there is no worker, it takes longer, and what is wrong with an answer is said by the same words.
  return body.byteLength < small ? here() : beside(body).catch(here);
}
