import type { PlainItem } from "tablewright/query";
import type { Friendship, Photo, Reaction, User } from "../entities.ts";

/** The mark of an item whose counters include it; part of what a write must leave behind. */
interface Counted {
  readonly counted?: boolean;
}

/** The source items as records, told apart by their attributes. Records keep every attribute but the keys. */
export interface Source {
  readonly users: readonly User[];
  readonly photos: readonly Photo[];
  readonly reactions: readonly (Reaction & Counted)[];
  readonly friendships: readonly (Friendship & Counted)[];
}

/** What each entity is known by: the attributes that it has and no other entity has together. */
const MARKS = {
  reactions: ["reactingUser", "reactionType", "photo"],
  friendships: ["followedUser", "followingUser"],
  users: ["username", "email"],
  photos: ["username", "timestamp"],
} as const satisfies Record<keyof Source, readonly string[]>;

const KINDS = Object.keys(MARKS) as (keyof Source)[];

/** Which entity an item is. @throws where it has the attributes of none. */
export function kindOf(item: PlainItem): keyof Source {
  const kind = KINDS.find((candidate) => MARKS[candidate].every((name) => typeof item[name] === "string"));
  if (!kind) throw new Error(`an item of no known entity: ${JSON.stringify(item)}`);
  return kind;
}

/** Whether an item is of an entity; what makes it one was looked at, the rest is compared, not trusted. */
export function isOf<Kind extends keyof Source>(
  kind: Kind,
  item: PlainItem,
): item is PlainItem & Source[Kind][number] {
  return kindOf(item) === kind;
}

function attributesOf(item: PlainItem): PlainItem {
  const { PK: _partitionKey, SK: _sortKey, ...attributes } = item;
  return attributes;
}

/** Reads items as records. @throws where an item is of no known entity. */
export function parseSource(items: readonly PlainItem[]): Source {
  const found: Record<keyof Source, PlainItem[]> = { users: [], photos: [], reactions: [], friendships: [] };
  for (const item of items) found[kindOf(item)].push(attributesOf(item));
  // The attributes that make a record what it is were looked at above; the rest is compared, not trusted.
  return found as unknown as Source;
}

/** Every record with the name of its entity. */
export function records(source: Source): readonly unknown[] {
  return KINDS.flatMap((kind) => source[kind].map((record) => ({ entity: kind, ...record })));
}
