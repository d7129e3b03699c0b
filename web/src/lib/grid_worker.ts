// Reads large matrices beside the page, which goes on meanwhile.

import { buffersOf, gridOf } from "./grid.ts";
import type { Matrix } from "../types.ts";

export interface Asked {
  id: number;
  body: ArrayBuffer;
}

// The types of workers and those of pages do not go together; this is all that is used of them.
const scope = globalThis as unknown as {
  onmessage: (event: { data: Asked }) => void;
  postMessage: (message: unknown, moved: ArrayBuffer[]) => void;
};

scope.onmessage = ({ data: { id, body } }) => {
  const grid = gridOf(JSON.parse(new TextDecoder().decode(body)) as Matrix);
  scope.postMessage({ id, grid }, buffersOf(grid));
};
