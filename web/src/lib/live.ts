// What pages show of the program, kept fresh: each question is asked once for all who want its
// answer, again after its period or when an event says that it has changed, and not at all while
// nobody looks. While it is paused each question is asked once, so that other pages can be gone to.

import { Api, ApiError, backOff, problemText, type Reader } from "./api.ts";
import type { EventName } from "./events.ts";

export interface Reading<T> {
  data: T | null;
  problem: string | null;
  /** When the last answer came, in milliseconds since 1970; 0: none yet. */
  at: number;
}

export interface Wish {
  /** Milliseconds between questions. */
  every: number;
  /** Events after which it is asked again at once. */
  on?: EventName[];
  /** Milliseconds between two answers, however many events there are; left out: 2000. */
  calm?: number;
  /** What makes data of an answer; the same of all who ask for a path. Left out: it is JSON. */
  read?: Reader;
}

const nothing: Reading<never> = { data: null, problem: null, at: 0 };
const burst = 400; // milliseconds that a burst of events is waited for
const usualCalm = 2000;
/** Milliseconds between two batches of an agent: lists of states have nothing new more often. */
export const pushes = 5000;

/** Milliseconds beyond its period after which an answer is missed: for so long an answer is waited for. */
const grace = 15_000;
const mostPast = 24;

class Question {
  readonly wishes = new Map<() => void, Wish>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** When it is asked next, in milliseconds since 1970. */
  private due = Infinity;
  private asking: AbortController | null = null;
  private failures = 0;
  private again = false;
  /** Since when it is asked in this way, in milliseconds since 1970. */
  private begun = Date.now();
  /** The program has answered that there is nothing of that name. */
  missing = false;

  constructor(
    private readonly path: string,
    private readonly live: Live,
    public reading: Reading<unknown>,
  ) {}

  get every(): number {
    return Math.min(...[...this.wishes.values()].map((wish) => wish.every));
  }

  /** Milliseconds since the last answer. */
  get age(): number {
    return Math.max(0, Date.now() - this.reading.at); // a clock may have been set back
  }

  /** An answer is missed: of what is asked seldom not before one is due. */
  get overdue(): boolean {
    const since = Math.max(this.reading.at, this.begun, this.live.awake);
    return this.wishes.size > 0 && Date.now() - since > this.every + grace;
  }

  private get calm(): number {
    return Math.min(...[...this.wishes.values()].map((wish) => wish.calm ?? usualCalm));
  }

  private get read(): Reader | undefined {
    return [...this.wishes.values()].find((wish) => wish.read)?.read;
  }

  /** Somebody else wants it, perhaps more often. */
  wish(told: () => void, wish: Wish): void {
    this.wishes.set(told, wish);
    this.begun = Date.now();
    this.soon(Math.max(0, wish.every - this.age));
  }

  /** There was an answer, or a reason why there is none: who has paused sees something. */
  private get told(): boolean {
    return this.reading.at > 0 || this.reading.problem !== null;
  }

  hears(name: EventName): boolean {
    return name === "reset" || [...this.wishes.values()].some((wish) => wish.on?.includes(name));
  }

  private plan(wait: number): void {
    clearTimeout(this.timer);
    this.due = Date.now() + wait;
    this.timer = setTimeout(() => void this.ask(), wait);
  }

  /** Asks so soon at the latest: events that go on and on do not put off what one of them has begun. */
  soon(wait: number): void {
    if (this.asking) {
      this.again = true;
    } else if (Date.now() + wait < this.due) {
      this.plan(wait);
    }
  }

  /** After an event: a burst of them is one question, and so are all that come while the last answer is new. */
  afterEvent(): void {
    this.soon(Math.max(burst, this.calm - this.age));
  }

  stop(): void {
    clearTimeout(this.timer);
    this.due = Infinity;
    this.asking?.abort();
    this.asking = null;
  }

