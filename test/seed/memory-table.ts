import type { WriteRequest } from "@aws-sdk/client-dynamodb";
import type { WriteSender } from "../../src/seed/load/send-batch.ts";
import { seededRandom } from "../faults/rules.ts";

/** Share of the requests that meet each fault. */
const FAULT_SHARE = 0.08;

const named = (name: string) => Object.assign(new Error(name), { name });
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A table in memory: it refuses some items, and answers as badly as DynamoDB may. */
export class MemoryTable implements WriteSender {
  /** How often each partition key was written. */
  readonly puts = new Map<string, number>();
  /** Called before each request is looked at. */
  onRequest: (() => void) | undefined;
  /** Whoever was killed sends nothing any more; what is under way may or may not arrive. */
  isCutOff = false;
  readonly #random: () => number;
  readonly #isPoison: (key: string) => boolean;

  constructor(seed: number, isPoison: (key: string) => boolean) {
    this.#random = seededRandom(seed);
    this.#isPoison = isPoison;
  }

  async send(operation: string, body: Buffer): Promise<object> {
    this.onRequest?.();
    if (this.isCutOff) throw named("ExpiredTokenException");
    for (let turns = Math.floor(this.#random() * 6); turns > 0; turns -= 1) await turn();
    if (this.isCutOff && this.#random() < 0.5) throw named("ExpiredTokenException");
    const request = JSON.parse(body.toString());
    const items =
      operation === "PutItem"
        ? [request.Item]
        : (Object.values(request.RequestItems as Record<string, WriteRequest[]>)[0] ?? []).map(
            ({ PutRequest }) => PutRequest?.Item,
          );
    const keys = items.map((item) => item.PK.S as string);
    if (keys.some(this.#isPoison)) throw named("ValidationException");
    const draw = this.#random();
    if (draw < FAULT_SHARE) throw named("ThrottlingException");
    // The first half is written, the rest is handed back.
    const taken = draw < 2 * FAULT_SHARE && items.length > 1 ? Math.ceil(items.length / 2) : items.length;
    for (const key of keys.slice(0, taken)) this.puts.set(key, (this.puts.get(key) ?? 0) + 1);
    await turn();
    if (draw > 1 - FAULT_SHARE) throw named("InternalServerError");
    const back = items.slice(taken).map((Item) => ({ PutRequest: { Item } }));
    return { UnprocessedItems: back.length > 0 ? { table: back } : {} };
  }
}
