import { expect, test } from "vitest";
import { createUser } from "../../../queries/quick-photos/create-user.ts";
import { fetchUser } from "../../../queries/quick-photos/fetch-user.ts";
import { updateUser } from "../../../queries/quick-photos/update-user.ts";
import { parseInput } from "../../../src/query/parse-input.ts";
import { openQuickPhotos, seededFriendship, seededUser } from "./support.ts";

const john = { username: "jacksonjason", name: "John Perry", email: "john@example.com" };

test("create-user makes the whole item, its counters at 0, and fetch-user reads it back", async () => {
  const table = await openQuickPhotos();
  const input = { ...john, birthdate: "1990-05-17", interests: ["hiking", "art"], recommendedFriends: [] };
  const { user } = await table.run(createUser, input);
  expect(user).toEqual({ ...input, followers: 0, following: 0 });
  expect(await table.items()).toEqual([
    { PK: "USER#jacksonjason", SK: "#METADATA#jacksonjason", ...input, followers: 0, following: 0 },
  ]);
  expect((await table.run(fetchUser, { username: "jacksonjason" })).user).toEqual(user);
});

test("the text of users has the lab's form", async () => {
  const table = await openQuickPhotos();
  expect(await table.text(createUser, { ...john, interests: ["a", "b"] })).toEqual([
    "Created User<jacksonjason -- John Perry>",
  ]);
  const [first, ...rest] = await table.text(fetchUser, { username: "jacksonjason" });
  expect(first).toBe("User<jacksonjason -- John Perry>");
  expect(rest.sort()).toEqual([
    "  email: john@example.com",
    "  followers: 0",
    "  following: 0",
    "  interests: a, b",
  ]);
  expect(await table.text(updateUser, { username: "jacksonjason", set: { name: "J P" } })).toEqual([
    "Updated User<jacksonjason -- J P>",
  ]);
});

test("create-user refuses a username that is taken and leaves the user alone", async () => {
  const table = await openQuickPhotos();
  await table.put(seededUser("jacksonjason", { followers: 7 }));
  const error = await table.expectRefusal(createUser, john, "user-exists");
  expect(error.message).toContain("jacksonjason");
});

test("fifty who create the same user at once: one does, the others are refused", async () => {
  const table = await openQuickPhotos();
  const all = Array.from({ length: 50 }, (_, index) =>
    table.run(createUser, { ...john, name: `Name ${index}` }),
  );
  const outcomes = await Promise.allSettled(all);
  const done = outcomes.filter((outcome) => outcome.status === "fulfilled");
  const refused = outcomes.filter((outcome) => outcome.status === "rejected");
  expect(done).toHaveLength(1);
  expect(refused.map(({ reason }) => reason.code)).toEqual(Array(49).fill("user-exists"));
  const { user } = await table.run(fetchUser, { username: "jacksonjason" });
  expect(user).toEqual(done[0]?.value.user);
});

test("update-user changes the named attributes and no other", async () => {
  const table = await openQuickPhotos();
  const before = seededUser("jacksonjason", { address: "Here", status: "old", followers: 3, following: 4 });
  // An attribute the entity does not know must survive, and so must other items of the collection.
  const other = seededFriendship("jacksonjason", "david25");
  await table.put({ ...before, ttl: 99 }, other);
  const set = { status: "new", interests: ["art"], name: "John Perry" };
  const { user } = await table.run(updateUser, { username: "jacksonjason", set, unset: ["address"] });
  const { address: _address, ...kept } = before;
  const { PK: _PK, SK: _SK, ...expected } = { ...kept, ...set };
  expect(user).toEqual(expected);
  expect(await table.items()).toHaveLength(2);
  expect(await table.items()).toContainEqual({ ...kept, ...set, ttl: 99 });
  expect(await table.items()).toContainEqual(other);
});

test("update-user can set alone, unset alone, and unset what is not there", async () => {
  const table = await openQuickPhotos();
  await table.put(seededUser("u"));
  expect((await table.run(updateUser, { username: "u", set: { address: "A" } })).user.address).toBe("A");
  expect(
    (await table.run(updateUser, { username: "u", unset: ["address", "status"] })).user,
  ).not.toHaveProperty("address");
});

test("update-user and fetch-user refuse a missing user, and update-user makes no phantom", async () => {
  const table = await openQuickPhotos();
  await table.put(seededUser("someone"), seededFriendship("ghost", "someone"));
  await table.expectRefusal(updateUser, { username: "ghost", set: { name: "G" } }, "user-not-found");
  await table.expectRefusal(fetchUser, { username: "ghost" }, "user-not-found");
});

test.each([
  [{ set: { username: "x" } }, 'set: knows no "username"'],
  [{ set: { followers: 5 } }, 'set: knows no "followers"'],
  [{ set: { PK: "USER#x" } }, 'set: knows no "PK"'],
  [{ unset: ["name"] }, "unset 0: can only be one of"],
  [{ unset: ["followers"] }, "unset 0: can only be one of"],
  [{}, "nothing to change"],
  [{ set: { address: "a" }, unset: ["address"] }, "one that is also set"],
  [{ unset: ["address", "address"] }, "twice"],
])("update-user refuses to change %j", (change, message) => {
  expect(() => parseInput(updateUser, { username: "u", ...change })).toThrow(message);
});

test("every mistake of an input is named at once", () => {
  const wrong = { username: "a#b", email: "nobody", birthdate: "2019-02-30", interests: [""], extra: 1 };
  const refusal = { code: "usage", exitCode: 4, facts: { mistakes: expect.any(Array) } };
  try {
    parseInput(createUser, wrong);
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject(refusal);
    const { mistakes } = (error as { facts: { mistakes: string[] } }).facts;
    expect(mistakes).toEqual([
      'username: must not contain "#", spaces or control characters',
      "name is required",
      "email: must be an email address",
      "birthdate: must be a date such as 1990-05-17",
      "interests 0: must not be empty",
      'the input knows no "extra"',
    ]);
  }
});

test.each(["żółw", "用户", "🐢", "o'neil", "a.b_c-d", "__proto__", "constructor"])(
  "a user may be called %s",
  async (username) => {
    const table = await openQuickPhotos();
    await table.run(createUser, { ...john, username });
    expect((await table.run(fetchUser, { username })).user.username).toBe(username);
  },
);

test.each(["", "a b", "a#b", "#", "a\n", "\ud800", "x".repeat(129)])(
  "no user may be called %j",
  (username) => {
    expect(() => parseInput(fetchUser, { username })).toThrow("username");
  },
);

test("an item that is no user is named, with every attribute that does not fit", async () => {
  const table = await openQuickPhotos();
  await table.put({ ...seededUser("u"), email: 5, interests: "art" });
  await expect(table.run(fetchUser, { username: "u" })).rejects.toMatchObject({
    code: "malformed-item",
    facts: { entity: "User", key: { PK: "USER#u", SK: "#METADATA#u" } },
    message: expect.stringMatching(/email.*interests/),
  });
});
