/** Lets one waiter sleep until something happens. */
export class Gate {
  #wake: (() => void) | undefined;
  #happened = false;

  /** Something happened: wakes the waiter, or spares the next one its sleep. */
  notify(): void {
    this.#happened = true;
    this.#wake?.();
  }

  /** Sleeps until `notify`, or until `milliseconds` have passed. */
  async wait(milliseconds?: number): Promise<void> {
    if (!this.#happened) {
      await new Promise<void>((resolve) => {
        const timer = milliseconds === undefined ? undefined : setTimeout(resolve, milliseconds);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#happened = false;
    this.#wake = undefined;
  }
}
