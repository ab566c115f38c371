import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";

/**
 * A file with one event a line, written as they happen: it says how far a run came that was killed. A file that
 * cannot be written any more ends with its last whole line, and the run goes on without it: what is told of a
 * load must not end the load.
 */
export class EventFile {
  readonly #onFailure: (error: Error) => void;
  #descriptor: number | undefined;
  #bytes = 0;

  /**
   * Empties the file, or makes it.
   * @param onFailure called once, when it cannot be written any more
   * @throws the system's error where it cannot be opened.
   */
  constructor(path: string, onFailure: (error: Error) => void) {
    this.#descriptor = openSync(path, "w");
    this.#onFailure = onFailure;
  }

  /** Adds a line. Never throws. */
  write(event: object): void {
    if (this.#descriptor === undefined) return;
    const line = Buffer.from(`${JSON.stringify(event)}\n`);
    try {
      let written = 0;
      while (written < line.length) written += writeSync(this.#descriptor, line, written);
      this.#bytes += line.length;
    } catch (error) {
      this.#giveUp(this.#descriptor, error as Error);
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #giveUp(descriptor: number, error: Error): void {
    try {
      ftruncateSync(descriptor, this.#bytes);
    } catch {
      // A device or a pipe: what went out is out.
    }
    this.close();
    this.#onFailure(error);
  }
}
