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

/** A file that is read: by its path, or by a descriptor where it is open already and has no path. */
export interface ByteSource {
  readonly file: string;
  readonly descriptor?: number | undefined;
}

const CHUNK_BYTES = 256 * 1024;

function openStream({ file, descriptor }: ByteSource) {
  if (descriptor === undefined) return createReadStream(file, { highWaterMark: CHUNK_BYTES });
  // From a position: the descriptor's own is wherever somebody else left it.
  return createReadStream("", { fd: descriptor, start: 0, autoClose: false, highWaterMark: CHUNK_BYTES });
}

async function* chunksOf(source: ByteSource, options: ReadBytesOptions): AsyncGenerator<Buffer> {
  const stream = openStream(source);
  let read = 0;
  for await (const chunk of stream) {
    options.signal?.throwIfAborted();
    read += (chunk as Buffer).length;
    options.onBytes?.(read);
    options.onChunk?.(chunk as Buffer, source.file);
    yield chunk as Buffer;
  }
}

/**
 * Reads a file in chunks, decompressed where it is gzip or zstd.
 * @throws {SeedFileError} when the file cannot be read, or not be decompressed to its end.
 */
export async function* readBytes(source: ByteSource, options: ReadBytesOptions = {}): AsyncGenerator<Buffer> {
  const { signal } = options;
  const chunks = decompress(chunksOf(source, options));
  try {
    while (true) {
      // Only what the reading itself throws: an error of whoever takes the chunks is not the file's.
      const next = await chunks.next().catch((error: unknown) => {
        if (signal?.aborted) throw error;
        throw new SeedFileError(source.file, error);
      });
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await chunks.return(undefined);
  }
}