  private async ask(): Promise<void> {
    this.due = Infinity;
    if (this.asking || this.wishes.size === 0 || this.live.hidden || (this.live.paused && this.told)) {
      return;
    }
    const asking = new AbortController();
    this.asking = asking;
    try {
      const data = await this.live.api.get<unknown>(this.path, asking.signal, undefined, this.read);
      this.failures = 0;
      this.missing = false;
      this.tell({ data, problem: null, at: Date.now() });
    } catch (problem) {
      if (asking.signal.aborted) {
        return;
      }
      // That there is no such thing is an answer, too.
      this.missing = problem instanceof ApiError && problem.status === 404;
      this.failures = this.missing ? 0 : this.failures + 1;
      this.tell({ ...this.reading, problem: problemText(problem), ...(this.missing ? { at: Date.now() } : {}) });
    }
    this.asking = null;
    if (this.wishes.size > 0) {
      this.plan(this.again ? this.calm : backOff(this.failures, this.every));
    }
    this.again = false;
  }

  private tell(reading: Reading<unknown>): void {
    const same = reading.data === this.reading.data && reading.problem === this.reading.problem;
    this.reading = reading;
    if (same) {
      this.live.touched();
      return;
    }
    for (const told of [...this.wishes.keys()]) {
      told();
    }
    this.live.touched();
  }
}

export class Live {
  paused = false;
  /** Since when somebody looks and waits for answers, in milliseconds since 1970. */
  awake = Date.now();
  /** Of all questions: the newest answer, and what keeps the last ones from being answered. */
  private readonly questions = new Map<string, Question>();
  private readonly watchers = new Set<() => void>();
  /** The last answers to what is not asked any more: who goes back sees them at once. */
  private readonly past = new Map<string, Reading<unknown>>();

  constructor(readonly api: Api) {}

  get hidden(): boolean {
    return typeof document !== "undefined" && document.hidden;
  }

  get newest(): number {
    return Math.max(0, ...[...this.questions.values()].map((each) => each.reading.at));
  }

  /** When the answer came that is missed for longest, in milliseconds since 1970 (0: there was none); null: none is. */
  get overdue(): number | null {
    const all = this.paused || this.hidden ? [] : [...this.questions.values()].filter((each) => each.overdue);
    return all.length === 0 ? null : Math.min(...all.map((each) => each.reading.at));
  }

  get problem(): string | null {
    for (const each of this.questions.values()) {
      if (each.wishes.size > 0 && each.reading.problem && !each.missing) {
        return each.reading.problem;
      }
    }
    return null;
  }

  read<T>(path: string): Reading<T> {
    return (this.questions.get(path)?.reading ?? this.past.get(path) ?? nothing) as Reading<T>;
  }

  follow(path: string, wish: Wish, told: () => void): () => void {
    let question = this.questions.get(path);
    if (!question) {
      question = new Question(path, this, this.past.get(path) ?? nothing);
      this.past.delete(path);
      this.questions.set(path, question);
    }
    question.wish(told, wish);
    const kept = question;
    return () => {
      kept.wishes.delete(told);
      if (kept.wishes.size === 0) {
        kept.stop();
        this.questions.delete(path);
        this.leave(path, kept.reading);
      }
    };
  }

  private leave(path: string, reading: Reading<unknown>): void {
    if (reading.data === null) {
      return;
    }
    this.past.set(path, reading);
    const oldest = this.past.keys().next().value;
    if (this.past.size > mostPast && oldest !== undefined) {
      this.past.delete(oldest);
    }
  }

  heard(name: EventName): void {
    for (const each of this.questions.values()) {
      if (each.hears(name)) {
        each.afterEvent();
      }
    }
  }

  /** Asks everything that begins so anew: somebody has changed it, or looks again. */
  refresh(prefix = ""): void {
    for (const [path, each] of this.questions) {
      if (path.startsWith(prefix)) {
        each.soon(0);
      }
    }
  }

  /** Somebody looks again: what came while nobody asked is asked for now, and none of it was missed. */
  wake(): void {
    this.awake = Date.now();
    this.refresh();
  }

  watch(told: () => void): () => void {
    this.watchers.add(told);
    return () => this.watchers.delete(told);
  }

  touched(): void {
    this.watchers.forEach((told) => told());
  }
}
