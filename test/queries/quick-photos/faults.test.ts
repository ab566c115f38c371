import { expect, test } from "vitest";
import { addReaction } from "../../../queries/quick-photos/add-reaction.ts";
import { createUser } from "../../../queries/quick-photos/create-user.ts";
import { fetchUser } from "../../../queries/quick-photos/fetch-user.ts";
import { fetchUserAndPhotos } from "../../../queries/quick-photos/fetch-user-and-photos.ts";
import { followUser } from "../../../queries/quick-photos/follow-user.ts";
import { updateUser } from "../../../queries/quick-photos/update-user.ts";
import { uploadPhoto } from "../../../queries/quick-photos/upload-photo.ts";
import type { AnyAccessPattern } from "../../../src/query/access-pattern.ts";
import type { Fault, FaultRule } from "../../faults/proxy.ts";
import { startFaultProxy } from "../../faults/proxy.ts";
import {
  engineEndpoint,
  minute,
  openQuickPhotos,
  seededPhoto,
  seededUser,
  type TestTable,
} from "./support.ts";

const photo = { username: "u", timestamp: minute(0) };
const writes = {
  "create-user": {
    pattern: createUser,
    input: { username: "new", name: "New", email: "new@example.com" },
  },
  "upload-photo": { pattern: uploadPhoto, input: { username: "u", timestamp: minute(1) } },
  "follow-user": { pattern: followUser, input: { followedUser: "u", followingUser: "v" } },
  "add-reaction": {
    pattern: addReaction,
    input: {
      reactingUser: "v",
      reactionType: "heart",
      photoUser: photo.username,
      photoTimestamp: photo.timestamp,
    },
  },
} as const;

/** A table in which each of {@link writes} can be done once, behind a proxy with rules. */
async function openBehind(...rules: FaultRule[]) {
  const table = await openQuickPhotos();
  await table.put(seededUser("u"), seededUser("v"), seededPhoto(photo.username, photo.timestamp));
  const proxy = await startFaultProxy(engineEndpoint(), { rules, seed: 7 });
  return { table, proxy };
}

const transactions: Pick<FaultRule, "operation"> = { operation: "TransactWriteItems" };
const lost: Record<string, Fault> = {
  "its answer was lost": { kind: "loseAnswer" },
  "the service failed after it": { kind: "failAfter" },
};
const cases = Object.keys(writes).flatMap((id) =>
  Object.keys(lost).flatMap((fault) => [1, 5].map((maxAttempts) => ({ id, fault, maxAttempts }))),
);
const nested = (request: { body: object }) => JSON.stringify(request.body).includes("if_not_exists");

/** A fixed time for the patterns that take one, so that two runs make equal items. */
const stamp = { timestamp: "2020-01-01T00:00:00" };
const stamped = (id: string, input: object) =>
  id === "follow-user" || id === "add-reaction" ? { ...input, ...stamp } : { ...input };

test.each(cases)(
  "$id that was done though $fault says so, and is done once (SDK attempts: $maxAttempts)",
  async ({ id, fault, maxAttempts }) => {
    const { pattern, input } = writes[id as keyof typeof writes];
    const run = (table: TestTable, on?: TestTable["database"]) =>
      table.run(pattern as AnyAccessPattern, stamped(id, input), on);
    // The first attempt of add-reaction finds no counters and writes nothing: its second one is disturbed.
    const where = (request: { body: object }) => !nested(request);
    const { table, proxy } = await openBehind({
      ...transactions,
      where,
      times: 2,
      fault: lost[fault] as Fault,
    });
    await run(table, table.through(proxy.endpoint, { maxAttempts }));
    expect(proxy.requests.filter((request) => request.fault !== undefined)).toHaveLength(2);
    expect(proxy.requests.filter((request) => request.applied)).toHaveLength(3);
    const undisturbed = await openBehind();
    await run(undisturbed.table);
    expect(await table.snapshot()).toEqual(await undisturbed.table.snapshot());
  },
);

test.each(Object.keys(lost))(
  "add-reaction inside counters that are there is done once though %s",
  async (fault) => {
    const { table, proxy } = await openBehind({ ...transactions, times: 2, fault: lost[fault] as Fault });
    const reactions = { "+1": 4, smiley: 0, sunglasses: 0, heart: 9 };
    await table.put(seededPhoto(photo.username, photo.timestamp, { reactions }));
    await table.run(addReaction, writes["add-reaction"].input, table.through(proxy.endpoint));
    expect(proxy.requests.filter((request) => request.applied)).toHaveLength(3);
    const { photos } = await table.run(fetchUserAndPhotos, { username: "u" });
    expect(photos[0]?.reactions).toEqual({ ...reactions, heart: 10 });
  },
);

test("a second, independent create after a lost answer is still refused", async () => {
  const { table, proxy } = await openBehind({ ...transactions, times: 1, fault: { kind: "loseAnswer" } });
  const { pattern, input } = writes["create-user"];
  await table.run(pattern, input, table.through(proxy.endpoint));
  await table.expectRefusal(pattern, input, "user-exists");
});

