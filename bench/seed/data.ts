import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { marshall } from "@aws-sdk/util-dynamodb";
import { MAX_BATCH_WRITE_ITEMS } from "../../src/dynamo/limits.ts";
import { seededRandom } from "../../test/faults/rules.ts";

const SEED = 20_261_121;
const WORDS = "amber basil cedar delta ember fjord grove haven inlet jetty karst lagoon mesa north".split(
  " ",
);
const LINES_PER_WRITE = 1_000;

/**
 * An item of about 250 bytes as JSON: a photo of a user. Users are skewed: the n-th most popular one has about 1/n of the
 * photos of the first. Numbers are such that no contestant's JSON parser changes them.
 */
function* items(count: number, seed = SEED): Generator<Record<string, unknown>> {
  const random = seededRandom(seed);
  const users = Math.max(10, Math.floor(count / 20));
  const word = () => WORDS[Math.floor(random() * WORDS.length)];
  for (let n = 0; n < count; n += 1) {
    const user = `user${Math.floor(users ** random())}`;
    const taken = new Date(1_600_000_000_000 + n * 60_000).toISOString();
    yield {
      PK: `USER#${user}`,
      SK: `PHOTO#${user}#${taken}`,
      username: user,
      location: `${word()} ${word()}`,
      caption: `${word()} ${word()} ${word()} "${word()}" ${word()} – ${word()} ${word()}`,
      likes: Math.floor(random() * 1_000),
      width: 0.25 * Math.floor(random() * 8_000),
      isPublic: random() < 0.8,
      tags: [word(), word()],
    };
  }
}

/** Lines in pieces: a write for each line would take most of the time. */
function* inPieces(lines: Iterable<string>): Generator<string> {
  let piece: string[] = [];
  for (const line of lines) {
    piece.push(`${line}\n`);
    if (piece.length < LINES_PER_WRITE) continue;
    yield piece.join("");
    piece = [];
  }
  yield piece.join("");
}

const writeLines = (lines: Iterable<string>, file: string) =>
  pipeline(Readable.from(inPieces(lines)), createWriteStream(file));

function* itemLines(count: number): Generator<string> {
  for (const item of items(count)) yield JSON.stringify(item);
}

function* requestLines(count: number, table: string): Generator<string> {
  let batch: object[] = [];
  const request = () => JSON.stringify({ RequestItems: { [table]: batch } });
  for (const item of items(count)) {
    batch.push({ PutRequest: { Item: marshall(item) } });
    if (batch.length < MAX_BATCH_WRITE_ITEMS) continue;
    yield request();
    batch = [];
  }
  if (batch.length > 0) yield request();
}

/** Writes that many items as JSON lines: the same for the same number, byte by byte. */
export const writeItems = (count: number, file: string): Promise<void> => writeLines(itemLines(count), file);

/** Writes the same items as finished bodies of BatchWriteItem, one a line. */
export const writeRequests = (count: number, table: string, file: string): Promise<void> =>
  writeLines(requestLines(count, table), file);
