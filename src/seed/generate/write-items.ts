import { createWriteStream } from "node:fs";
import { realpath, rename, rm, stat } from "node:fs/promises";
import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

/** What was made. */
export interface Generated {
  readonly items: number;
  /** Bytes of the JSON lines, before they are compressed. */
  readonly bytes: number;
}

/** The length of a chunk, in characters: a write for each line takes longer than making the line. */
const CHUNK_LENGTH = 64 * 1024;

/** The items as JSON lines, in chunks of whole lines, made as they are asked for; counts into `made`. */
export function* itemChunks(
  items: Iterable<object>,
  made: { items: number; bytes: number },
): Generator<Buffer> {
  let text = "";
  const take = (): Buffer => {
    const chunk = Buffer.from(text);
    made.bytes += chunk.length;
    text = "";
    return chunk;
  };
  for (const item of items) {
    text += `${JSON.stringify(item)}\n`;
    made.items += 1;
    if (text.length >= CHUNK_LENGTH) yield take();
  }
  if (text.length > 0) yield take();
}

/**
 * Writes items as JSON lines to a stream, as fast as it takes them, and leaves it open.
 * @param signal ends it, with the signal's reason
 */
export async function streamItems(
  items: Iterable<object>,
  stream: Writable,
  signal?: AbortSignal,
): Promise<Generated> {
  return pass(items, [stream], { signal, end: false });
}

/** What a path leads to, where there is something. */
async function findTarget(file: string): Promise<{ path: string; isReplaceable: boolean }> {
  try {
    const path = await realpath(file);
    return { path, isReplaceable: (await stat(path)).isFile() };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return { path: file, isReplaceable: true };
  }
}

/**
 * Writes items as JSON lines to a file, compressed where its name ends in `.gz`. A file changes only when
 * all of them are written, and nothing is left of one that was not finished; its folder must be there. A
 * device or a named pipe is written to as it is.
 * @param signal ends it, with the signal's reason
 */
export async function writeItems(
  items: Iterable<object>,
  file: string,
  signal?: AbortSignal,
): Promise<Generated> {
  const compress = file.endsWith(".gz") ? [createGzip()] : [];
  const { path, isReplaceable } = await findTarget(file);
  if (!isReplaceable) return pass(items, [...compress, createWriteStream(path)], { signal });
  const temporary = `${path}.${process.pid}.partial`;
  try {
    const made = await pass(items, [...compress, createWriteStream(temporary)], { signal });
    await rename(temporary, path);
    return made;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function pass(
  items: Iterable<object>,
  through: readonly NodeJS.ReadWriteStream[] | readonly [...NodeJS.ReadWriteStream[], NodeJS.WritableStream],
  { signal, end = true }: { signal: AbortSignal | undefined; end?: boolean },
): Promise<Generated> {
  const made = { items: 0, bytes: 0 };
  const chunks = Readable.from(itemChunks(items, made), { objectMode: false });
  try {
    await pipeline([chunks, ...through] as const, { end, ...(signal && { signal }) });
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  }
  return made;
}
