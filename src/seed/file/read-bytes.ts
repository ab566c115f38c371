import { createReadStream } from "node:fs";
import { SeedFileError } from "../errors.ts";
import { decompress } from "./decompress.ts";

/** How a file's bytes are read. */
export interface ReadBytesOptions {
  signal?: AbortSignal | undefined;
  /** Called with the number of bytes read so far, at each chunk. */
  onBytes?: ((bytes: number) => void) | undefined;
  /** Called with each chunk as it stands on the disk, and the name of its file. */
  onChunk?: ((chunk: Buffer, file: string) => void) | undefined;
}

async function* chunksOf(file: string, options: ReadBytesOptions): AsyncGenerator<Buffer> {
  const stream = createReadStream(file, { highWaterMark: 256 * 1024 });
  let read = 0;
  for await (const chunk of stream) {
    options.signal?.throwIfAborted();
    read += (chunk as Buffer).length;
    options.onBytes?.(read);
    options.onChunk?.(chunk as Buffer, file);
    yield chunk as Buffer;
  }
}

/**
 * Reads a file in chunks, decompressed where it is gzip or zstd.
 * @throws {SeedFileError} when the file cannot be read, or not be decompressed to its end.
 */
export async function* readBytes(file: string, options: ReadBytesOptions = {}): AsyncGenerator<Buffer> {
  const { signal } = options;
  const chunks = decompress(chunksOf(file, options));
  try {
    while (true) {
      // Only what the reading itself throws: an error of whoever takes the chunks is not the file's.
      const next = await chunks.next().catch((error: unknown) => {
        if (signal?.aborted) throw error;
        throw new SeedFileError(file, error);
      });
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await chunks.return(undefined);
  }
}
