import type { Clock } from "../dynamo/clock.ts";
import { toErrorDocument } from "../errors.ts";
import type { EventFacts, MigrationEvent, RunCommand } from "./events.ts";
import { Progress } from "./progress.ts";

/**
 * A run that is under way, whether anybody looks on or not.
 *
 * Iterate it for its events: several may, each gets every event from then on, and whoever leaves the loop leaves
 * the run alone. Who begins when the run is over gets none. An iteration ends when the run does; where the run
 * could not be carried out, it throws what `result` rejects with.
 */
export interface MigrationRun<Result> extends AsyncIterable<MigrationEvent> {
  /**
   * What the run came to. A migration that failed, was interrupted or has to wait is data in it, in `error`. It
   * rejects with a typed error where the run could not be carried out at all: files or history that are wrong,
   * an unknown id, a lock that was lost or not to be had, no credentials. It need not be awaited: nothing
   * complains of a rejection that nobody looked at.
   */
  readonly result: Promise<Result>;
}

/** Events kept for one who iterates and does not come for them. */
const MOST_KEPT = 1_000;

/** One who iterates: what it has still to be given, and whether it waits for more. */
class Listener {
  readonly #run: RunHub;
  #kept: MigrationEvent[] = [];
  #missed = 0;
  #wake = () => {};

  constructor(run: RunHub) {
    this.#run = run;
  }

  hear(event: MigrationEvent): void {
    if (this.#kept.length >= MOST_KEPT) {
      this.#kept.shift();
      this.#missed += 1;
    }
    this.#kept.push(event);
    this.#wake();
  }

  /** The run is over. */
  wake(): void {
    this.#wake();
  }

  async *events(): AsyncGenerator<MigrationEvent, void, undefined> {
    const run = this.#run;
    let shownAt = run.clock.now();
    try {
      for (;;) {
        const event = this.#next();
        if (event) {
          yield event;
          continue;
        }
        if (run.isOver) break;
        const left = shownAt + run.progressMs - run.clock.now();
        if (left > 0) {
          await this.#newsWithin(left);
          continue;
        }
        shownAt = run.clock.now();
        const view = run.progress.view();
        if (view) yield run.event({ type: "progress", ...view });
      }
    } finally {
      run.leave(this);
    }
    await run.ended;
  }

  #next(): MigrationEvent | undefined {
    if (this.#missed === 0) return this.#kept.shift();
    const count = this.#missed;
    this.#missed = 0;
    return this.#run.event({ type: "eventsMissed", count });
  }

  /** Waits for the next event, the end of the run, or the time of the next look. */
  async #newsWithin(milliseconds: number): Promise<void> {
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    await this.#run.clock.sleep(milliseconds, woken.signal).catch(() => {});
    this.#wake = () => {};
  }
}

/** Hands the events of a run on to those who iterate it. */
class RunHub {
  readonly clock: Clock;
  readonly progressMs: number;
  readonly progress: Progress;
  readonly #startedAt: number;
  readonly #listeners = new Set<Listener>();
  isOver = false;
  /** Resolves, or rejects, as the run does. */
  ended: Promise<unknown> = Promise.resolve();

  constructor({ clock, progressMs }: RunOptions) {
    this.clock = clock;
    this.progressMs = progressMs;
    this.#startedAt = clock.now();
    this.progress = new Progress(
      () => clock.now(),
      (event) => this.tell(event),
    );
  }

  event(facts: EventFacts): MigrationEvent {
    const at = Math.round(this.clock.now() - this.#startedAt) / 1000;
    return { ...facts, at };
  }

  tell(facts: EventFacts): void {
    if (this.#listeners.size === 0) return;
    const event = this.event(facts);
    for (const listener of this.#listeners) listener.hear(event);
  }

  end(): void {
    this.isOver = true;
    for (const listener of this.#listeners) listener.wake();
  }

  listen(): AsyncGenerator<MigrationEvent, void, undefined> {
    const listener = new Listener(this);
    if (!this.isOver) this.#listeners.add(listener);
    return listener.events();
  }

  leave(listener: Listener): void {
    this.#listeners.delete(listener);
  }
}

/** What a run is, and how its events come. */
export interface RunOptions {
  readonly command: RunCommand;
  readonly model: string;
  readonly table: string;
  readonly clock: Clock;
  /** Time between two `progress` events, in milliseconds. */
  readonly progressMs: number;
}

/** What a run came to, as far as its last event tells. */
interface Outcome {
  readonly error?: unknown;
}

/**
 * Starts work as a run.
 * @param work tells `progress` what happens, and what it is at
 */
export function startRun<Result extends object>(
  options: RunOptions,
  work: (progress: Progress) => Promise<Result>,
): MigrationRun<Result> {
  const { command, model, table } = options;
  const hub = new RunHub(options);
  const finish = ({ error }: Outcome) => {
    const failed = error === undefined ? {} : { error: toErrorDocument(error) };
    hub.tell({ type: "runFinished", command, ...failed });
    hub.end();
  };
  const run = async () => {
    // Whoever iterates at once gets the first event too.
    await Promise.resolve();
    hub.tell({ type: "runBegun", command, model, table });
    try {
      const result = await work(hub.progress);
      finish(result as Outcome);
      return result;
    } catch (error) {
      finish({ error });
      throw error;
    }
  };
  const result = run();
  hub.ended = result;
  // It may be looked at late, or never: the process must not end for that.
  result.catch(() => {});
  return { result, [Symbol.asyncIterator]: () => hub.listen() };
}
