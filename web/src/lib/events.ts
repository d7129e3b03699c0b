// The stream of changes. EventSource resumes by itself where a connection breaks; where the server
// refuses one it gives up, so that is begun anew here, from the last event that was seen.

export type EventName = "incident" | "agent" | "states" | "reset";
export type StreamState = "off" | "connecting" | "open" | "broken";

const names: EventName[] = ["incident", "agent", "states", "reset"];
const longestWait = 30_000;

export class EventStream {
  state: StreamState = "off";
  private source: EventSource | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private lastId = "";
  private failures = 0;

  constructor(
    private readonly path: string,
    private readonly onEvent: (name: EventName) => void,
    private readonly onState: (state: StreamState) => void,
  ) {}

  open(): void {
    if (this.source || this.timer) {
      return;
    }
    this.tell("connecting");
    const from = this.lastId ? `?last_event_id=${encodeURIComponent(this.lastId)}` : "";
    const source = new EventSource(this.path + from);
    this.source = source;
    source.addEventListener("open", () => {
      this.failures = 0;
      this.tell("open");
    });
    for (const name of names) {
      source.addEventListener(name, (event) => {
        this.lastId = event.lastEventId || this.lastId;
        this.onEvent(name);
      });
    }
    source.addEventListener("error", () => this.broken(source));
  }

  close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.source?.close();
    this.source = null;
    this.tell("off");
  }

  private broken(source: EventSource): void {
    if (source !== this.source) {
      return;
    }
    this.tell("broken");
    if (source.readyState !== EventSource.CLOSED) {
      return; // it comes back by itself
    }
    this.source = null;
    const wait = Math.min(longestWait, 2000 * 2 ** this.failures++);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.open();
    }, wait);
  }

  private tell(state: StreamState): void {
    if (this.state !== state) {
      this.state = state;
      this.onState(state);
    }
  }
}
