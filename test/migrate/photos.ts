import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import type { StoredItem } from "../../src/dynamo/scan.ts";
import { ROOT } from "../support/processes.ts";

/**
 * The items of Quick Photos, spelled again: a test that took them from the queries or the migrations
 * would share their mistakes.
 */
const s = (text: string): AttributeValue => ({ S: text });

export function userItem(username: string): StoredItem {
  return { PK: s(`USER#${username}`), SK: s(`#METADATA#${username}`), username: s(username), name: s("N") };
}

export function photoItem(username: string, timestamp: string): StoredItem {
  const SK = s(`PHOTO#${username}#${timestamp}`);
  return { PK: s(`USER#${username}`), SK, username: s(username), timestamp: s(timestamp) };
}

export function reactionItem(
  reactingUser: string,
  reactionType: string,
  username: string,
  at: string,
): StoredItem {
  const photo = s(`PHOTO#${username}#${at}`);
  return {
    PK: s(`REACTION#${reactingUser}#${reactionType}`),
    SK: photo,
    reactingUser: s(reactingUser),
    reactionType: s(reactionType),
    photo,
    timestamp: s(at),
  };
}

export function friendshipItem(followedUser: string, followingUser: string): StoredItem {
  return {
    PK: s(`USER#${followedUser}`),
    SK: s(`#FRIEND#${followingUser}`),
    followedUser: s(followedUser),
    followingUser: s(followingUser),
    timestamp: s("2019-01-01T00:00:00"),
  };
}

const REACTION_TYPES = ["+1", "smiley", "sunglasses", "heart"];

/** Counters by item and attribute: what a table says, or what it should say. */
export type Counts = Record<string, number>;

/**
 * Counts friendships and reactions from their own attributes, those whose users or photo exist; users and
 * photos without any have zeros.
 */
export function recount(items: readonly StoredItem[]): Counts {
  const counts: Counts = {};
  for (const item of items) {
    if (item.SK?.S?.startsWith("#METADATA#")) {
      counts[`${item.username?.S} followers`] = 0;
      counts[`${item.username?.S} following`] = 0;
    }
    if (item.SK?.S?.startsWith("PHOTO#") && item.PK?.S?.startsWith("USER#")) {
      for (const type of REACTION_TYPES) counts[`${item.SK.S} ${type}`] = 0;
    }
  }
  const add = (...names: string[]) => {
    if (names.some((name) => counts[name] === undefined)) return;
    for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  };
  for (const item of items) {
    if (item.followedUser) add(`${item.followedUser.S} followers`, `${item.followingUser?.S} following`);
    if (item.reactionType) add(`${item.photo?.S} ${item.reactionType.S}`);
  }
  return counts;
}

/** The counters that stand on the items. */
export function countersOf(items: readonly StoredItem[]): Counts {
  const counts: Counts = {};
  for (const item of items) {
    for (const name of ["followers", "following"]) {
      if (item[name]) counts[`${item.username?.S} ${name}`] = Number(item[name].N);
    }
    for (const [type, count] of Object.entries(item.reactions?.M ?? {})) {
      counts[`${item.SK?.S} ${type}`] = Number(count.N);
    }
  }
  return counts;
}

/** Friendships and reactions without the mark that they are counted. */
export function unmarked(items: readonly StoredItem[]): StoredItem[] {
  return items.filter((item) => (item.followedUser || item.reactionType) && item.counted?.BOOL !== true);
}

const at = (n: number) => `2019-03-${String(1 + (n % 28)).padStart(2, "0")}T00:00:00`;
const user = (n: number) => `user${n}`;

/** A small table with every entity: `size` users, each with a photo, each following two, each reacting twice. */
export function smallTable(size: number): StoredItem[] {
  const items: StoredItem[] = [];
  for (let n = 0; n < size; n += 1) {
    items.push(userItem(user(n)), photoItem(user(n), at(n)));
    const next = (n + 1) % size;
    items.push(friendshipItem(user(next), user(n)), friendshipItem(user((n + 2) % size), user(n)));
    items.push(reactionItem(user(n), "heart", user(next), at(next)));
    items.push(reactionItem(user(n), "+1", user(0), at(0)));
  }
  return items;
}

/** The items of the project's seed file: about a thousand. */
export function quickPhotosSeed(): StoredItem[] {
  const lines = readFileSync(join(ROOT, "seeds", "quick-photos", "items.json"), "utf8")
    .trimEnd()
    .split("\n");
  return lines.map((line) => marshall(JSON.parse(line)));
}
