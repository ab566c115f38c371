import { once } from "node:events";
import { createWriteStream, mkdirSync, type WriteStream } from "node:fs";
import { dirname } from "node:path";
import { finished } from "node:stream/promises";
import { stringify } from "lossless-json";

/** A JSON-lines file that comes into being with its first line. */
export class JsonlSink {
  readonly path: string;
  #stream: WriteStream | undefined;
  #failure: Error | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** The file's path once something was written to it. */
  get written(): string | undefined {
    return this.#stream ? this.path : undefined;
  }

  async write(value: object): Promise<void> {
    if (!this.#stream) {
      mkdirSync(dirname(this.path), { recursive: true });
      this.#stream = createWriteStream(this.path);
      // A full disk shows between two writes as well: it is kept for the next one, or for the end.
      this.#stream.on("error", (error) => {
        this.#failure ??= error;
      });
      await once(this.#stream, "open");
    }
    if (this.#failure) throw this.#failure;
    if (!this.#stream.write(`${stringify(value)}\n`)) await once(this.#stream, "drain");
  }

  /** Flushes and closes the file. */
  async close(): Promise<void> {
    if (!this.#stream) return;
    if (this.#failure) throw this.#failure;
    this.#stream.end();
    await finished(this.#stream);
  }
}
