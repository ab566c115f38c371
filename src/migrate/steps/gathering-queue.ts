import pLimit from "p-limit";

interface Waiting<T> {
  readonly values: T[];
  readonly done: Promise<void>;
}

/**
 * Works on the values of a key together: those that come while their key waits for its turn, from whomever,
 * join the ones that wait. One key's values are never worked on twice at once. Once some work has failed,
 * no other begins.
 */
export class GatheringQueue<T> {
  readonly #work: (values: readonly T[]) => Promise<void>;
  readonly #limit: ReturnType<typeof pLimit>;
  readonly #waiting = new Map<string, Waiting<T>>();
  readonly #last = new Map<string, Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  /** @param limit keys worked on at once */
  constructor(limit: number, work: (values: readonly T[]) => Promise<void>) {
    this.#limit = pLimit(limit);
    this.#work = work;
  }

  /** Resolves when all of the values are dealt with. */
  add(key: string, values: readonly T[]): Promise<void> {
    const waiting = this.#waiting.get(key) ?? this.#begin(key);
    waiting.values.push(...values);
    return waiting.done;
  }

  #begin(key: string): Waiting<T> {
    const values: T[] = [];
    const turn = () => this.#limit(() => this.#take(key, values));
    // Before its turn, not at it: what waits for its own key's last work keeps no other key waiting.
    const done = (this.#last.get(key) ?? Promise.resolve()).then(turn, turn).finally(() => {
      if (this.#last.get(key) === done) this.#last.delete(key);
    });
    this.#last.set(key, done);
    const waiting = { values, done };
    this.#waiting.set(key, waiting);
    return waiting;
  }

  async #take(key: string, values: readonly T[]): Promise<void> {
    this.#waiting.delete(key);
    if (this.#failure) throw this.#failure.error;
    try {
      await this.#work(values);
    } catch (error) {
      this.#failure ??= { error };
      throw error;
    }
  }
}
