import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { expect, onTestFinished, test } from "vitest";
import { startEngine } from "../../src/engine/start-engine.ts";
import { ACTIVITY, feeds } from "../functions/stream-consumer/support.ts";
import { createStreamingTable, follow } from "../stream/support.ts";
import { eventually, launch } from "../support/processes.ts";
import { CLI, cleanEnvironment, copyProject } from "../support/project-copy.ts";
import { createTestTable, testClient } from "../support/tables.ts";

const CONSUMER =
  "  tablewright:stream: true\n  tablewright:streamConsumer: true\n  tablewright:consumerRetryAttempts: 1\n";

/** A copy of the project on an engine of its own: DynamoDB Local slows down once several tables write streams. */
async function setUp() {
  const engine = await startEngine({ engine: "dynamodb-local", shortLived: true });
  onTestFinished(() => engine.stop());
  const project = copyProject();
  appendFileSync(join(project.root, "Pulumi.dev.yaml"), CONSUMER);
  const { client } = testClient(engine.endpoint);
  const run = (...args: string[]) => project.run(...args, "--endpoint", engine.endpoint);
  const json = async (...args: string[]) => {
    const { status, stdout } = await run(...args, "--json");
    return { status, document: JSON.parse(stdout) as Record<string, unknown> };
  };
  const start = (...args: string[]) =>
    launch(process.execPath, [CLI, ...args, "--endpoint", engine.endpoint], {
      cwd: project.root,
      env: cleanEnvironment,
    });
  return { client, project, run, json, start };
}

test("stream run and tail: text, JSON, exit codes, Ctrl-C", { timeout: 180_000 }, async () => {
  const { client, project, run, json, start } = await setUp();
  const unseen = async () => (await feeds(client, "quick-photos-activity")).unseen;
  const put = (item: Record<string, string>) => {
    const Item = Object.fromEntries(Object.entries(item).map(([name, text]) => [name, { S: text }]));
    return client.send(new PutItemCommand({ TableName: "quick-photos", Item }));
  };
  expect(await json("stream", "tail")).toMatchObject({
    status: 3,
    document: { command: "stream tail", error: { code: "table-not-found" } },
  });

  await createStreamingTable(client, "quick-photos");
  const early = await run("stream", "run", "--once");
  expect(early.status).toBe(3);
  expect(early.stderr).toContain("there is no table quick-photos-activity");

  // Three that mean something, a mark that the stack's filter holds back, and one that no function can read.
  await createTestTable(client, ACTIVITY, { name: "quick-photos-activity" });
  await follow(client, "quick-photos", 1, 3);
  await put({ PK: "USER#user-1", SK: "#FRIEND#fan-1", followedUser: "user-1", counted: "yes" });
  await put({ PK: "ORDER#1", SK: "ORDER#1" });
  const first = await run("stream", "run", "--once");
  const files = join(project.root, ".tablewright/streams/quick-photos.stream-consumer");
  expect(first.status).toBe(1);
  expect(first.stdout).toBe(
    `quick-photos: 5 records = 3 delivered + 1 filtered + 1 dead letters, in 2 calls\ndead letters: ${files}.dead-letters.ndjson\n`,
  );
  expect(first.stderr).toContain('"reason":"UnreadableRecordError"');
  expect(readFileSync(`${files}.dead-letters.ndjson`, "utf8").trim().split("\n")).toHaveLength(1);
  expect(await unseen()).toEqual({ "user-1": 1, "user-2": 1, "user-3": 1 });

  // From the beginning again: the feeds know these events, and the poison is given up once more.
  expect(await json("stream", "run", "--once", "--from", "trim-horizon")).toMatchObject({
    status: 1,
    document: {
      ...{ command: "stream run", model: "quick-photos", table: "quick-photos", function: "stream-consumer" },
      ...{ records: 5, delivered: 3, filtered: 1, deadLetters: 1, gaps: 0 },
      ...{ checkpoint: `${files}.json`, deadLetterFile: `${files}.dead-letters.ndjson` },
    },
  });
  expect(await unseen()).toEqual({ "user-1": 1, "user-2": 1, "user-3": 1 });

  const lines = await run("stream", "tail", "--once", "--from", "trim-horizon", "--json");
  const changes = lines.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(changes.map(({ eventName }) => eventName)).toEqual([
    "INSERT",
    "INSERT",
    "INSERT",
    "MODIFY",
    "INSERT",
  ]);
  expect(changes[0]).toMatchObject({
    eventSource: "aws:dynamodb",
    dynamodb: { NewImage: { followingUser: { S: "fan-1" } } },
  });

  const tail = start("stream", "tail");
  const consumer = start("stream", "run");
  await eventually(() => consumer.stderr().includes("Ctrl-C stops it"), "the consumer's start", 60);
  expect(await json("stream", "run", "--once")).toMatchObject({
    status: 3,
    document: {
      command: "stream run",
      error: { code: "consumer-running", facts: { pid: consumer.child.pid } },
    },
  });
  // The tail begins at the newest record: what is written once it is there is shown.
  let number = 7;
  await eventually(
    async () => {
      number += 1;
      await follow(client, "quick-photos", number, number);
      return tail.stdout().includes("INSERT");
    },
    "a change",
    60,
  );
  await eventually(async () => Number((await unseen())["user-1"]) > 1, "its effect", 60);
  for (const { child } of [tail, consumer]) child.kill("SIGINT");
  const [tailed, consumed] = await Promise.all([tail.finished, consumer.finished]);
  expect(tailed.status).toBe(130);
  expect(tailed.stdout).toMatch(/^\S+Z {2}INSERT {2}PK=USER#user-\d SK=#FRIEND#fan-\d+$/m);
  expect(consumed).toMatchObject({ status: 130, stdout: "" });
  expect(consumed.stderr).toContain("stream run: stopped by SIGINT");
});

test("stream run is for a local engine", async () => {
  const { status, stderr } = await copyProject().run("stream", "run", "--aws", "--region", "us-east-1");
  expect(status).toBe(4);
  expect(stderr).toContain("on AWS, Lambda runs the function");
});
