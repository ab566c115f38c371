import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import type { PlainItem } from "../../../src/query/oracle.ts";
import { readSourceFile } from "../../../src/verify/read-source.ts";
import { SEEDS } from "../../verify/quick-photos.ts";

/** As many as make every kind of item, in a tenth of the file. */
const USERS = 10;

/** The users whom an item is about. */
function usersOf({ username, followedUser, followingUser, reactingUser, photo }: PlainItem): string[] {
  const owner = typeof photo === "string" ? photo.split("#")[1] : undefined;
  return [username, followedUser, followingUser, reactingUser, owner].filter(
    (name) => typeof name === "string",
  );
}

/** Writes a seed file with the busiest users of the real one and what they have to do with one another. */
export async function fewSeeds(): Promise<string> {
  const items = await readSourceFile(SEEDS);
  const mentions = new Map<string, number>();
  for (const name of items.flatMap(usersOf)) mentions.set(name, (mentions.get(name) ?? 0) + 1);
  const busiest = [...mentions].sort(([, a], [, b]) => b - a).slice(0, USERS);
  const chosen = new Set(busiest.map(([name]) => name));
  const folder = mkdtempSync(join(tmpdir(), "tablewright-access-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "items.json");
  const few = items.filter((item) => usersOf(item).every((name) => chosen.has(name)));
  writeFileSync(file, few.map((item) => `${JSON.stringify(item)}\n`).join(""));
  return file;
}
