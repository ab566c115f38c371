import { expect, test } from "vitest";
import { addReaction } from "../../../queries/quick-photos/add-reaction.ts";
import { followUser } from "../../../queries/quick-photos/follow-user.ts";
import { removeReaction } from "../../../queries/quick-photos/remove-reaction.ts";
import { unfollowUser } from "../../../queries/quick-photos/unfollow-user.ts";
import type { AnyAccessPattern } from "../../../src/query/access-pattern.ts";
import { parseInput } from "../../../src/query/parse-input.ts";
import type { Fault } from "../../faults/proxy.ts";
import { startFaultProxy } from "../../faults/proxy.ts";
import {
  engineEndpoint,
  minute,
  openQuickPhotos,
  seededFriendship,
  seededPhoto,
  seededReaction,
  seededUser,
  type TestTable,
} from "./support.ts";

const pair = { followedUser: "star", followingUser: "fan" };
const photo = { username: "star", timestamp: minute(0) };
const reaction = {
  reactingUser: "fan",
  reactionType: "heart",
  photoUser: photo.username,
  photoTimestamp: photo.timestamp,
} as const;
const marked = { counted: true };

/** What removes, and the items that it finds: what it removes, and what counts it. */
const removals = {
  "unfollow-user": {
    pattern: unfollowUser,
    input: pair,
    refusal: "not-following",
    member: (rest?: object) => seededFriendship("star", "fan", rest),
    counting: [seededUser("star", { followers: 5, following: 3 }), seededUser("fan", { following: 2 })],
    counted: [seededUser("star", { followers: 4, following: 3 }), seededUser("fan", { following: 1 })],
  },
  "remove-reaction": {
    pattern: removeReaction,
    input: reaction,
    refusal: "not-reacted",
    member: (rest?: object) => seededReaction("fan", "heart", photo, rest),
    counting: [
      seededPhoto("star", photo.timestamp, { reactions: { "+1": 1, smiley: 0, sunglasses: 0, heart: 5 } }),
    ],
    counted: [
      seededPhoto("star", photo.timestamp, { reactions: { "+1": 1, smiley: 0, sunglasses: 0, heart: 4 } }),
    ],
  },
} as const;
const each = Object.values(removals).map((removal) => ({ ...removal, id: removal.pattern.id }));

const byKey = (a: object, b: object) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
async function expectItems(table: TestTable, expected: readonly object[]) {
  const plain: object[] = JSON.parse(JSON.stringify(expected));
  const inOrder = (items: readonly object[]) =>
    items.map((item) => Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))));
  expect(inOrder(await table.items()).sort(byKey)).toEqual(inOrder(plain).sort(byKey));
}

async function openWith(...items: readonly object[]) {
  const table = await openQuickPhotos();
  await table.put(...items);
  return table;
}

test.each(each)("$id takes what is marked from its counters, in one request", async (removal) => {
  const { pattern, input, member, counting, counted } = removal;
  const table = await openWith(member(marked), ...counting);
  const proxy = await startFaultProxy(engineEndpoint());
  await table.run(pattern as AnyAccessPattern, input, table.through(proxy.endpoint));
  expect(proxy.requests.map(({ operation }) => operation)).toEqual(["TransactWriteItems"]);
  await expectItems(table, counted);
});

test.each(each)("$id removes what is not marked, and subtracts nothing", async (removal) => {
  const { pattern, input, member, counting } = removal;
  const table = await openWith(member(), ...counting);
  await table.run(pattern as AnyAccessPattern, input);
  await expectItems(table, counting);
});

test.each(each)("$id refuses what is not there, also a second time", async (removal) => {
  const { pattern, input, member, counting, refusal } = removal;
  const table = await openWith(...counting);
  await table.expectRefusal(pattern as AnyAccessPattern, input, refusal);
  await table.put(member(marked));
  await table.run(pattern as AnyAccessPattern, input);
  await table.expectRefusal(pattern as AnyAccessPattern, input, refusal);
});

