import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { onTestFinished } from "vitest";
import { localTarget } from "../../src/dynamo/target.ts";
import { silentLog } from "../../src/log.ts";
import { findProject } from "../../src/project/find-project.ts";
import { Checkpoint } from "../../src/stream/checkpoint.ts";
import { deadLetterFile } from "../../src/stream/dead-letters.ts";
import type { DeliveryRules } from "../../src/stream/deliver-batch.ts";
import { functionEnvironment } from "../../src/stream/function-environment.ts";
import { LocalFunction } from "../../src/stream/local-function.ts";
import { type ConsumerRun, runConsumer } from "../../src/stream/run-consumer.ts";
import { ACTIVITY, feeds } from "../functions/stream-consumer/support.ts";
import { ROOT } from "../support/processes.ts";
import { createTestTable, testClient } from "../support/tables.ts";
import { createStreamingTable, streamsClient } from "./support.ts";

export const RULES: DeliveryRules = {
  bisect: true,
  retryAttempts: 1,
  maximumRecordAgeSeconds: -1,
  reportsFailures: true,
};

/** A folder that is gone when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "tablewright-stream-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The tables of a consumer on an engine, and what stands in its feeds. */
export async function consumerTables(endpoint: string) {
  const { client } = testClient(endpoint);
  const { table, streamArn } = await createStreamingTable(client);
  const activityTable = await createTestTable(client, ACTIVITY);
  return { client, table, streamArn, activityTable, read: () => readFeeds(client, activityTable) };
}

async function readFeeds(client: DynamoDBClient, activityTable: string) {
  const { activities, unseen, events } = await feeds(client, activityTable);
  const unseenInAll = Object.values(unseen).reduce<number>((sum, count) => sum + Number(count), 0);
  return { activities, unseen, unseenInAll, events: events.length };
}

/** The project's own stream consumer, ready to run on an engine through `endpoint`. */
export async function projectConsumer(engine: string, endpoint = engine) {
  const tables = await consumerTables(engine);
  const { streamArn, activityTable } = tables;
  const folder = temporaryFolder();
  const lines: string[] = [];
  const loaded = await LocalFunction.load({
    project: findProject(ROOT),
    name: "stream-consumer",
    environment: functionEnvironment(
      { name: "stream-consumer", variables: { ACTIVITY_TABLE: activityTable } },
      localTarget(endpoint),
    ),
    timeoutSeconds: 20,
    onLine: (line) => lines.push(line),
  });
  onTestFinished(() => loaded.stop());
  const deadLetters = join(folder, "dead-letters.ndjson");
  const checkpointFile = join(folder, "checkpoint.json");
  const run = (options: Partial<ConsumerRun> = {}) =>
    runConsumer({
      client: streamsClient(endpoint),
      streamArn,
      checkpoint: Checkpoint.open(checkpointFile, streamArn),
      startingPosition: "trim-horizon",
      batchSize: 10,
      rules: RULES,
      accepts: () => true,
      invoke: (Records) => loaded.invoke({ Records }),
      deadLetters: deadLetterFile(deadLetters, "arn:aws:lambda:local:000000000000:function:stream-consumer"),
      once: true,
      log: silentLog(),
      signal: new AbortController().signal,
      idleMs: 5,
      ...options,
    });
  const readDeadLetters = () =>
    readFileSync(deadLetters, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { ...tables, lines, run, readDeadLetters, checkpointFile };
}
