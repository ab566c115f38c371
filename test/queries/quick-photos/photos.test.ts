import { expect, test } from "vitest";
import { fetchUserAndPhotos } from "../../../queries/quick-photos/fetch-user-and-photos.ts";
import { recentPhotos } from "../../../queries/quick-photos/recent-photos.ts";
import { uploadPhoto } from "../../../queries/quick-photos/upload-photo.ts";
import { parseInput } from "../../../src/query/parse-input.ts";
import { startFaultProxy } from "../../faults/proxy.ts";
import {
  collectPages,
  engineEndpoint,
  minute,
  openQuickPhotos,
  seededFriendship,
  seededPhoto,
  seededReaction,
  seededUser,
} from "./support.ts";

const times = (photos: readonly { timestamp: string }[]) => photos.map(({ timestamp }) => timestamp);

/** A user with photos, among items that must not come along. */
async function openWithPhotos(count: number, rest: object = {}) {
  const table = await openQuickPhotos();
  const all = Array.from({ length: count }, (_, index) => minute(index));
  await table.put(
    seededUser("u"),
    seededUser("u2"),
    seededPhoto("u2", "2019-01-01T00:00:00"),
    seededFriendship("u", "u2"),
    ...(count > 0 ? [seededReaction("u2", "heart", { username: "u", timestamp: minute(0) })] : []),
    ...all.map((timestamp) => seededPhoto("u", timestamp, rest)),
  );
  return { table, all };
}

test("upload-photo makes the whole item, its counters at four zeros", async () => {
  const table = await openQuickPhotos();
  await table.put(seededUser("u"));
  const input = { username: "u", timestamp: "2019-04-14T08:09:34", location: "Oslo" };
  const { photo } = await table.run(uploadPhoto, input);
  const reactions = { "+1": 0, smiley: 0, sunglasses: 0, heart: 0 };
  expect(photo).toEqual({ ...input, reactions });
  expect(await table.items()).toContainEqual({
    PK: "USER#u",
    SK: "PHOTO#u#2019-04-14T08:09:34",
    ...input,
    reactions,
  });
});

