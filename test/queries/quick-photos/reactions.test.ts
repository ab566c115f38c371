import { expect, test } from "vitest";
import { addReaction } from "../../../queries/quick-photos/add-reaction.ts";
import { REACTION_TYPES, type ReactionType } from "../../../queries/quick-photos/entities.ts";
import { fetchPhotoAndReactions } from "../../../queries/quick-photos/fetch-photo-and-reactions.ts";
import { uploadPhoto } from "../../../queries/quick-photos/upload-photo.ts";
import { parseInput } from "../../../src/query/parse-input.ts";
import { startFaultProxy } from "../../faults/proxy.ts";
import {
  collectPages,
  engineEndpoint,
  openQuickPhotos,
  seededFriendship,
  seededPhoto,
  seededReaction,
  seededUser,
  type TestTable,
} from "./support.ts";

const photo = { username: "ppierce", timestamp: "2019-04-14T08:09:34" };
const byPhoto = { photoUser: photo.username, photoTimestamp: photo.timestamp };
const sunglasses = { reactingUser: "kennedyheather", reactionType: "sunglasses", ...byPhoto };

async function openWithPhoto(rest: object = {}) {
  const table = await openQuickPhotos();
  await table.put(seededUser("ppierce"), seededUser("kennedyheather"), seededPhoto(...photoArgs, rest));
  return table;
}
const photoArgs = [photo.username, photo.timestamp] as const;

async function counters(table: TestTable): Promise<unknown> {
  const items = await table.items();
  return items.find(({ SK, PK }) => PK === "USER#ppierce" && SK === `PHOTO#ppierce#${photo.timestamp}`)
    ?.reactions;
}

test("add-reaction makes the marked item and counts it on a photo that has counters", async () => {
  const table = await openQuickPhotos();
  await table.put(seededUser("ppierce"), seededUser("kennedyheather"));
  await table.run(uploadPhoto, photo);
  const { reaction } = await table.run(addReaction, { ...sunglasses, timestamp: "2019-05-01T00:00:00" });
  const expected = {
    reactingUser: "kennedyheather",
    photo: "PHOTO#ppierce#2019-04-14T08:09:34",
    reactionType: "sunglasses",
    timestamp: "2019-05-01T00:00:00",
  };
  expect(reaction).toEqual(expected);
  expect(await table.items()).toContainEqual({
    PK: "REACTION#kennedyheather#sunglasses",
    SK: "PHOTO#ppierce#2019-04-14T08:09:34",
    ...expected,
    counted: true,
  });
  expect(await counters(table)).toEqual({ "+1": 0, smiley: 0, sunglasses: 1, heart: 0 });
});

test("add-reaction gives a photo without counters its counters, and leaves the rest of it alone", async () => {
  const table = await openWithPhoto({ location: "Oslo", ttl: 5 });
  expect(await table.text(addReaction, sunglasses)).toEqual([
    "Added sunglasses reaction from kennedyheather",
  ]);
  await table.run(addReaction, { ...sunglasses, reactionType: "+1" });
  expect(await table.items()).toContainEqual({
    ...seededPhoto(...photoArgs, { location: "Oslo", ttl: 5 }),
    reactions: { "+1": 1, smiley: 0, sunglasses: 1, heart: 0 },
  });
});

test("add-reaction counts inside a map that lacks the type", async () => {
  const table = await openWithPhoto({ reactions: { heart: 2 } });
  await table.run(addReaction, sunglasses);
  expect(await counters(table)).toEqual({ heart: 2, sunglasses: 1 });
});

