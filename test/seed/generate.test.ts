import { createHash } from "node:crypto";
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
import { CAST } from "../../seeds/quick-photos/cast.ts";
import { Draw } from "../../seeds/quick-photos/draw.ts";
import generate, { type GenerateOptions } from "../../seeds/quick-photos/generate.ts";
import { NAME_PAIRS, People } from "../../seeds/quick-photos/people.ts";
import { secondsOf, timestampOf } from "../../seeds/quick-photos/times.ts";
import { checkSeedFile } from "../../src/seed/file/check-seed-file.ts";
import { DEFAULT_GENERATE_OPTIONS } from "../../src/seed/generate/generate-items.ts";
import { itemChunks } from "../../src/seed/generate/write-items.ts";

const ITEMS = join(import.meta.dirname, "../../seeds/quick-photos/items.json");
const bytesOf = (options: GenerateOptions) =>
  Buffer.concat([...itemChunks(generate(options), { items: 0, bytes: 0 })]);
const linesOf = (options: GenerateOptions) => bytesOf(options).toString().split("\n");

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
    expect(bytesOf(DEFAULT_GENERATE_OPTIONS).toString()).toBe(readFileSync(ITEMS, "utf8"));
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

  // What these options make is a promise: data made by one machine can be made again by another.
  it.each([
    [{ users: 10, seed: 0 }, "443883f3da605033"],
    [{ users: 300, seed: 7 }, "e57de17cb6e3168a"],
    [{ users: 100, seed: Number.MAX_SAFE_INTEGER, photos: 1_000 }, "c1e3bbf629885504"],
  ])("of %o are the same for ever", (options, hash) => {
    expect(createHash("sha256").update(bytesOf(options)).digest("hex").slice(0, 16)).toBe(hash);
  });

  it("differ for seeds that have their last 32 bits in common", () => {
    expect(linesOf({ users: 10, seed: 5 })).not.toEqual(linesOf({ users: 10, seed: 5 + 2 ** 32 }));
  });

  const sizes = fc.record({
    users: fc.integer({ min: 10, max: 40 }),
    seed: fc.maxSafeNat(),
    photos: fc.option(fc.integer({ min: 3, max: 150 }), { nil: undefined }),
  });

  it("hold together, whatever is asked for", () => {
    fc.assert(
      fc.property(sizes, ({ users, seed, photos: asked }) => {
        const made = sort(generate({ users, seed, photos: asked }));
        expect(made.photos).toHaveLength(asked ?? users * 3);
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
      { numRuns: 10 },
    );
  });

  it("of thousands of users have no key twice, and name nobody and no photo that is not there", () => {
    const keys = new Set<string>();
    const named = new Set<string>();
    let items = 0;
    for (const item of generate({ users: 4_000, seed: 9 }) as Iterable<Record<string, string>>) {
      keys.add(`${item.PK} ${item.SK}`);
      items += 1;
      for (const name of [item.reactingUser, item.followingUser, item.followedUser, item.username]) {
        if (name) named.add(`USER#${name} #METADATA#${name}`);
      }
      const photo = item.photo ?? item.pinnedImage;
      if (photo) named.add(`USER#${photo.split("#")[1]} ${photo}`);
    }
    expect(keys.size).toBe(items);
    expect([...named].filter((key) => !keys.has(key))).toEqual([]);
  });

  it("have no photo twice, however many one user has", () => {
    const { photos } = sort(generate({ users: 10, seed: 2, photos: 20_000 }));
    expect(new Set(photos.map(photoReference)).size).toBe(20_000);
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

  it("are skewed, as people are: a few have very many followers, a few photos very many reactions", () => {
    const { users, photos, friendships, reactions } = sort(generate({ users: 2_000, seed: 1 }));
    const count = (all: readonly string[], named: readonly string[]) => {
      const counts = new Map(all.map((one) => [one, 0]));
      for (const one of named) counts.set(one, (counts.get(one) ?? 0) + 1);
      return [...counts.values()].sort((a, b) => b - a);
    };
    const followers = count(
      users.map(({ username }) => username),
      friendships.map(({ followedUser }) => followedUser),
    );
    const given = count(
      photos.map(photoReference),
      reactions.map(({ photo }) => photo),
    );
    for (const counts of [followers, given]) {
      const median = counts[Math.floor(counts.length / 2)] ?? 0;
      expect(median).toBeGreaterThan(0);
      expect(counts[0]).toBeGreaterThan(median * 100);
      expect(counts.at(-1)).toBe(0);
    }
  });

  it.each([
    [{ users: 3, seed: 1 }, "at least 10 users"],
    [{ users: 10, seed: 1, photos: 2 }, "at least 3 photos"],
    [{ users: 10, seed: 1, photos: 10_000_001 }, "10 users have at most 10000000 photos"],
  ])("of %o are refused", (options, message) => {
    expect(() => [...generate(options)]).toThrow(RangeError);
    expect(() => [...generate(options)]).toThrow(message);
  });
});

describe("people", () => {
  it("have different usernames, also where the pairs of names are used up", () => {
    const people = new People(new Draw(3));
    const count = NAME_PAIRS + 1_000;
    const names = new Set<string>();
    for (let number = 0; number < count; number += 1) names.add(people.username(number));
    expect(names.size).toBe(count);
    expect(Object.keys(CAST).filter((name) => !names.has(name))).toEqual([]);
  });
});

describe("times", () => {
  it("are those of the calendar", () => {
    fc.assert(
      fc.property(fc.integer({ min: -500_000_000, max: 2_000_000_000 }), (seconds) => {
        const timestamp = timestampOf(seconds);
        expect(timestamp).toBe(new Date(seconds * 1000).toISOString().slice(0, 19));
        expect(secondsOf(timestamp)).toBe(seconds);
      }),
    );
  });
});

describe("draws", () => {
  it("of different numbers are different and in range", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.integer({ min: 2, max: 300 }), fc.nat(400), (seed, end, count) => {
        const drawn = [...new Draw(seed).different(count, end)];
        expect(new Set(drawn).size).toBe(Math.min(count, end));
        expect(drawn.every((number) => Number.isInteger(number) && number >= 0 && number < end)).toBe(true);
      }),
    );
  });
});
