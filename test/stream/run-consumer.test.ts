import { join } from "node:path";
import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addReaction } from "../../queries/quick-photos/add-reaction.ts";
import { createUser } from "../../queries/quick-photos/create-user.ts";
import { followUser } from "../../queries/quick-photos/follow-user.ts";
import { updateUser } from "../../queries/quick-photos/update-user.ts";
import { uploadPhoto } from "../../queries/quick-photos/upload-photo.ts";
import { type Engine, startEngine } from "../../src/engine/start-engine.ts";
import { openDatabase } from "../../src/query/database.ts";
import { Checkpoint } from "../../src/stream/checkpoint.ts";
import type { StreamRecord } from "../../src/stream/event.ts";
import { startFaultProxy } from "../faults/proxy.ts";
import { resharding } from "../faults/resharding.ts";
import { eventually } from "../support/processes.ts";
import { projectConsumer, RULES, temporaryFolder } from "./consumer.ts";
import { follow } from "./support.ts";

describe.each(["dynamodb-local", "dynoxide"] as const)("the project's stream consumer on %s", (name) => {
  // An engine of its own: DynamoDB Local slows down for everybody once several tables write streams.
  let engine: Engine;
  beforeAll(async () => {
    engine = await startEngine({ engine: name, shortLived: true });
  });
  afterAll(() => engine.stop());

  test("turns what the access patterns write into feeds, once for each event", async () => {
    const { client, table, streamArn, run, read } = await projectConsumer(engine.endpoint);
    const database = openDatabase(client, table);
    const timestamp = "2026-01-01T10:00:00";
    const photo = { photoUser: "ann", photoTimestamp: timestamp };
    for (const username of ["ann", "bob"]) {
      await createUser.run(database, { username, name: username, email: `${username}@example.com` });
    }
    await uploadPhoto.run(database, { username: "ann", timestamp: photo.photoTimestamp });
    await addReaction.run(database, { reactingUser: "bob", reactionType: "heart", ...photo, timestamp });
    await followUser.run(database, { followedUser: "ann", followingUser: "bob", timestamp });
    await updateUser.run(database, { username: "bob", set: { status: "away" }, unset: [] });

    // Beside these, three counters moved: on the photo, and on two users.
    expect(await run()).toMatchObject({
      records: 9,
      delivered: 9,
      filtered: 0,
      deadLetters: 0,
      invocations: 1,
    });
    const { activities, unseen, events } = await read();
    expect(activities.map(({ username, kind, by }) => [username, kind, by])).toEqual(
      expect.arrayContaining([
        ["ann", "joined", undefined],
        ["bob", "joined", undefined],
        ["ann", "photo-uploaded", undefined],
        ["ann", "reaction-received", "bob"],
        ["ann", "follower-gained", "bob"],
        ["bob", "profile-changed", undefined],
      ]),
    );
    expect(activities).toHaveLength(6);
    expect({ unseen, events }).toEqual({ unseen: { ann: 4, bob: 2 }, events: 6 });

    expect(await run()).toMatchObject({ records: 0 });
    // A consumer that has forgotten how far it came delivers all of it again.
    const again = await run({
      checkpoint: Checkpoint.none(join(temporaryFolder(), "other.json"), streamArn),
    });
    expect(again).toMatchObject({ records: 9, delivered: 9 });
    expect(await read()).toMatchObject({ unseen: { ann: 4, bob: 2 }, events: 6 });
  });

  test("a poison record ends as a dead letter, alone, and the stream goes on", async () => {
    const { client, table, streamArn, run, read, readDeadLetters, lines } = await projectConsumer(
      engine.endpoint,
    );
    await follow(client, table, 1, 7);
    await client.send(
      new PutItemCommand({ TableName: table, Item: { PK: { S: "ORDER#1" }, SK: { S: "ORDER#1" } } }),
    );
    await follow(client, table, 8, 15);
    let poison = "";
    const accepts = ({ dynamodb }: StreamRecord) => {
      if (JSON.stringify(dynamodb.Keys).includes("ORDER")) poison = dynamodb.SequenceNumber;
      return true;
    };
    const { records, delivered, deadLetters } = await run({ accepts });
    expect({ records, delivered, deadLetters }).toEqual({ records: 16, delivered: 15, deadLetters: 1 });
    expect(await read()).toMatchObject({ unseenInAll: 15, events: 15 });
    const [letter, ...others] = readDeadLetters();
    expect(others).toEqual([]);
    expect(letter).toMatchObject({
      version: "1.0",
      requestContext: {
        condition: "RetryAttemptsExhausted",
        functionArn: expect.stringMatching(/stream-consumer$/),
      },
      DDBStreamBatchInfo: { batchSize: 1, streamArn, shardId: expect.stringMatching(/^shardId-/) },
    });
    expect(letter).toMatchObject({
      DDBStreamBatchInfo: { startSequenceNumber: poison, endSequenceNumber: poison },
    });
    expect(JSON.stringify(letter)).not.toContain("ORDER");
    await eventually(
      () => lines.some((line) => line.includes("UnreadableRecordError")),
      "the function's own word",
    );
  });

  test("a start at the newest record leaves out what is there, and nothing that comes after", async () => {
    const { client, table, run, read } = await projectConsumer(engine.endpoint);
    await follow(client, table, 1, 5);
    expect(await run({ startingPosition: "latest" })).toMatchObject({ records: 0 });
    await follow(client, table, 6, 8);
    expect(await run({ startingPosition: "latest" })).toMatchObject({ records: 3, delivered: 3 });
    expect((await read()).activities.map(({ by }) => by)).toEqual(["fan-6", "fan-7", "fan-8"]);
  });

  test("a start at the newest record of an empty stream leaves out nothing", async () => {
    const { client, table, run } = await projectConsumer(engine.endpoint);
    expect(await run({ startingPosition: "latest" })).toMatchObject({ records: 0 });
    await follow(client, table, 1, 3);
    expect(await run({ startingPosition: "latest" })).toMatchObject({ records: 3 });
  });
});