test("add-reaction refuses a second reaction of the same type, and takes one of another", async () => {
  const table = await openWithPhoto();
  await table.run(addReaction, sunglasses);
  const error = await table.expectRefusal(addReaction, sunglasses, "already-reacted");
  expect(error.message).toMatch(/kennedyheather.*sunglasses.*PHOTO#ppierce/);
  await table.run(addReaction, { ...sunglasses, reactionType: "heart" });
});

test("add-reaction refuses a reaction that stands unmarked on a photo without counters", async () => {
  const table = await openWithPhoto();
  await table.put(seededReaction("kennedyheather", "sunglasses", photo));
  await table.expectRefusal(addReaction, sunglasses, "already-reacted");
});

test("add-reaction refuses a missing photo and a missing user, and makes no phantom", async () => {
  const table = await openWithPhoto();
  const otherTime = { ...sunglasses, photoTimestamp: "2019-04-14T08:09:35" };
  await table.expectRefusal(addReaction, otherTime, "photo-not-found");
  await table.expectRefusal(addReaction, { ...sunglasses, photoUser: "nobody" }, "photo-not-found");
  const nobody = { ...sunglasses, reactingUser: "nobody" };
  const error = await table.expectRefusal(addReaction, nobody, "user-not-found");
  expect(error.message).toContain("nobody");
  await table.run(addReaction, sunglasses);
  await table.expectRefusal(addReaction, nobody, "user-not-found");
});

test("add-reaction says that counters which are no map are malformed", async () => {
  const table = await openWithPhoto({ reactions: "many" });
  const before = await table.snapshot();
  await expect(table.run(addReaction, sunglasses)).rejects.toMatchObject({ code: "malformed-item" });
  expect(await table.snapshot()).toEqual(before);
});

test("add-reaction takes the four types and no other", () => {
  for (const reactionType of REACTION_TYPES) parseInput(addReaction, { ...sunglasses, reactionType });
  expect(() => parseInput(addReaction, { ...sunglasses, reactionType: "wow" })).toThrow(
    "reactionType: must be one of +1, smiley, sunglasses, heart",
  );
});

test.each([
  ["a photo without counters", {}],
  ["a photo with counters", { reactions: { "+1": 0, smiley: 0, sunglasses: 0, heart: 0 } }],
])("fifty reactions at once on %s leave exact counters", async (_, rest) => {
  const table = await openWithPhoto(rest);
  const users = Array.from({ length: 25 }, (_, index) => `user${index}`);
  await table.put(...users.map((username) => seededUser(username)));
  const inputs = users.flatMap((reactingUser) =>
    (["heart", "smiley"] as const).map((reactionType) => ({ reactingUser, reactionType, ...byPhoto })),
  );
  await Promise.all(inputs.map((input) => table.run(addReaction, input)));
  expect(await counters(table)).toEqual({ "+1": 0, smiley: 25, sunglasses: 0, heart: 25 });
});

test("fifty times the same reaction at once: one is counted, the others are refused", async () => {
  const table = await openWithPhoto();
  const all = Array.from({ length: 50 }, () => table.run(addReaction, sunglasses));
  const outcomes = await Promise.allSettled(all);
  const codes = outcomes.map((outcome) => (outcome.status === "rejected" ? outcome.reason.code : "done"));
  expect(codes.sort()).toEqual([...Array(49).fill("already-reacted"), "done"]);
  expect(await counters(table)).toEqual({ "+1": 0, smiley: 0, sunglasses: 1, heart: 0 });
});

/** A photo with reactions of many users, among items that must not come along; reactions in expected order. */
async function openWithReactions(count: number) {
  const table = await openWithPhoto();
  const given = Array.from({ length: count }, (_, index) => ({
    reactingUser: `user${String(index).padStart(3, "0")}`,
    reactionType: (["+1", "heart"] as const)[index % 2] as ReactionType,
  }));
  await table.put(
    seededPhoto("ppierce", "2019-04-14T08:09:34.5"),
    seededReaction("user000", "heart", { ...photo, timestamp: "2019-04-14T08:09:34.5" }),
    seededFriendship("ppierce", "user000"),
    ...given.map(({ reactingUser, reactionType }) => seededReaction(reactingUser, reactionType, photo)),
  );
  return { table, names: given.map(({ reactingUser }) => reactingUser).reverse() };
}

test("fetch-photo-and-reactions reads the photo and its reactions in one Query of the index", async () => {
  const { table, names } = await openWithReactions(7);
  const proxy = await startFaultProxy(engineEndpoint());
  const result = await table.run(fetchPhotoAndReactions, photo, table.through(proxy.endpoint));
  expect(result.photo).toEqual(photo);
  expect(result.reactions.map(({ reactingUser }) => reactingUser)).toEqual(names);
  expect(proxy.requests.map(({ operation, body }) => [operation, body.IndexName])).toEqual([
    ["Query", "InvertedIndex"],
  ]);
});

test("the text of fetch-photo-and-reactions has the lab's forms, and reactions show no mark", async () => {
  const table = await openWithPhoto();
  await table.run(addReaction, { ...sunglasses, reactionType: "+1" });
  expect(await table.text(fetchPhotoAndReactions, photo)).toEqual([
    "Photo<ppierce -- 2019-04-14T08:09:34>",
    "Reaction<kennedyheather -- PHOTO#ppierce#2019-04-14T08:09:34 -- +1>",
  ]);
  const { reactions } = await table.run(fetchPhotoAndReactions, photo);
  expect(Object.keys(reactions[0] ?? {}).sort()).toEqual([
    "photo",
    "reactingUser",
    "reactionType",
    "timestamp",
  ]);
});

test.each([1, 2, 6, 7, 8, 1000])("fetch-photo-and-reactions by pages of %i is the whole", async (limit) => {
  const { table, names } = await openWithReactions(7);
  const pages = await collectPages((cursor) =>
    table.run(fetchPhotoAndReactions, { ...photo, limit, cursor }),
  );
  expect(pages.flatMap(({ reactions }) => reactions.map(({ reactingUser }) => reactingUser))).toEqual(names);
  expect(pages.filter((page) => page.photo)).toEqual([pages[0]]);
});

test("fetch-photo-and-reactions: none yet, and a photo that is gone though reactions are left", async () => {
  const table = await openWithPhoto();
  expect(await table.run(fetchPhotoAndReactions, photo)).toEqual({ photo, reactions: [] });
  const gone = { username: "ppierce", timestamp: "2018-01-01T00:00:00" };
  await table.expectRefusal(fetchPhotoAndReactions, gone, "photo-not-found");
  await table.put(seededReaction("kennedyheather", "heart", gone));
  await table.expectRefusal(fetchPhotoAndReactions, gone, "photo-not-found");
});