test("under conflicts in a third of all writes, fifty follows and fifty reactions leave exact counters", async () => {
  const conflicts: FaultRule[] = [
    { ...transactions, probability: 0.15, fault: { kind: "conflict", at: 0 } },
    { ...transactions, probability: 0.15, fault: { kind: "conflict", at: 1 } },
    { ...transactions, probability: 0.05, fault: { kind: "loseAnswer" } },
    { operation: "UpdateItem", probability: 0.3, fault: { kind: "conflict" } },
  ];
  const { table, proxy } = await openBehind(...conflicts);
  const names = Array.from({ length: 25 }, (_, index) => `user${index}`);
  await table.put(...names.map((name) => seededUser(name)));
  const on = table.through(proxy.endpoint);
  const { input: reaction } = writes["add-reaction"];
  await Promise.all(
    names.flatMap((name) => [
      table.run(followUser, { followedUser: "u", followingUser: name }, on),
      table.run(followUser, { followedUser: name, followingUser: "u" }, on),
      table.run(addReaction, { ...reaction, reactingUser: name }, on),
      table.run(addReaction, { ...reaction, reactingUser: name, reactionType: "+1" }, on),
      table.run(updateUser, { username: name, set: { status: "busy" } }, on),
    ]),
  );
  expect(proxy.requests.filter((request) => request.fault === "conflict").length).toBeGreaterThan(10);
  const { user, photos } = await table.run(fetchUserAndPhotos, { username: "u" });
  expect(user).toMatchObject({ followers: 25, following: 25 });
  expect(photos[0]?.reactions).toEqual({ "+1": 25, smiley: 0, sunglasses: 0, heart: 25 });
  for (const username of names) {
    const { user } = await table.run(fetchUser, { username });
    expect(user).toMatchObject({ followers: 1, following: 1, status: "busy" });
  }
});

const cancelled = (...CancellationReasons: { Code: string; Message?: string; Item?: object }[]): Fault => ({
  kind: "error",
  name: "TransactionCanceledException",
  extra: { CancellationReasons },
});
const pathReason = {
  Code: "ValidationError",
  Message: "The document path provided in the update expression is invalid for update",
};
const none = { Code: "None" };

test("add-reaction understands the missing path as AWS says it: a ValidationError among the reasons", async () => {
  const fault = cancelled(none, pathReason, none);
  const { table, proxy } = await openBehind({ ...transactions, where: nested, fault });
  await table.run(addReaction, writes["add-reaction"].input, table.through(proxy.endpoint));
  expect(proxy.requests).toHaveLength(2);
  const { photos } = await table.run(fetchUserAndPhotos, { username: "u" });
  expect(photos[0]?.reactions).toMatchObject({ heart: 1 });
});

test("add-reaction goes back inside when the counters appear between its two attempts", async () => {
  // The first attempt is told that the path is missing, though by the second the counters are there.
  const fault = cancelled(none, pathReason, none);
  const { table, proxy } = await openBehind({ ...transactions, nth: 1, fault });
  const { input } = writes["add-reaction"];
  await table.put(
    seededPhoto(photo.username, photo.timestamp, {
      reactions: { "+1": 4, smiley: 0, sunglasses: 0, heart: 9 },
    }),
  );
  await table.run(addReaction, input, table.through(proxy.endpoint));
  expect(proxy.requests).toHaveLength(3);
  const { photos } = await table.run(fetchUserAndPhotos, { username: "u" });
  expect(photos[0]?.reactions).toEqual({ "+1": 4, smiley: 0, sunglasses: 0, heart: 10 });
});

test("a condition that failed is a refusal, though a conflict stands beside it", async () => {
  const conflict = { Code: "TransactionConflict" };
  const failed = { Code: "ConditionalCheckFailed" };
  const { table, proxy } = await openBehind({ ...transactions, fault: cancelled(failed, conflict, none) });
  const on = table.through(proxy.endpoint);
  await expect(table.run(followUser, writes["follow-user"].input, on)).rejects.toMatchObject({
    code: "already-following",
  });
  expect(proxy.requests).toHaveLength(1);
});

test("throttles and failures of the service before a read are waited for", async () => {
  const { table, proxy } = await openBehind(
    { nth: 1, fault: { kind: "throttle" } },
    { nth: 2, fault: { kind: "failBefore" } },
    { nth: 3, fault: { kind: "resetBefore" } },
  );
  const on = table.through(proxy.endpoint, { maxAttempts: 1 });
  expect((await table.run(fetchUser, { username: "u" }, on)).user.username).toBe("u");
  expect(proxy.requests).toHaveLength(4);
});

test("what waiting does not cure is thrown at once, as it came", async () => {
  const fault = { kind: "error", name: "AccessDeniedException" } as const;
  const { table, proxy } = await openBehind({ fault });
  const on = table.through(proxy.endpoint);
  await expect(table.run(fetchUser, { username: "u" }, on)).rejects.toMatchObject({ name: fault.name });
  await expect(table.run(createUser, writes["create-user"].input, on)).rejects.toMatchObject({
    name: fault.name,
  });
  expect(proxy.requests).toHaveLength(2);
});

test.each<[string, Fault]>([
  ["waits for others", { kind: "conflict" }],
  ["waits for an answer", { kind: "delay", milliseconds: 500 }],
])("an aborted signal ends a pattern that %s, with the signal's reason", async (_, fault) => {
  const { table, proxy } = await openBehind({ ...transactions, fault });
  const stop = new AbortController();
  const reason = new Error("stop");
  const on = { ...table.through(proxy.endpoint), signal: stop.signal };
  const running = table.run(followUser, writes["follow-user"].input, on);
  await expect.poll(() => proxy.requests.length, { interval: 5 }).toBeGreaterThan(0);
  stop.abort(reason);
  await expect(running).rejects.toBe(reason);
});
