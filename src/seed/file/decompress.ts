import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";

const GZIP = Buffer.from([0x1f, 0x8b]);
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
/** What is handed to the decompressor at once: it holds all that this gives. */
const ZSTD_INPUT_BYTES = 16 * 1024;

const beginsWith = (bytes: Buffer, magic: Buffer) => bytes.subarray(0, magic.length).equals(magic);

async function* gunzip(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const unzipped = createGunzip();
  // What fails on the way destroys `unzipped` with it, and is thrown by the loop.
  pipeline(Readable.from(chunks), unzipped, () => {});
  for await (const chunk of unzipped) yield chunk as Buffer;
}

/** By a package: Node 20 has no zstd. */
async function* unzstd(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { Decompress } = await import("fzstd");
  const out: Buffer[] = [];
  const stream = new Decompress((chunk) => out.push(Buffer.from(chunk)));
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.length; start += ZSTD_INPUT_BYTES) {
      // A copy: the package keeps what it is given, and the chunk's memory is used again.
      stream.push(Uint8Array.from(chunk.subarray(start, start + ZSTD_INPUT_BYTES)));
      yield* out.splice(0);
    }
  }
  stream.push(new Uint8Array(0), true);
  yield* out;
}

/** Hands chunks on, decompressed where they begin as gzip or zstd does (RFC 1952, RFC 8878). */
export async function* decompress(chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  let start: Buffer = Buffer.alloc(0);
  try {
    while (start.length < ZSTD.length) {
      const next = await chunks.next();
      if (next.done) break;
      start = Buffer.concat([start, next.value]);
    }
    const all = (async function* () {
      yield start;
      yield* chunks;
    })();
    if (beginsWith(start, GZIP)) yield* gunzip(all);
    else if (beginsWith(start, ZSTD)) yield* unzstd(all);
    else yield* all;
  } finally {
    await chunks.return(undefined);
  }
}
