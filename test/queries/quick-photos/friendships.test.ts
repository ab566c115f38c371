import { expect, test } from "vitest";
import { fetchUser } from "../../../queries/quick-photos/fetch-user.ts";
import { findAndEnrichFollowing } from "../../../queries/quick-photos/find-and-enrich-following.ts";
import { findFollowers } from "../../../queries/quick-photos/find-followers.ts";
import { findFollowing } from "../../../queries/quick-photos/find-following.ts";
import { followUser } from "../../../queries/quick-photos/follow-user.ts";
import { startFaultProxy } from "../../faults/proxy.ts";
import {
  collectPages,
  engineEndpoint,
  openQuickPhotos,
  seededFriendship,
  seededPhoto,
  seededUser,
  type TestTable,
} from "./support.ts";

const johnFollows = { followedUser: "tmartinez", followingUser: "john42" };
const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) => `user${String(index).padStart(3, "0")}`);

async function openWithUsers(...usernames: readonly string[]) {
  const table = await openQuickPhotos();
  await table.put(...usernames.map((username) => seededUser(username)));
  return table;
}

async function counters(table: TestTable, username: string) {
  const { followers, following } = (await table.run(fetchUser, { username })).user;
  return { followers, following };
}

test("follow-user makes the marked item and counts it on both users", async () => {
  const table = await openWithUsers("tmartinez", "john42");
  await table.put(seededUser("john42", { followers: 3, following: 5, status: "kept" }));
  const { friendship } = await table.run(followUser, { ...johnFollows, timestamp: "2019-05-01T00:00:00" });
  const expected = { ...johnFollows, timestamp: "2019-05-01T00:00:00" };
  expect(friendship).toEqual(expected);
  const items = await table.items();
  expect(items).toHaveLength(3);
  expect(items).toContainEqual({ PK: "USER#tmartinez", SK: "#FRIEND#john42", ...expected, counted: true });
  // ADD starts a counter that the backfill has not made yet; what is absent otherwise stays absent.
  expect(items).toContainEqual({ ...seededUser("tmartinez"), followers: 1 });
  expect(items).toContainEqual(seededUser("john42", { followers: 3, following: 6, status: "kept" }));
});

test("the texts of friendships have the lab's forms", async () => {
  const table = await openWithUsers("tmartinez", "john42");
  expect(await table.text(followUser, johnFollows)).toEqual(["User john42 is now following user tmartinez"]);
  expect(await table.text(findFollowers, { username: "tmartinez" })).toEqual([
    "Followers of tmartinez:",
    "Friendship<tmartinez -- john42>",
  ]);
  expect(await table.text(findFollowing, { username: "john42" })).toEqual([
    "Users followed by john42:",
    "Friendship<tmartinez -- john42>",
  ]);
  expect(await table.text(findAndEnrichFollowing, { username: "john42" })).toEqual([
    "Users followed by john42:",
    "User<tmartinez -- Name of tmartinez>",
  ]);
});

test("follow-user refuses following oneself, also where one does not exist", async () => {
  const table = await openWithUsers("john42");
  for (const name of ["john42", "nobody"]) {
    const input = { followedUser: name, followingUser: name };
    await table.expectRefusal(followUser, input, "cannot-follow-oneself");
  }
});

test("follow-user refuses following twice, also where the first has no mark", async () => {
  const table = await openWithUsers("tmartinez", "john42", "david25");
  await table.run(followUser, johnFollows);
  await table.expectRefusal(followUser, johnFollows, "already-following");
  await table.put(seededFriendship("david25", "john42"));
  await table.expectRefusal(followUser, { ...johnFollows, followedUser: "david25" }, "already-following");
  // The other way round is another friendship.
  await table.run(followUser, { followedUser: "john42", followingUser: "tmartinez" });
  expect(await counters(table, "john42")).toEqual({ followers: 1, following: 1 });
});

test.each([
  [["john42"], ["tmartinez"]],
  [["tmartinez"], ["john42"]],
  [[], ["tmartinez", "john42"]],
])("follow-user where only %j exist says that %j do not, and makes no phantom", async (existing, missing) => {
  const table = await openQuickPhotos();
  await table.put(
    seededPhoto("tmartinez", "2019-01-01T00:00:00"),
    ...existing.map((name) => seededUser(name)),
  );
  const error = await table.expectRefusal(followUser, johnFollows, "user-not-found");
  expect(error).toMatchObject({ facts: { usernames: missing } });
});

test("fifty who follow one user at once leave exact counters", async () => {
  const names = numbered(50);
  const table = await openWithUsers("hub", ...names);
  await Promise.all(
    names.map((followingUser) => table.run(followUser, { followedUser: "hub", followingUser })),
  );
  expect(await counters(table, "hub")).toEqual({ followers: 50 });
  expect((await table.run(findFollowers, { username: "hub" })).followers).toHaveLength(50);
  for (const name of names) expect(await counters(table, name)).toEqual({ following: 1 });
});

