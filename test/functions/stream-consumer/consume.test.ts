import { inject, test } from "vitest";
import { consume } from "../../../infra/functions/stream-consumer/consume.ts";
import {
  COUNTED,
  friendshipItem,
  photoItem,
  reactionItem,
  userItem,
} from "../../../queries/quick-photos/entities.ts";
import { photoReference } from "../../../queries/quick-photos/keys.ts";
import { startFaultProxy } from "../../faults/proxy.ts";
import { createTestTable, testClient } from "../../support/tables.ts";
import { ACTIVITY, feeds, streamRecord } from "./support.ts";

const ann = userItem({ username: "ann", name: "Ann", email: "ann@example.com", followers: 0, following: 0 });
const sunset = photoItem({ username: "ann", timestamp: "2026-01-01T10:00:00", location: "Oslo" });
const heart = reactionItem({
  reactingUser: "bob",
  photo: photoReference(sunset),
  reactionType: "heart",
  timestamp: "2026-01-01T11:00:00",
});
const friendship = friendshipItem({
  followedUser: "ann",
  followingUser: "bob",
  timestamp: "2026-01-02T10:00:00",
});

async function setUp(endpoint?: string) {
  const { client: direct } = testClient();
  const name = await createTestTable(direct, ACTIVITY);
  const { client } = testClient(endpoint, { maxAttempts: 1 });
  const lines: string[] = [];
  const tools = { table: { client, name }, log: (line: string) => lines.push(line) };
  return { tools, lines, direct, read: () => feeds(direct, name) };
}

test.for([
  [{ new: ann }, { username: "ann", kind: "joined" }],
  [{ old: ann }, { username: "ann", kind: "left" }],
  [
    { old: ann, new: { ...ann, status: "away", followers: 3 } },
    { username: "ann", kind: "profile-changed", changed: ["status"] },
  ],
  [{ new: sunset }, { username: "ann", kind: "photo-uploaded", photo: photoReference(sunset) }],
  [{ old: sunset }, { username: "ann", kind: "photo-removed", photo: photoReference(sunset) }],
  [
    { old: sunset, new: { ...sunset, location: "Rome" } },
    { username: "ann", kind: "photo-changed", photo: photoReference(sunset), changed: ["location"] },
  ],
  [
    { new: { ...heart, ...COUNTED } },
    { username: "ann", kind: "reaction-received", by: "bob", photo: heart.photo, reactionType: "heart" },
  ],
  [
    { old: heart },
    { username: "ann", kind: "reaction-withdrawn", by: "bob", photo: heart.photo, reactionType: "heart" },
  ],
  [{ new: friendship }, { username: "ann", kind: "follower-gained", by: "bob" }],
  [{ old: friendship }, { username: "ann", kind: "follower-lost", by: "bob" }],
] as const)("%j means %j", async ([images, activity], { expect }) => {
  const { tools, read } = await setUp();
  const record = streamRecord(images);
  expect(await consume({ Records: [record] }, tools)).toEqual({ batchItemFailures: [] });
  const { activities, unseen, events } = await read();
  const at = new Date(record.dynamodb.ApproximateCreationDateTime * 1000).toISOString();
  expect(activities).toEqual([{ ...activity, at }]);
  expect(unseen).toEqual({ ann: 1 });
  expect(events).toHaveLength(1);
});

test("a counter that moves and a mark that is set mean nothing to anybody", async ({ expect }) => {
  const { tools, read } = await setUp();
  const Records = [
    streamRecord({ old: ann, new: { ...ann, followers: 1 } }),
    streamRecord({ old: sunset, new: { ...sunset, reactions: { heart: 1 } } }),
    streamRecord({ old: heart, new: { ...heart, ...COUNTED } }),
    streamRecord({ old: friendship, new: { ...friendship, ...COUNTED } }),
  ];
  expect(await consume({ Records }, tools)).toEqual({ batchItemFailures: [] });
  expect(await read()).toEqual({ activities: [], unseen: {}, events: [] });
});

test("an item that expired is told from one that somebody removed", async ({ expect }) => {
  const { tools, read } = await setUp();
  const userIdentity = { type: "Service", principalId: "dynamodb.amazonaws.com" };
  await consume({ Records: [streamRecord({ old: sunset }, { userIdentity })] }, tools);
  expect((await read()).activities).toMatchObject([{ kind: "photo-expired" }]);
});

test("an event counts once, however often it is delivered; its id is its stream's own", async ({
  expect,
}) => {
  const { tools, lines, read } = await setUp();
  const record = streamRecord({ new: friendship });
  await consume({ Records: [record, record] }, tools);
  await consume({ Records: [record] }, tools);
  expect((await read()).unseen).toEqual({ ann: 1 });
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { records: 2, recorded: 1, repeated: 1 },
    { records: 1, recorded: 0, repeated: 1 },
  ]);
  // dynoxide names the events of each stream 1, 2, 3.
  await consume({ Records: [{ ...record, eventSourceARN: `${record.eventSourceARN}1` }] }, tools);
  expect((await read()).unseen).toEqual({ ann: 2 });
});

