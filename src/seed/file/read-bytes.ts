import { createReadStream } from "node:fs";
import { SeedFileError } from "../errors.ts";

/** How a file's bytes are read. */
export interface ReadBytesOptions {
  signal?: AbortSignal | undefined;
  /** Called with the number of bytes read so far, at each chunk. */
  onBytes?: ((bytes: number) => void) | undefined;
}

/**
 * Reads a file in chunks.
 * @throws {SeedFileError} when the file cannot be read.
 */
export async function* readBytes(file: string, options: ReadBytesOptions = {}): AsyncGenerator<Buffer> {
  const stream = createReadStream(file, { highWaterMark: 256 * 1024 });
  let read = 0;
  try {
    for await (const chunk of stream) {
      options.signal?.throwIfAborted();
      read += (chunk as Buffer).length;
      options.onBytes?.(read);
      yield chunk as Buffer;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw new SeedFileError(file, error);
  }
}