test("fifty times the same friendship at once: one is counted, the others are refused", async () => {
  const table = await openWithUsers("tmartinez", "john42");
  const all = Array.from({ length: 50 }, () => table.run(followUser, johnFollows));
  const outcomes = await Promise.allSettled(all);
  const codes = outcomes.map((outcome) => (outcome.status === "rejected" ? outcome.reason.code : "done"));
  expect(codes.sort()).toEqual([...Array(49).fill("already-following"), "done"]);
  expect(await counters(table, "tmartinez")).toEqual({ followers: 1 });
  expect(await counters(table, "john42")).toEqual({ following: 1 });
});

test("everyone follows everyone at once, and every counter is exact", async () => {
  const names = numbered(8);
  const table = await openWithUsers(...names);
  const pairs = names.flatMap((followedUser) =>
    names.filter((name) => name !== followedUser).map((followingUser) => ({ followedUser, followingUser })),
  );
  await Promise.all(pairs.map((pair) => table.run(followUser, pair)));
  for (const name of names) expect(await counters(table, name)).toEqual({ followers: 7, following: 7 });
});

/** A hub that follows many and is followed by many, among items that must not come along. */
async function openWithHub(count: number) {
  const names = numbered(count);
  const table = await openWithUsers("hub", "hub2", ...names);
  await table.put(
    seededPhoto("hub", "2019-01-01T00:00:00"),
    seededFriendship("hub2", "user000"),
    seededFriendship("user000", "hub2"),
    ...names.flatMap((name) => [seededFriendship("hub", name), seededFriendship(name, "hub")]),
  );
  return { table, names };
}

test("find-followers and find-following read friendships in order, and nothing else", async () => {
  const { table, names } = await openWithHub(5);
  const { followers } = await table.run(findFollowers, { username: "hub" });
  expect(followers.map(({ followingUser }) => followingUser)).toEqual(names);
  expect(followers.every(({ followedUser }) => followedUser === "hub")).toBe(true);
  const { following } = await table.run(findFollowing, { username: "hub" });
  expect(following.map(({ followedUser }) => followedUser)).toEqual(names);
  expect(following.every(({ followingUser }) => followingUser === "hub")).toBe(true);
});

test("the finders of nobody's friendships are empty, not refused", async () => {
  const { table } = await openWithHub(1);
  expect(await table.run(findFollowers, { username: "nobody" })).toEqual({ followers: [] });
  expect(await table.run(findFollowing, { username: "nobody" })).toEqual({ following: [] });
  expect(await table.run(findAndEnrichFollowing, { username: "nobody" })).toEqual({
    following: [],
    missingProfiles: [],
  });
});

test.each([1, 2, 7, 1000])("the finders by pages of %i are the whole", async (limit) => {
  const { table, names } = await openWithHub(7);
  const followers = await collectPages((cursor) =>
    table.run(findFollowers, { username: "hub", limit, cursor }),
  );
  expect(followers.flatMap((page) => page.followers.map(({ followingUser }) => followingUser))).toEqual(
    names,
  );
  const following = await collectPages((cursor) =>
    table.run(findFollowing, { username: "hub", limit, cursor }),
  );
  expect(following.flatMap((page) => page.following.map(({ followedUser }) => followedUser))).toEqual(names);
  const enriched = await collectPages((cursor) =>
    table.run(findAndEnrichFollowing, { username: "hub", limit, cursor }),
  );
  expect(enriched.flatMap((page) => page.following.map(({ username }) => username))).toEqual(names);
});

test.each([0, 1, 100, 101, 230])(
  "find-and-enrich-following of %i followed users keeps their order",
  async (count) => {
    const { table, names } = await openWithHub(count);
    const proxy = await startFaultProxy(engineEndpoint());
    const input = { username: "hub" };
    const result = await table.run(findAndEnrichFollowing, input, table.through(proxy.endpoint));
    expect(result.following.map(({ username }) => username)).toEqual(names);
    expect(result.missingProfiles).toEqual([]);
    const batches = proxy.requests.filter(({ operation }) => operation === "BatchGetItem");
    expect(batches).toHaveLength(Math.ceil(count / 100));
  },
);

test("find-and-enrich-following reads unprocessed keys again until every profile is there", async () => {
  const { table, names } = await openWithHub(150);
  const fault = { kind: "unprocessedKeys", share: 0.6 } as const;
  const proxy = await startFaultProxy(engineEndpoint(), {
    rules: [{ operation: "BatchGetItem", fault, times: 6 }],
    seed: 3,
  });
  const input = { username: "hub" };
  const result = await table.run(findAndEnrichFollowing, input, table.through(proxy.endpoint));
  expect(result.following.map(({ username }) => username)).toEqual(names);
  expect(proxy.requests.filter((request) => request.fault === "unprocessedKeys").length).toBeGreaterThan(3);
});

test("find-and-enrich-following reports a followed user whose profile is gone", async () => {
  const { table, names } = await openWithHub(3);
  await table.put(seededFriendship("ghost", "hub"), seededFriendship("zombie", "hub"));
  const result = await table.run(findAndEnrichFollowing, { username: "hub" });
  expect(result.following.map(({ username }) => username)).toEqual(names);
  expect(result.missingProfiles).toEqual(["ghost", "zombie"]);
  const lines = await table.text(findAndEnrichFollowing, { username: "hub" });
  expect(lines.slice(-2)).toEqual(["no profile: ghost", "no profile: zombie"]);
});
