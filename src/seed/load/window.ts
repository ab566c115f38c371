import pLimit from "p-limit";

/** Runs tasks side by side, a bounded number at once, and makes whoever brings the next one wait. */
export class Window {
  readonly #limit: ReturnType<typeof pLimit>;
  readonly #running = new Set<Promise<void>>();

  constructor(size: number) {
    this.#limit = pLimit(size);
  }

  /**
   * Resolves when the task has *begun*: so besides the tasks that run, at most one waits here.
   * @param task must not reject
   */
  admit(task: () => Promise<void>): Promise<void> {
    return new Promise((begun) => {
      const running: Promise<void> = this.#limit(() => {
        begun();
        return task();
      }).finally(() => this.#running.delete(running));
      this.#running.add(running);
    });
  }

  get isIdle(): boolean {
    return this.#running.size === 0;
  }

  /** Resolves when no task runs. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