test.each(each)("$id removes what has outlived all that counts it, and makes no phantom", async (removal) => {
  const { pattern, input, member } = removal;
  for (const rest of [marked, {}]) {
    const table = await openWith(member(rest));
    await table.run(pattern as AnyAccessPattern, input);
    await expectItems(table, []);
  }
});

test("unfollow-user takes a friendship from the user who is left, whichever is gone", async () => {
  const [star, fan] = removals["unfollow-user"].counting;
  const [lessStar, lessFan] = removals["unfollow-user"].counted;
  for (const [left, less] of [
    [star, lessStar],
    [fan, lessFan],
  ] as const) {
    const table = await openWith(seededFriendship("star", "fan", marked), left);
    await table.run(unfollowUser, pair);
    await expectItems(table, [less]);
  }
});

test("unfollow-user ends a friendship of old data with oneself", async () => {
  const self = { followedUser: "star", followingUser: "star" };
  const table = await openWith(
    seededFriendship("star", "star", marked),
    seededUser("star", { followers: 2, following: 1 }),
  );
  await table.run(unfollowUser, self);
  await expectItems(table, [seededUser("star", { followers: 1, following: 0 })]);
  await table.expectRefusal(unfollowUser, self, "not-following");
});

test("remove-reaction leaves a photo without counters without them, and says where they are malformed", async () => {
  const bare = seededPhoto("star", photo.timestamp);
  const table = await openWith(seededReaction("fan", "heart", photo, marked), bare);
  await table.run(removeReaction, reaction);
  await expectItems(table, [bare]);
  await table.put(seededReaction("fan", "heart", photo, marked), { ...bare, reactions: "many" });
  const before = await table.snapshot();
  await expect(table.run(removeReaction, reaction)).rejects.toMatchObject({ code: "malformed-item" });
  expect(await table.snapshot()).toEqual(before);
});

test("the texts of removals go with those of what they remove", async () => {
  const table = await openWith(seededUser("star"), seededUser("fan"), seededPhoto("star", photo.timestamp));
  await table.run(followUser, pair);
  await table.run(addReaction, reaction);
  expect(await table.text(unfollowUser, pair)).toEqual(["User fan is no longer following user star"]);
  expect(await table.text(removeReaction, reaction)).toEqual(["Removed heart reaction from fan"]);
});

test("removals are validated before anything is sent", () => {
  expect(() => parseInput(unfollowUser, { followedUser: "a#b" })).toThrow(
    /followedUser: must not contain "#"[\s\S]*followingUser/,
  );
  expect(() => parseInput(removeReaction, { ...reaction, reactionType: "wow" })).toThrow(
    "reactionType: must be one of +1, smiley, sunglasses, heart",
  );
});

const lost: readonly Fault[] = [{ kind: "loseAnswer" }, { kind: "failAfter" }];
const cases = each.flatMap((removal) =>
  [marked, {}].flatMap((rest) =>
    lost.flatMap((fault) =>
      [1, 5].map((maxAttempts) => ({ ...removal, rest, fault, maxAttempts, kind: fault.kind })),
    ),
  ),
);

test.each(cases)(
  "$id of $rest that was done though $kind says so is done once, and no refusal (SDK attempts: $maxAttempts)",
  async (removal) => {
    const { pattern, input, member, counting, counted, rest, fault, maxAttempts } = removal;
    const table = await openWith(member(rest), ...counting);
    // What is unmarked is refused first: the request that then removes it is the one that is disturbed.
    const nth = rest === marked ? [1, 2] : [2, 3];
    const proxy = await startFaultProxy(engineEndpoint(), { rules: [{ nth, fault }] });
    await table.run(pattern as AnyAccessPattern, input, table.through(proxy.endpoint, { maxAttempts }));
    expect(proxy.requests.filter((request) => request.fault)).toHaveLength(2);
    await expectItems(table, rest === marked ? counted : counting);
  },
);

