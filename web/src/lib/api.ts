// Questions to the program that serves this page, and to nobody else. Answers with an entity tag are
// kept, and asked for with it: what has not changed is the same object as before.

export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

interface Kept {
  tag: string;
  data: unknown;
}

export type Asker = (path: string, init?: RequestInit) => Promise<Response>;

/** What is made of an answer, and who asks for it where that is not the page itself. */
export interface Reader {
  ask?: Asker;
  read: (answer: Response) => Promise<unknown>;
}

const asJson: Reader = { read: (answer) => answer.json() };
const mostKept = 24;
const patience = 15; // seconds

export class Api {
  private readonly kept = new Map<string, Kept>();

  /** `signedOut` is told when the program no longer knows who asks. */
  constructor(
    private readonly ask: typeof fetch = (input, init) => fetch(input, init),
    private readonly signedOut: () => void = () => {},
  ) {}

  /** `seconds`: how long to wait for what may take longer than usual. */
  async get<T>(path: string, signal?: AbortSignal, seconds?: number, reader: Reader = asJson): Promise<T> {
    const before = this.kept.get(path);
    const headers: Record<string, string> = { Accept: "application/json" };
    if (before) {
      headers["If-None-Match"] = before.tag;
    }
    // The tags are ours: a second cache would hide the 304 from us.
    const answer = await this.send(path, { headers, cache: "no-store" }, signal, seconds, reader.ask);
    if (answer.status === 304 && before) {
      this.keep(path, before);
      return before.data as T;
    }
    await this.refuse(answer);
    const data = (await reader.read(answer)) as T;
    const tag = answer.headers.get("ETag");
    if (tag) {
      this.keep(path, { tag, data });
    }
    return data;
  }

  async text(path: string, signal?: AbortSignal): Promise<string> {
    const answer = await this.send(path, { cache: "no-store" }, signal);
    await this.refuse(answer);
    return answer.text();
  }

  async post<T>(path: string, body: unknown, seconds?: number): Promise<T> {
    const answer = await this.send(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }, undefined, seconds);
    await this.refuse(answer);
    return (await answer.json()) as T;
  }

  async remove(path: string): Promise<void> {
    await this.refuse(await this.send(path, { method: "DELETE" }));
  }

  private async send(path: string, init: RequestInit, signal?: AbortSignal, seconds = patience, ask: Asker = this.ask): Promise<Response> {
    const limit = AbortSignal.timeout(seconds * 1000);
    const both = new AbortController();
    const end = (from: AbortSignal) => () => both.abort(from.reason);
    const endings: [AbortSignal, () => void][] = [];
    for (const each of signal ? [signal, limit] : [limit]) {
      if (each.aborted) {
        both.abort(each.reason);
      }
      const listener = end(each);
      each.addEventListener("abort", listener, { once: true });
      endings.push([each, listener]);
    }
    try {
      return await ask(path, { ...init, signal: both.signal });
    } catch (problem) {
      if (limit.aborted) {
        throw new ApiError(0, `no answer within ${seconds} s`);
      }
      throw problem;
    } finally {
      endings.forEach(([each, listener]) => each.removeEventListener("abort", listener));
    }
  }

  private async refuse(answer: Response): Promise<void> {
    if (answer.ok) {
      return;
    }
    const text = await answer.text();
    let message = text.trim() || `status ${answer.status}`;
    try {
      const body = JSON.parse(text) as { error?: unknown };
      message = typeof body.error === "string" ? body.error : message;
    } catch {
      // Plain text says it as well.
    }
    if (answer.status === 401) {
      this.signedOut();
    }
    throw new ApiError(answer.status, message);
  }

  private keep(path: string, what: Kept): void {
    this.kept.delete(path);
    this.kept.set(path, what);
    if (this.kept.size > mostKept) {
      const oldest = this.kept.keys().next().value;
      if (oldest !== undefined) {
        this.kept.delete(oldest);
      }
    }
  }
}

/** What went wrong, in a sentence. */
export function problemText(problem: unknown): string {
  if (problem instanceof ApiError) {
    return problem.message;
  }
  return problem instanceof TypeError ? "the program does not answer" : String(problem);
}

/** How long to wait after so many failures in a row: what is asked seldom is tried again as soon as the rest. */
export function backOff(failures: number, period: number): number {
  return failures === 0 ? period : Math.min(60_000, Math.max(1000, Math.min(5000, period)) * 2 ** (failures - 1));
}
