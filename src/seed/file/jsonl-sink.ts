import { createWriteStream, fsync, mkdirSync, type WriteStream } from "node:fs";
import { dirname } from "node:path";
import { finished } from "node:stream/promises";
import { promisify } from "node:util";
import { stringify } from "lossless-json";

/** A JSON-lines file that comes into being with its first line. */
export class JsonlSink {
  readonly path: string;
  readonly #kept: number;
  #length: number;
  #stream: WriteStream | undefined;
  #failure: unknown;

  /** @param kept bytes of the file that are there already, and stay */
  constructor(path: string, kept = 0) {
    this.path = path;
    this.#kept = kept;
    this.#length = kept;
  }

  /** The file's path once there is something in it. */
  get written(): string | undefined {
    return this.#stream || this.#kept > 0 ? this.path : undefined;
  }

  /** The file's length in bytes with all that was given to {@link write}, on the disk already or not. */
  get length(): number {
    return this.#length;
  }

  /** Adds lines. Their length counts from this moment on; the system has them when it resolves. */
  async write(...values: readonly object[]): Promise<void> {
    try {
      const text = values.map((value) => `${stringify(value)}\n`).join("");
      this.#length += Buffer.byteLength(text);
      await this.#append(text);
    } catch (error) {
      this.#failure ??= error;
      throw this.#failure;
    }
  }

  /** Waits until the disk has what was written. @throws what a write has failed with */
  async sync(): Promise<void> {
    if (this.#failure) throw this.#failure;
    if (!this.#stream) return;
    await this.#append("");
    // Open by now: something was appended.
    const { fd } = this.#stream as unknown as { fd: number };
    await promisify(fsync)(fd);
  }

  /** Flushes and closes the file. @throws what a write has failed with */
  async close(): Promise<void> {
    if (this.#failure) throw this.#failure;
    if (!this.#stream) return;
    this.#stream.end();
    await finished(this.#stream);
  }

  /** Resolves when the system has the text, which goes behind all that was appended before. */
  #append(text: string): Promise<void> {
    const stream = this.#open();
    return new Promise((resolve, reject) => {
      stream.write(text, (error) => (error ? reject(error) : resolve()));
    });
  }

  #open(): WriteStream {
    if (this.#stream) return this.#stream;
    mkdirSync(dirname(this.path), { recursive: true });
    this.#stream = createWriteStream(this.path, { flags: this.#kept > 0 ? "a" : "w" });
    // Each write hears of it by itself; an error that nobody listens to would end the process.
    this.#stream.on("error", () => {});
    return this.#stream;
  }
}
