// The stream of events as a page sees it: one for all tabs, which a shared worker has, on http://10.0.0.1:6002 as on
// https (Web Locks would be there on the latter alone). Where there is no such worker, one of the page's own.

import { EventStream, type EventName, type StreamState } from "./events.ts";
import type { Asked, Said, Stream } from "./stream_desk.ts";

/** The worker's address, which the build puts in. */
declare const EVENTS_WORKER: string;

const patience = 10_000; // milliseconds that a worker is waited for

/** What a page keeps of a shared worker. */
export interface Line {
  send(asked: Asked): void;
  end(): void;
}

/** Opens a line to the worker; throws, or says `failed`, where there can be none. */
export type Connect = (heard: (said: Said) => void, failed: () => void) => Line;

function connectWorker(heard: (said: Said) => void, failed: () => void): Line {
  const { port } = makeWorker(failed);
  port.onmessage = ({ data }: MessageEvent<Said>) => heard(data);
  return { send: (asked) => port.postMessage(asked), end: () => port.close() };
}

function makeWorker(failed: () => void): SharedWorker {
  const worker = new SharedWorker(EVENTS_WORKER); // throws where browsers do not know them
  worker.addEventListener("error", (event) => {
    event.preventDefault();
    failed();
  });
  return worker;
}

export class SharedStream implements Stream {
  state: StreamState = "off";
  private wanted = false;
  private line: Line | null = null;
  private own: EventStream | null = null;
  private waiting: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly path: string,
    private readonly onEvent: (name: EventName) => void,
    private readonly onState: (state: StreamState) => void,
    private readonly connect: Connect = connectWorker,
  ) {}

  open(): void {
    if (this.wanted) {
      return;
    }
    this.wanted = true;
    if (this.own) {
      this.own.open();
      return;
    }
    this.tell("connecting");
    try {
      this.line ??= this.connect(
        (said) => this.heard(said),
        () => this.goAlone(),
      );
      this.waiting = setTimeout(() => this.goAlone(), patience);
      this.line.send({ follow: true });
    } catch {
      this.goAlone();
    }
  }

  close(): void {
    this.wanted = false;
    clearTimeout(this.waiting);
    this.line?.send({ follow: false });
    this.own?.close();
    this.tell("off");
  }

  private heard(said: Said): void {
    clearTimeout(this.waiting);
    if (!this.wanted || this.own) {
      return; // it was on its way when this page left
    }
    if ("event" in said) {
      this.onEvent(said.event);
    } else {
      this.tell(said.state);
    }
  }

  private goAlone(): void {
    clearTimeout(this.waiting);
    if (this.own) {
      return;
    }
    this.line?.send({ follow: false });
    this.line?.end();
    this.line = null;
    this.own = new EventStream(this.path, this.onEvent, (state) => this.tell(state));
    if (this.wanted) {
      this.own.open();
    }
  }

  private tell(state: StreamState): void {
    if (this.state !== state) {
      this.state = state;
      this.onState(state);
    }
  }
}
