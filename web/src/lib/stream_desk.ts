// One stream for all who follow it: it is there while somebody does, and each is told what comes.

import type { EventName, StreamState } from "./events.ts";

/** What a page says to the worker that has the stream. */
export interface Asked {
  follow: boolean;
}

/** What it is told: where the stream is, or that an event has come. */
export type Said = { state: StreamState } | { event: EventName };

export interface Stream {
  readonly state: StreamState;
  open(): void;
  close(): void;
}

export class StreamDesk<Reader> {
  private readonly followers = new Map<Reader, (said: Said) => void>();
  private readonly stream: Stream;

  constructor(make: (onEvent: (name: EventName) => void, onState: (state: StreamState) => void) => Stream) {
    this.stream = make(
      (event) => this.tell({ event }),
      (state) => this.tell({ state }),
    );
  }

  /** Who comes to a stream that is there is told its state at once. */
  follow(reader: Reader, told: (said: Said) => void): void {
    if (this.followers.has(reader)) {
      return;
    }
    const before = this.stream.state;
    this.followers.set(reader, told);
    this.stream.open();
    if (this.stream.state === before) {
      told({ state: before });
    }
  }

  leave(reader: Reader): void {
    if (this.followers.delete(reader) && this.followers.size === 0) {
      this.stream.close();
    }
  }

  private tell(said: Said): void {
    this.followers.forEach((told) => told(said));
  }
}
