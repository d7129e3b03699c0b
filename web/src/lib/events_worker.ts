// Has the stream of events of all tabs of this browser: each of their own would keep one of the six connections
// that a browser makes to a program, and the seventh tab would wait for ever.

import { EventStream } from "./events.ts";
import { StreamDesk, type Asked } from "./stream_desk.ts";

// The types of workers and those of pages do not go together; this is all that is used of them.
const scope = globalThis as unknown as { onconnect: (event: MessageEvent) => void };

const desk = new StreamDesk<MessagePort>((onEvent, onState) => new EventStream("/api/v1/events", onEvent, onState));

scope.onconnect = ({ ports }) => {
  const port = ports[0]!;
  port.onmessage = ({ data }: MessageEvent<Asked>) => {
    if (data.follow) {
      desk.follow(port, (said) => port.postMessage(said));
    } else {
      desk.leave(port);
    }
  };
  // A tab that has ended without a word; browsers that do not say so keep the stream until all tabs are gone.
  port.addEventListener("close", () => desk.leave(port));
};
