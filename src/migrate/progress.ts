import type { Pacer, PaceView } from "../dynamo/pace/pacer.ts";
import type { Tell } from "./events.ts";

/** What a run is at, in numbers. */
export interface ProgressView {
  readonly migration: string;
  readonly step: string;
  readonly direction: "up" | "down";
  /** What it does where it does not go over items, such as waiting for an index. */
  readonly doing: string | undefined;
  /** Seconds since the step began. */
  readonly seconds: number;
  /** Which pass over the table it is, from 1; 0 before the first. */
  readonly pass: number;
  readonly segments: { readonly done: number; readonly total: number } | undefined;
  /** How much of the pass is done, from 0 to 1, as far as DynamoDB's item count tells; at most 0.99. */
  readonly share: number | undefined;
  /** Items that this pass went over and is done with. */
  readonly done: number;
  readonly donePerSecond: number;
  /** Items that this step has written. */
  readonly written: number;
  /** Items that changed while they were written, and transactions that met others. */
  readonly conflicts: number;
  readonly pace: PaceView;
  /** Seconds that the pass still takes at the speed of the last seconds. */
  readonly secondsLeft: number | undefined;
  /** Why it comes to its end early. */
  readonly stopping: string | undefined;
}

/** What a step adds up. */
export interface ProgressCounts {
  readonly written?: number;
  readonly conflicts?: number;
  /** Items that were found and are not written in this pass. */
  readonly skipped?: number;
}

/** What a run begins a step with. */
export interface StepStart {
  readonly migration: string;
  readonly step: string;
  readonly direction: "up" | "down";
  readonly pacer: Pacer;
  /** About how many items the table has; undefined where it is not known. */
  readonly items: number | undefined;
}

interface Sample {
  readonly at: number;
  readonly done: number;
}

/** Speeds are those of so many last seconds. */
const SPEED_MS = 10_000;
/** DynamoDB counts a table's items every six hours (API_TableDescription): a pass is not over before it is. */
const MOST_SHARE = 0.99;

/** What a run is at: its steps add to it and tell what happens, and whoever shows it looks when it likes. */
export class Progress {
  readonly #now: () => number;
  /** Tells whoever looks on what happens. */
  readonly tell: Tell;
  #start: StepStart | undefined;
  #startedAt = 0;
  #doing: string | undefined;
  #pass = 0;
  #segments: { done: number; total: number } | undefined;
  /** What had gone through the pacer, and what was dealt with, when the pass began. */
  #before = { scanned: 0, matched: 0, handled: 0 };
  #written = 0;
  #conflicts = 0;
  #skipped = 0;
  #samples: Sample[] = [];
  #stopping: string | undefined;

  /**
   * @param now milliseconds that only ever grow; default: the process's own clock
   * @param tell hears what happens; default: nobody
   */
  constructor(now: () => number = () => performance.now(), tell: Tell = () => {}) {
    this.#now = now;
    this.tell = tell;
  }

  /** The step that is under way, if one is. */
  get step(): { readonly migration: string; readonly step: string } | undefined {
    return this.#start && { migration: this.#start.migration, step: this.#start.step };
  }

  /** A step begins: everything is at 0 again. */
  begin(start: StepStart): void {
    this.#start = start;
    this.#startedAt = this.#now();
    this.#doing = undefined;
    this.#pass = 0;
    this.#segments = undefined;
    this.#written = 0;
    this.#conflicts = 0;
    this.#skipped = 0;
    this.#markBeginning();
  }

  /** The run is over: there is nothing to show. */
  end(): void {
    this.#start = undefined;
  }

  /** Says what the step does where it does not go over items; undefined: it does again. */
  doing(what: string | undefined): void {
    this.#doing = what;
  }

  /**
   * A pass over the table begins.
   * @param segments how many it is divided into
   * @param pass which one it is; default: the one after the last
   */
  pass(segments: number, pass = this.#pass + 1): void {
    this.#pass = pass;
    this.#segments = { done: 0, total: segments };
    this.#markBeginning();
  }

  /** So many segments of the pass are done. */
  segmentsDone(done: number): void {
    if (this.#segments) this.#segments.done = done;
  }

  add({ written = 0, conflicts = 0, skipped = 0 }: ProgressCounts): void {
    this.#written += written;
    this.#conflicts += conflicts;
    this.#skipped += skipped;
  }

  /** The run comes to its end early. */
  stopping(why: string): void {
    this.#stopping = why;
    this.tell({ type: "stopping", reason: why });
  }

  /** How things stand; undefined where no step is under way. */
  view(): ProgressView | undefined {
    if (!this.#start) return undefined;
    const { migration, step, direction, pacer, items } = this.#start;
    const now = this.#now();
    const done = this.#done(pacer);
    const speed = this.#speed({ at: now, done });
    const isPassing = this.#segments !== undefined && items !== undefined && items > 0;
    const left = isPassing && speed > 0 ? Math.max(0, items - done) / speed : undefined;
    return {
      migration,
      step,
      direction,
      doing: this.#doing,
      seconds: (now - this.#startedAt) / 1000,
      pass: this.#pass,
      segments: this.#segments && { ...this.#segments },
      share: isPassing ? Math.min(MOST_SHARE, done / items) : undefined,
      done,
      donePerSecond: speed,
      written: this.#written,
      conflicts: this.#conflicts,
      pace: pacer.view(),
      secondsLeft: left,
      stopping: this.#stopping,
    };
  }

  get #handled(): number {
    return this.#written + this.#skipped;
  }

  #markBeginning(): void {
    const { scanned = 0, matched = 0 } = this.#start?.pacer.totals ?? {};
    this.#before = { scanned, matched, handled: this.#handled };
    this.#samples = [];
  }

  /** Pages are read at once and written one by one: what is still in hand is not done. */
  #done({ totals }: Pacer): number {
    const { scanned, matched, handled } = this.#before;
    const inHand = Math.max(0, totals.matched - matched - (this.#handled - handled));
    return Math.max(0, totals.scanned - scanned - inHand);
  }

  #speed(sample: Sample): number {
    const recent = this.#samples.filter(({ at }) => sample.at - at <= SPEED_MS);
    this.#samples = [...recent, sample];
    const first = recent[0] ?? { at: this.#startedAt, done: 0 };
    const seconds = (sample.at - first.at) / 1000;
    return seconds > 0 ? (sample.done - first.done) / seconds : 0;
  }
}
