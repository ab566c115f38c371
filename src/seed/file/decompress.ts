import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { XXHashAPI } from "xxhash-wasm";
import { ZstdFrameSplitter } from "./zstd-frames.ts";

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

/** Decompresses one frame, and holds what comes out against the frame's checksum. */
class FrameReader {
  readonly #stream: { push(chunk: Uint8Array, isFinal?: boolean): void };
  readonly #hash: { update(input: Uint8Array): unknown; digest(): bigint };
  #out: Buffer[] = [];

  constructor({ Decompress }: typeof import("fzstd"), { create64 }: XXHashAPI) {
    this.#hash = create64();
    this.#stream = new Decompress((chunk) => {
      // A copy: the package uses its memory again.
      this.#out.push(Buffer.from(chunk));
      this.#hash.update(chunk);
    });
  }

  /** @returns what came out */
  push(bytes: Buffer): Buffer[] {
    for (let start = 0; start < bytes.length; start += ZSTD_INPUT_BYTES) {
      // A copy: the package keeps what it is given, and the chunk's memory is used again.
      this.#stream.push(Uint8Array.from(bytes.subarray(start, start + ZSTD_INPUT_BYTES)));
    }
    return this.#out.splice(0);
  }

  /** @param checksum undefined where the frame has none */
  end(checksum: number | undefined): Buffer[] {
    this.#stream.push(new Uint8Array(0), true);
    if (checksum !== undefined && Number(this.#hash.digest() & 0xffffffffn) !== checksum)
      throw new Error("its content is not what its checksum says: it was damaged");
    return this.#out.splice(0);
  }
}

/** By a package, as Node 20 has no zstd; it looks at no checksum. */
async function* unzstd(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const [fzstd, { default: xxhash }] = await Promise.all([import("fzstd"), import("xxhash-wasm")]);
  const hashing = await xxhash();
  const frames = new ZstdFrameSplitter();
  let frame: FrameReader | undefined;
  for await (const chunk of chunks) {
    for (const part of frames.push(chunk)) {
      frame ??= new FrameReader(fzstd, hashing);
      if (part.kind === "bytes") yield* frame.push(part.bytes);
      else {
        yield* frame.end(part.checksum);
        frame = undefined;
      }
    }
  }
  if (frames.isInside) throw new Error("it ends in the middle of a zstd frame");
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
