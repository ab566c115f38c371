import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { scratchItems } from "../../queries/quick-photos/oracles/scratch.ts";
import { kindOf, parseSource, records, type Source } from "../../queries/quick-photos/oracles/source.ts";
import type { PlainItem } from "../../src/query/oracle.ts";
import { createRandom } from "../../src/verify/random.ts";
import { readSourceFile } from "../../src/verify/read-source.ts";
import { SEEDS } from "./quick-photos.ts";

function fileWith(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "tablewright-source-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "items.json");
  writeFileSync(file, text);
  return file;
}

test("every bad line is reported with its place, and a number that does not fit is a bad line", async () => {
  const file = fileWith('{"a":1}\n{"a":\n\n[1]\n{"n":12345678901234567890123}\n{"a":2.50}\n');
  await expect(readSourceFile(file)).rejects.toMatchObject({
    code: "source-file",
    exitCode: 1,
    facts: { defects: [{ line: 2 }, { line: 4, problem: "is not a JSON object" }, { line: 5 }] },
  });
  await expect(readSourceFile(fileWith('{"a":2.50}\n\n{"b":[null,true]}'))).resolves.toEqual([
    { a: 2.5 },
    { b: [null, true] },
  ]);
  await expect(readSourceFile("no-such-file.json")).rejects.toMatchObject({
    code: "source-missing",
    exitCode: 4,
  });
});

test("items are told apart by their attributes alone: other keys give the same records", async () => {
  const items = await readSourceFile(SEEDS);
  const renamed = items.map((item, index) => ({ ...item, PK: `x${index}`, SK: "y" }));
  expect(records(parseSource(renamed))).toEqual(records(parseSource(items)));
  const { users, photos, reactions, friendships } = parseSource(items);
  expect(users.length + photos.length + reactions.length + friendships.length).toBe(items.length);
  for (const list of [users, photos, reactions, friendships]) expect(list.length).toBeGreaterThan(10);
  expect(() => parseSource([{ PK: "USER#a", SK: "#METADATA#a" }])).toThrow("no known entity");
});

/** Names that an item refers to and the scratch items must therefore hold. */
function dangling({ users, photos, reactions, friendships }: Source): string[] {
  const names = new Set(users.map(({ username }) => username));
  const known = new Set(photos.map((photo) => `PHOTO#${photo.username}#${photo.timestamp}`));
  return [
    ...photos.map(({ username }) => username).filter((name) => !names.has(name)),
    ...reactions.map(({ reactingUser }) => reactingUser).filter((name) => !names.has(name)),
    ...reactions.map(({ photo }) => photo).filter((photo) => !known.has(photo)),
    ...friendships.flatMap((one) => [one.followedUser, one.followingUser]).filter((name) => !names.has(name)),
  ];
}

test("scratch items are few, closed, of every kind, with their own true counters and marks", async () => {
  const items = await readSourceFile(SEEDS);
  for (let seed = 0; seed < 30; seed += 1) {
    const chosen = scratchItems(items, createRandom(seed));
    const source = parseSource(chosen);
    expect(chosen.length).toBeLessThan(200);
    expect(new Set(chosen.map(kindOf)).size).toBe(4);
    expect(dangling(source)).toEqual([]);
    for (const user of source.users) {
      const followers = source.friendships.filter(({ followedUser }) => followedUser === user.username);
      expect(user.followers).toBe(followers.length);
    }
    for (const { reactions = {}, username, timestamp } of source.photos) {
      const given = source.reactions.filter(({ photo }) => photo === `PHOTO#${username}#${timestamp}`);
      expect(Object.keys(reactions)).toHaveLength(4);
      expect(Object.values(reactions).reduce((sum, count) => sum + count, 0)).toBe(given.length);
    }
    expect([...source.reactions, ...source.friendships].every(({ counted }) => counted === true)).toBe(true);
    const originals = new Map(items.map((item: PlainItem) => [`${item.PK} ${item.SK}`, item]));
    for (const item of chosen)
      expect(item).toMatchObject(originals.get(`${item.PK} ${item.SK}`) ?? expect.fail());
  }
});

test("oracles take types from the entities and the one pattern that they check, and nothing else", () => {
  const folder = join(import.meta.dirname, "../../queries/quick-photos/oracles");
  for (const name of readdirSync(folder)) {
    const text = readFileSync(join(folder, name), "utf8");
    const outside = [...text.matchAll(/^import ([^;]*?) from "(\.\.\/[^"]+)";/gm)];
    for (const [, what = "", from] of outside) {
      if (from === "../entities.ts") expect(what, name).toMatch(/^type /);
      else expect(from, name).toBe(`../${name}`);
    }
    expect(text, name).not.toMatch(/USER#|#FRIEND#|#METADATA#|"REACTION#/);
  }
});
