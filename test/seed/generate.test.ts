import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import quickPhotos from "../../infra/tables/quick-photos.ts";
import {
  type Friendship,
  type Photo,
  REACTION_TYPES,
  type Reaction,
  readFriendship,
  readPhoto,
  readReaction,
  readUser,
  type User,
} from "../../queries/quick-photos/entities.ts";
import { photoReference } from "../../queries/quick-photos/keys.ts";
import generate from "../../seeds/quick-photos/generate.ts";
import { checkSeedFile } from "../../src/seed/file/check-seed-file.ts";
import { DEFAULT_GENERATE_OPTIONS, itemLines } from "../../src/seed/generate/generate-items.ts";

const ITEMS = join(import.meta.dirname, "../../seeds/quick-photos/items.json");
const linesOf = (options: { users: number; seed: number }) => [
  ...itemLines(generate(options), { items: 0, bytes: 0 }),
];

/** Items told apart by their attributes, not by their keys. */
function sort(items: Iterable<object>) {
  const users: User[] = [];
  const photos: Photo[] = [];
  const reactions: Reaction[] = [];
  const friendships: Friendship[] = [];
  for (const item of items as Iterable<Record<string, unknown>>) {
    if ("reactionType" in item) reactions.push(readReaction(item));
    else if ("followedUser" in item) friendships.push(readFriendship(item));
    else if ("email" in item) users.push(readUser(item));
    else photos.push(readPhoto(item));
  }
  return { users, photos, reactions, friendships };
}

afterEach(() => {
  vi.useRealTimers();
});

describe("the committed file", () => {
  it("is what the defaults make, byte for byte", () => {
    expect(linesOf(DEFAULT_GENERATE_OPTIONS).join("")).toBe(readFileSync(ITEMS, "utf8"));
  });

  it("is sound", async () => {
    const report = await checkSeedFile(ITEMS, quickPhotos);
    expect(report).toMatchObject({ defectCount: 0, defects: [] });
    expect(report.items).toBeGreaterThan(900);
    expect(report.items).toBeLessThan(1_100);
  });
});

describe("generated items", () => {
  it("are the same whatever the day and the time zone, and others for another seed", () => {
    const today = linesOf({ users: 20, seed: 3 });
    vi.useFakeTimers({ now: new Date("2041-07-09T23:59:59Z") });
    vi.stubEnv("TZ", "Pacific/Kiritimati");
    expect(linesOf({ users: 20, seed: 3 })).toEqual(today);
    vi.unstubAllEnvs();
    expect(linesOf({ users: 20, seed: 4 })).not.toEqual(today);
  });

  it("hold together, whatever is asked for", () => {
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 80 }), fc.nat(), (users, seed) => {
        const made = sort(generate({ users, seed }));
        const names = new Set(made.users.map(({ username }) => username));
        const photos = new Set(made.photos.map(photoReference));
        expect(names.size).toBe(users);
        expect(made.users).toHaveLength(users);
        expect(photos.size).toBe(made.photos.length);
        for (const user of made.users) {
          expect(user).not.toHaveProperty("followers");
          expect(user).not.toHaveProperty("following");
          expect([...names]).toEqual(expect.arrayContaining(user.recommendedFriends ?? []));
          expect(user.recommendedFriends).not.toContain(user.username);
          if (user.pinnedImage) expect(photos).toContain(user.pinnedImage);
        }
        for (const photo of made.photos) {
          expect(photo).not.toHaveProperty("reactions");
          expect(names).toContain(photo.username);
          expect(photo.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
        }
        for (const { reactingUser, photo, timestamp } of made.reactions) {
          expect(names).toContain(reactingUser);
          expect(photos).toContain(photo);
          expect(timestamp > photo.slice(-19)).toBe(true);
        }
        for (const { followedUser, followingUser } of made.friendships) {
          expect(names).toContain(followedUser);
          expect(names).toContain(followingUser);
          expect(followedUser).not.toBe(followingUser);
        }
        expect(made.friendships).not.toContainEqual(
          expect.objectContaining({ followedUser: "tmartinez", followingUser: "john42" }),
        );
        expect(made.reactions).not.toContainEqual(
          expect.objectContaining({
            reactingUser: "kennedyheather",
            reactionType: "sunglasses",
            photo: "PHOTO#ppierce#2019-04-14T08:09:34",
          }),
        );
      }),
      { numRuns: 25 },
    );
  });

  it("have no key twice and nothing that DynamoDB refuses", async () => {
    const keys = new Set<string>();
    let items = 0;
    for (const item of generate({ users: 300, seed: 9 }) as Iterable<{ PK?: string; SK?: string }>) {
      keys.add(`${item.PK} ${item.SK}`);
      items += 1;
    }
    expect(keys.size).toBe(items);
  });

  it("hold what the guide's commands name", () => {
    const { users, photos, reactions, friendships } = sort(generate(DEFAULT_GENERATE_OPTIONS));
    const cast = [
      "jacksonjason",
      "haroldwatkins",
      "david25",
      "ppierce",
      "kennedyheather",
      "tmartinez",
      "john42",
    ];
    expect(users.map(({ username }) => username)).toEqual(expect.arrayContaining(cast));
    expect(users).toContainEqual(expect.objectContaining({ username: "jacksonjason", name: "John Perry" }));
    for (const photo of [
      { username: "david25", timestamp: "2019-03-02T09:11:30" },
      { username: "ppierce", timestamp: "2019-04-14T08:09:34" },
      { username: "jacksonjason", timestamp: "2019-03-30T02:28:42" },
    ])
      expect(photos).toContainEqual(expect.objectContaining(photo));
    expect(photos.filter(({ username }) => username === "jacksonjason").length).toBeGreaterThan(1);

    const loved = reactions.filter(({ photo }) => photo === "PHOTO#david25#2019-03-02T09:11:30");
    expect(new Set(loved.map(({ reactionType }) => reactionType))).toEqual(new Set(REACTION_TYPES));
    expect(new Set(loved.map(({ reactingUser }) => reactingUser)).size).toBeGreaterThan(10);
    expect(loved).toContainEqual(
      expect.objectContaining({ reactingUser: "kennedyheather", reactionType: "+1" }),
    );
    expect(friendships.filter((one) => one.followingUser === "haroldwatkins").length).toBeGreaterThan(3);
  });

  it("are skewed, as people are: a few have many followers, some have none", () => {
    const { users, friendships } = sort(generate(DEFAULT_GENERATE_OPTIONS));
    const followers = users
      .map(({ username }) => friendships.filter((one) => one.followedUser === username).length)
      .sort((a, b) => b - a);
    const median = followers[Math.floor(followers.length / 2)] ?? 0;
    expect(followers[0]).toBeGreaterThan(median * 8);
    expect(followers.at(-1)).toBe(0);
  });

  it("need at least the cast", () => {
    expect(() => [...generate({ users: 3, seed: 1 })]).toThrow(RangeError);
  });
});