test("two deliveries of one event at once count once", async ({ expect }) => {
  const { tools, read } = await setUp();
  const Records = [streamRecord({ new: friendship })];
  await Promise.all(Array.from({ length: 5 }, () => consume({ Records }, tools)));
  expect((await read()).unseen).toEqual({ ann: 1 });
});

test("what is remembered of an event expires after the stream has forgotten it", async ({ expect }) => {
  const { tools, read } = await setUp();
  await consume({ Records: [streamRecord({ new: ann })] }, tools);
  const [event] = (await read()).events;
  const hours = (event?.expiresAt - Date.now() / 1000) / 3600;
  expect(hours).toBeGreaterThan(24);
  expect(hours).toBeLessThan(72);
});

test.for([
  ["the key of no entity", { new: { PK: "ORDER#1", SK: "ORDER#1" } }, {}, "UnreadableRecordError"],
  ["an image that does not fit", { new: { ...ann, email: 5 } }, {}, "MalformedItemError"],
  ["a change that there is not", { new: ann }, { eventName: "RENAME" as "INSERT" }, "UnreadableRecordError"],
  ["a reaction to no photo", { new: { ...heart, photo: "nothing" } }, {}, "UnreadableRecordError"],
  ["no event id", { new: ann }, { eventID: "" }, "UnreadableRecordError"],
] as const)(
  "%s fails by itself: what came before is done",
  async ([, images, overrides, reason], { expect }) => {
    const { tools, lines, read } = await setUp();
    const poison = streamRecord(images, overrides);
    const Records = [streamRecord({ new: friendship }), poison, streamRecord({ new: ann })];
    expect(await consume({ Records }, tools)).toEqual({
      batchItemFailures: [{ itemIdentifier: poison.dynamodb.SequenceNumber }],
    });
    expect((await read()).activities).toMatchObject([{ kind: "follower-gained" }]);
    const logged = lines.map((line) => JSON.parse(line));
    expect(logged).toMatchObject([
      { level: "ERROR", message: "record failed", sequenceNumber: poison.dynamodb.SequenceNumber, reason },
      { level: "INFO", message: "batch", records: 3, recorded: 1, repeated: 0, ignored: 0, failed: 1 },
    ]);
    expect(lines.join()).not.toMatch(/ann|bob|ORDER/);
  },
);

test("a stream without old images is refused, record by record", async ({ expect }) => {
  const { tools } = await setUp();
  const record = streamRecord({ old: ann });
  const { OldImage: _, ...dynamodb } = record.dynamodb;
  expect(await consume({ Records: [{ ...record, dynamodb }] }, tools)).toEqual({
    batchItemFailures: [{ itemIdentifier: dynamodb.SequenceNumber }],
  });
});

test("a record that cannot even be named fails its whole batch", async ({ expect }) => {
  const { tools } = await setUp();
  const record = streamRecord({ new: ann });
  const Records = [{ ...record, dynamodb: { ...record.dynamodb, SequenceNumber: "" } }];
  await expect(consume({ Records }, tools)).rejects.toThrow("without a sequence number");
});

test("a conflict is waited out, and one that lasts is left to the next delivery", async ({ expect }) => {
  const proxy = await startFaultProxy(inject("endpoint"), {
    rules: [{ operation: "TransactWriteItems", times: 3, fault: { kind: "conflict", at: 2 } }],
  });
  const { tools, read } = await setUp(proxy.endpoint);
  const record = streamRecord({ new: friendship });
  expect(await consume({ Records: [record] }, tools)).toEqual({ batchItemFailures: [] });
  proxy.setRules([{ operation: "TransactWriteItems", fault: { kind: "conflict", at: 2 } }]);
  const later = streamRecord({ old: friendship });
  expect(await consume({ Records: [record, later] }, tools)).toEqual({
    batchItemFailures: [{ itemIdentifier: record.dynamodb.SequenceNumber }],
  });
  expect((await read()).unseen).toEqual({ ann: 1 });
});

test("an answer that is lost after the write does not make it count twice", async ({ expect }) => {
  const proxy = await startFaultProxy(inject("endpoint"), {
    rules: [{ operation: "TransactWriteItems", nth: 1, fault: { kind: "loseAnswer" } }],
  });
  const { tools, read } = await setUp(proxy.endpoint);
  const Records = [streamRecord({ new: friendship })];
  expect((await consume({ Records }, tools)).batchItemFailures).toHaveLength(1);
  expect((await consume({ Records }, tools)).batchItemFailures).toHaveLength(0);
  expect((await read()).unseen).toEqual({ ann: 1 });
});