test("upload-photo without a timestamp takes the present time, to the second", async () => {
  const table = await openQuickPhotos();
  await table.put(seededUser("u"));
  const before = Math.floor(Date.now() / 1000) * 1000;
  const { photo } = await table.run(uploadPhoto, { username: "u" });
  expect(photo.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
  expect(Date.parse(`${photo.timestamp}Z`)).toBeGreaterThanOrEqual(before);
  expect(Date.parse(`${photo.timestamp}Z`)).toBeLessThanOrEqual(Date.now());
});

test("upload-photo refuses a user who does not exist, and a timestamp that is taken", async () => {
  const table = await openQuickPhotos();
  await table.put(
    seededUser("u"),
    seededPhoto("u", minute(1), { location: "first" }),
    seededPhoto("ghost", minute(1)),
  );
  await table.expectRefusal(uploadPhoto, { username: "nobody", timestamp: minute(1) }, "user-not-found");
  await table.expectRefusal(uploadPhoto, { username: "ghost", timestamp: minute(1) }, "user-not-found");
  const taken = await table.expectRefusal(
    uploadPhoto,
    { username: "u", timestamp: minute(1), location: "second" },
    "photo-exists",
  );
  expect(taken.message).toContain(minute(1));
});

test.each([
  "2019-02-30T00:00:00",
  "2019-01-01",
  "2019-01-01T00:00:00Z",
  "2019-01-01T25:00:00",
  "2019-13-01T00:00:00",
  "2019-01-01 00:00:00",
  "x#2019-01-01T00:00:00",
])("%s is no timestamp", (timestamp) => {
  expect(() => parseInput(uploadPhoto, { username: "u", timestamp })).toThrow("timestamp");
});

test("photos within one second keep their order by fraction", async () => {
  const table = await openQuickPhotos();
  await table.put(seededUser("u"));
  const inOrder = ["2019-01-01T00:00:00", "2019-01-01T00:00:00.25", "2019-01-01T00:00:00.5"];
  for (const timestamp of [...inOrder].reverse()) await table.run(uploadPhoto, { username: "u", timestamp });
  const { photos } = await table.run(fetchUserAndPhotos, { username: "u" });
  expect(times(photos)).toEqual(inOrder);
});

test("fetch-user-and-photos reads profile and photos, oldest first, in one Query", async () => {
  const { table, all } = await openWithPhotos(5);
  const proxy = await startFaultProxy(engineEndpoint());
  const result = await table.run(fetchUserAndPhotos, { username: "u" }, table.through(proxy.endpoint));
  expect(result.user?.username).toBe("u");
  expect(times(result.photos)).toEqual(all);
  expect(result.cursor).toBeUndefined();
  expect(proxy.requests.map(({ operation }) => operation)).toEqual(["Query"]);
});

test("the text of fetch-user-and-photos has the lab's forms", async () => {
  const { table } = await openWithPhotos(1);
  expect(await table.text(fetchUserAndPhotos, { username: "u" })).toEqual([
    "User<u -- Name of u>",
    `Photo<u -- ${minute(0)}>`,
  ]);
});

test("fetch-user-and-photos of a user without photos, and of nobody", async () => {
  const { table } = await openWithPhotos(0);
  expect((await table.run(fetchUserAndPhotos, { username: "u" })).photos).toEqual([]);
  await table.expectRefusal(fetchUserAndPhotos, { username: "nobody" }, "user-not-found");
});

test("fetch-user-and-photos refuses a user of whom only photos and friendships are left", async () => {
  const table = await openQuickPhotos();
  await table.put(seededPhoto("ghost", minute(0)), seededFriendship("ghost", "u"));
  await table.expectRefusal(fetchUserAndPhotos, { username: "ghost" }, "user-not-found");
  await table.expectRefusal(fetchUserAndPhotos, { username: "ghost", limit: 1 }, "user-not-found");
});

test.each([1, 2, 4, 7, 8, 1000])("fetch-user-and-photos by pages of %i is the whole", async (limit) => {
  const { table, all } = await openWithPhotos(7);
  const pages = await collectPages((cursor) =>
    table.run(fetchUserAndPhotos, { username: "u", limit, cursor }),
  );
  expect(pages.flatMap(({ photos }) => times(photos))).toEqual(all);
  expect(pages.map(({ user }) => user?.username)).toEqual(["u", ...Array(pages.length - 1).fill(undefined)]);
  for (const { photos } of pages.slice(0, -1)) expect(photos).toHaveLength(limit);
});

test("recent-photos shows the newest twenty, and the rest behind the cursor", async () => {
  const { table, all } = await openWithPhotos(45);
  const newestFirst = [...all].reverse();
  const pages = await collectPages((cursor) => table.run(recentPhotos, { username: "u", cursor }));
  expect(times(pages[0]?.photos ?? [])).toEqual(newestFirst.slice(0, 20));
  expect(pages.map(({ photos }) => photos.length)).toEqual([20, 20, 5]);
  expect(pages.flatMap(({ photos }) => times(photos))).toEqual(newestFirst);
});

test.each([1, 2, 3, 1000])("recent-photos by pages of %i is the whole, newest first", async (limit) => {
  const { table, all } = await openWithPhotos(5);
  const pages = await collectPages((cursor) => table.run(recentPhotos, { username: "u", limit, cursor }));
  expect(pages.flatMap(({ photos }) => times(photos))).toEqual([...all].reverse());
});

test("recent-photos of nobody is empty, and of one user never another's whose name begins alike", async () => {
  const { table } = await openWithPhotos(1);
  expect(await table.run(recentPhotos, { username: "nobody" })).toEqual({ photos: [] });
  expect(await table.text(recentPhotos, { username: "nobody" })).toEqual(["No photos of nobody"]);
  expect((await table.run(recentPhotos, { username: "u2" })).photos).toHaveLength(1);
});

test("the text of a page ends with how to get the next, but for the last", async () => {
  const { table } = await openWithPhotos(3);
  const lines = await table.text(recentPhotos, { username: "u", limit: 2 });
  expect(lines.slice(0, 2)).toEqual([`Photo<u -- ${minute(2)}>`, `Photo<u -- ${minute(1)}>`]);
  expect(lines).toHaveLength(3);
  const cursor = /^next page: --cursor (\S+)$/.exec(lines[2] ?? "")?.[1];
  expect(await table.text(recentPhotos, { username: "u", limit: 2, cursor })).toEqual([
    `Photo<u -- ${minute(0)}>`,
  ]);
  const whole = await table.run(recentPhotos, { username: "u", limit: 3 });
  const past = { username: "u", limit: 3, cursor: whole.cursor };
  expect(await table.text(recentPhotos, past)).toEqual(["No more photos of u"]);
});

test("an item collection of more than 1 MB is read to its end, whole and by pages", async () => {
  const location = "x".repeat(300_000);
  const { table, all } = await openWithPhotos(9, { location });
  const proxy = await startFaultProxy(engineEndpoint());
  const through = table.through(proxy.endpoint);
  const whole = await table.run(fetchUserAndPhotos, { username: "u" }, through);
  expect(times(whole.photos)).toEqual(all);
  // The point of the test: one Query cannot return 2.7 MB.
  expect(proxy.requests.length).toBeGreaterThan(2);
  const recent = await table.run(recentPhotos, { username: "u", limit: 8 }, through);
  expect(times(recent.photos)).toEqual([...all].reverse().slice(0, 8));
  expect(recent.cursor).toBeDefined();
});
