// What the loops in JavaScript share: how they are asked, and what each of them does the same.
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import pLimit from "p-limit";

export const { ENDPOINT: endpoint, TABLE: table, ITEMS_FILE: itemsFile } = process.env;
const WINDOW = Number(process.env.WINDOW);
const BATCH = 25;
const BASE_MS = 25;
const CAP_MS = 1_000;

/** What the SDK's client is told; credentials come from the environment. */
export const clientConfig = { endpoint, region: "us-east-1" };

/** All items of the file, in batches of 25. */
export function readBatches() {
  const items = readFileSync(itemsFile, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
  const batches = [];
  for (let start = 0; start < items.length; start += BATCH) batches.push(items.slice(start, start + BATCH));
  return batches;
}

/**
 * Sends batches, so many at once, and what they leave over again until nothing is left, with full jitter.
 * @param send writes a batch and resolves to what of it was left over
 */
export async function sendAll(batches, send) {
  const limit = pLimit(WINDOW);
  const sendUntilDone = async (batch) => {
    let left = await send(batch);
    for (let attempt = 0; left.length > 0; attempt += 1) {
      await sleep(Math.random() * Math.min(CAP_MS, BASE_MS * 2 ** attempt));
      left = await send(left);
    }
  };
  await limit.map(batches, sendUntilDone);
}