test.each(each)("$id that meets conflicts is done in the end", async (removal) => {
  const { pattern, input, member, counting, counted } = removal;
  const table = await openWith(member(marked), ...counting);
  const proxy = await startFaultProxy(engineEndpoint(), {
    rules: [{ times: 4, fault: { kind: "conflict", at: 1 } }],
  });
  await table.run(pattern as AnyAccessPattern, input, table.through(proxy.endpoint));
  expect(proxy.requests).toHaveLength(5);
  await expectItems(table, counted);
});

/** The database, with something done before a request is sent, counted from 1. */
function before(table: TestTable, acts: Readonly<Record<number, () => Promise<unknown>>>) {
  const { database } = table;
  let sent = 0;
  const send = async (command: never, options: never) => {
    sent += 1;
    await acts[sent]?.();
    return database.client.send(command, options);
  };
  return { ...database, client: { send: send as typeof database.client.send } };
}

test.each(each)("$id looks again at what a backfill marks between its two requests", async (removal) => {
  const { pattern, input, member, counting, counted } = removal;
  const table = await openWith(member(), ...counting);
  // The backfill's own transaction: here the counters include it already, and the mark comes.
  const on = before(table, { 2: () => table.put(member(marked)) });
  await table.run(pattern as AnyAccessPattern, input, on);
  await expectItems(table, counted);
});

test("unfollow-user looks again at users who go, and come back, between its requests", async () => {
  const { member, counting, counted } = removals["unfollow-user"];
  const [star, fan] = counting;
  const gone = await openWith(member(marked), star);
  await gone.run(unfollowUser, pair, before(gone, { 2: () => gone.put(fan) }));
  await expectItems(gone, counted);
});

test.each(each)("fifty times $id at once: one is done, the others are refused", async (removal) => {
  const { pattern, input, member, counting, counted, refusal } = removal;
  const table = await openWith(member(marked), ...counting);
  const all = Array.from({ length: 50 }, () => table.run(pattern as AnyAccessPattern, input));
  const outcomes = await Promise.allSettled(all);
  const codes = outcomes.map((outcome) => (outcome.status === "rejected" ? outcome.reason.code : "done"));
  expect(codes.sort()).toEqual(["done", ...Array(49).fill(refusal)].sort());
  await expectItems(table, counted);
});

test("what never comes to rest is contended, not a wrong answer", async () => {
  const { member, counting } = removals["unfollow-user"];
  const table = await openWith(member(), ...counting);
  const put = (rest: object) => () => table.put(member(rest));
  const acts = Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => [index + 1, put(index % 2 === 0 ? {} : marked)]),
  );
  const before40 = await table.snapshot();
  await expect(table.run(unfollowUser, pair, before(table, acts))).rejects.toMatchObject({
    code: "contended",
    exitCode: 3,
  });
  await table.put(member());
  expect(await table.snapshot()).toEqual(before40);
});

test("counted writes take the mark of a recount away", async () => {
  const recount = { recount: "a-run" };
  const users = [
    { ...seededUser("star"), ...recount },
    { ...seededUser("fan"), ...recount },
  ];
  const bare = { ...seededPhoto("star", photo.timestamp), ...recount };
  const counters = { ...bare, reactions: { heart: 0 } };
  const table = await openQuickPhotos();
  const writes = [
    { items: users, run: () => table.run(followUser, pair) },
    { items: users, run: () => table.run(unfollowUser, pair) },
    { items: [users[1] ?? {}, bare], run: () => table.run(addReaction, reaction) },
    { items: [users[1] ?? {}, counters], run: () => table.run(removeReaction, reaction) },
    { items: [users[1] ?? {}, counters], run: () => table.run(addReaction, reaction) },
  ];
  for (const { items, run } of writes) {
    await table.put(...items);
    await run();
    const left = (await table.items()).filter((item) => "recount" in item).map(({ SK }) => SK);
    expect(left.filter((key) => items === users || String(key).startsWith("PHOTO#"))).toEqual([]);
  }
});