describe("a stream consumer", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await startEngine({ engine: "dynamodb-local", shortLived: true });
  });
  afterAll(() => engine.stop());

  test("gets no record that its filters hold back, and comes behind it all the same", async () => {
    const { client, table, run } = await projectConsumer(engine.endpoint);
    await follow(client, table, 1, 6);
    const accepts = ({ eventID }: { eventID: string }) => eventID === "";
    const { records, filtered, invocations } = await run({ accepts });
    expect({ records, filtered, invocations }).toEqual({ records: 6, filtered: 6, invocations: 0 });
    expect(await run()).toMatchObject({ records: 0 });
  });

  test("that is stopped handles its batch to the end, and goes on behind it", async () => {
    const { client, table, run, read } = await projectConsumer(engine.endpoint);
    await follow(client, table, 1, 30);
    const stop = new AbortController();
    const reason = new Error("stopped");
    // The first record of the second batch stops it.
    let seen = 0;
    const stopped = run({
      signal: stop.signal,
      accepts: () => {
        seen += 1;
        if (seen === 11) stop.abort(reason);
        return true;
      },
    });
    await expect(stopped).rejects.toBe(reason);
    const half = await read();
    expect(half.events).toBe(10);
    expect(await run()).toMatchObject({ records: 20 });
    expect(await read()).toMatchObject({ unseenInAll: 30, events: 30 });
  });

  test("follows a stream through its resharding, and handles each event once", async () => {
    const proxy = await startFaultProxy(engine.endpoint, { rules: resharding(engine.endpoint, 12, 30) });
    const { client, table, run, read } = await projectConsumer(engine.endpoint, proxy.endpoint);
    await follow(client, table, 1, 20);
    expect(await run()).toMatchObject({ records: 20 });
    await follow(client, table, 21, 50);
    expect(await run()).toMatchObject({ records: 30 });
    expect(await read()).toMatchObject({ unseenInAll: 50, events: 50 });
  });

  test("that is throttled on its own table hands the batch back, and loses nothing", async () => {
    const proxy = await startFaultProxy(engine.endpoint, {
      rules: [
        { operation: "TransactWriteItems", probability: 0.3, fault: { kind: "conflict", at: 2 } },
        { operation: "TransactWriteItems", probability: 0.1, fault: { kind: "loseAnswer" } },
        { operation: "TransactWriteItems", probability: 0.1, fault: { kind: "throttle" } },
      ],
    });
    const { client, table, run, read } = await projectConsumer(engine.endpoint, proxy.endpoint);
    await follow(client, table, 1, 40);
    expect(await run({ rules: { ...RULES, retryAttempts: 20 } })).toMatchObject({
      records: 40,
      delivered: 40,
    });
    expect(await read()).toMatchObject({ unseenInAll: 40, events: 40 });
  });
});
