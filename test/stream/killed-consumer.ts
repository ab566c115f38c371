import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { startEngine } from "../../src/engine/start-engine.ts";
import { startFaultProxy } from "../faults/proxy.ts";
import { type Finished, launch } from "../support/processes.ts";
import { putItems } from "../support/tables.ts";
import { consumerTables, temporaryFolder } from "./consumer.ts";

const PROGRAM = join(import.meta.dirname, "consumer-process.mjs");

/** The friendship that event `number` of a test makes: as many followed users as there are hundreds of them. */
function friendship(number: number) {
  const [followedUser, followingUser] = [`user-${number % 50}`, `fan-${number}`];
  return {
    PK: { S: `USER#${followedUser}` },
    SK: { S: `#FRIEND#${followingUser}` },
    followedUser: { S: followedUser },
    followingUser: { S: followingUser },
    timestamp: { S: "2026-01-01T10:00:00" },
  };
}

/** How a consumer is killed. */
export interface KilledRun {
  readonly events: number;
  readonly batchSize: number;
  /** SIGKILL at each so manieth write of the consumer, whoever has sent the ones before. */
  readonly killEvery: number;
}

/** Sums what the consumer said in its log lines, of batches that it came to the end of. */
function sumOf(field: "recorded" | "repeated", runs: readonly Finished[]): number {
  const lines = runs.flatMap(({ stderr }) => stderr.split("\n")).filter((line) => line.startsWith("{"));
  return lines.map((line) => Number(JSON.parse(line)[field] ?? 0)).reduce((sum, count) => sum + count, 0);
}

/**
 * Writes events, and lets a consumer handle them that is killed in the midst of its batches, again and again.
 * Expects each event to have had its effect once, by its id, and returns how often the consumer was killed.
 */
export async function proveKilledConsumer({ events, batchSize, killEvery }: KilledRun): Promise<number> {
  const engine = await startEngine({ engine: "dynamodb-local" });
  try {
    const { client, table, streamArn, activityTable, read } = await consumerTables(engine.endpoint);
    await putItems(
      client,
      table,
      Array.from({ length: events }, (_, index) => friendship(index + 1)),
    );
    const folder = temporaryFolder();
    let running: ReturnType<typeof launch> | undefined;
    const proxy = await startFaultProxy(engine.endpoint, {
      rules: [
        {
          operation: "TransactWriteItems",
          // Killed with its write on the way, which is carried out: nobody is left to hear of it.
          where: ({ nth }) => {
            if (nth % killEvery === 0) running?.child.kill("SIGKILL");
            return false;
          },
          fault: { kind: "throttle" },
        },
      ],
    });
    const argument = JSON.stringify({
      endpoint: proxy.endpoint,
      streamArn,
      activityTable,
      folder,
      batchSize,
    });
    const runs: Finished[] = [];
    do {
      running = launch(process.execPath, [PROGRAM, argument]);
      runs.push(await running.finished);
    } while (runs.at(-1)?.signal === "SIGKILL");
    await proxy.settled();

    expect(runs.at(-1)).toMatchObject({ status: 0 });
    const { activities, unseenInAll, events: remembered } = await read();
    expect({ activities: activities.length, unseenInAll, remembered }).toEqual({
      activities: events,
      unseenInAll: events,
      remembered: events,
    });
    expect(new Set(activities.map(({ by }) => by)).size).toBe(events);
    expect(existsSync(join(folder, "dead-letters.ndjson"))).toBe(false);
    // The kills came between an effect and its checkpoint, or nothing would be shown.
    expect(sumOf("repeated", runs)).toBeGreaterThan(0);
    return runs.length - 1;
  } finally {
    await engine.stop();
  }
}
