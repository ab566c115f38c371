import type { KeyRange } from "tablewright/query";
import quickPhotos from "../../infra/tables/quick-photos.ts";

const PK = quickPhotos.partitionKey.name;
const SK = quickPhotos.sortKey.name;

/** The key attributes of the table, partition key first. */
export const KEY_NAMES = [PK, SK] as const;

/** The table turned round: SK is its partition key, PK its sort key. */
export const INVERTED_INDEX = "InvertedIndex" satisfies keyof typeof quickPhotos.indexes;

/** The primary key of an item. */
export type Key = Record<typeof PK | typeof SK, string>;

const USER = "USER#";
const METADATA = "#METADATA#";
const PHOTO = "PHOTO#";
const REACTION = "REACTION#";
const FRIEND = "#FRIEND#";

// "$" is the character after "#": a bound that ends in it lies behind every key that begins with the prefix.
const AFTER_PHOTOS = "PHOTO$";
const AFTER_USERS = "USER$";

/** The key of a user's profile. */
export function userKey({ username }: { readonly username: string }): Key {
  return { [PK]: `${USER}${username}`, [SK]: `${METADATA}${username}` };
}

/** How a photo is named in other items: `PHOTO#<username>#<timestamp>`, which is also its sort key. */
export function photoReference(photo: { readonly username: string; readonly timestamp: string }): string {
  return `${PHOTO}${photo.username}#${photo.timestamp}`;
}

/** The key of a photo, in its owner's item collection. */
export function photoKey(photo: { readonly username: string; readonly timestamp: string }): Key {
  return { [PK]: `${USER}${photo.username}`, [SK]: photoReference(photo) };
}

/** The key of a reaction: one for each user, type and photo. `photo` is a {@link photoReference}. */
export function reactionKey(reaction: {
  readonly reactingUser: string;
  readonly reactionType: string;
  readonly photo: string;
}): Key {
  return { [PK]: `${REACTION}${reaction.reactingUser}#${reaction.reactionType}`, [SK]: reaction.photo };
}

/** The key of a friendship, in the item collection of the user who is followed. */
export function friendshipKey(friendship: {
  readonly followedUser: string;
  readonly followingUser: string;
}): Key {
  return { [PK]: `${USER}${friendship.followedUser}`, [SK]: `${FRIEND}${friendship.followingUser}` };
}

/** The entities of the model. */
export type EntityName = "user" | "photo" | "reaction" | "friendship";

/** Which entity an item is, by its key alone; undefined for a key that none of them has. */
export function entityOf(key: Readonly<Record<string, unknown>>): EntityName | undefined {
  const [partition, sort] = [String(key[PK]), String(key[SK])];
  if (partition.startsWith(REACTION)) return sort.startsWith(PHOTO) ? "reaction" : undefined;
  if (!partition.startsWith(USER)) return undefined;
  if (sort.startsWith(METADATA)) return "user";
  if (sort.startsWith(PHOTO)) return "photo";
  return sort.startsWith(FRIEND) ? "friendship" : undefined;
}

/** How the keys of the entities begin that change in place: profiles and photos. */
export const CHANGING_KEY_PREFIXES = { [PK]: [USER], [SK]: [METADATA, PHOTO] } as const;

/** Whose photo a {@link photoReference} names; undefined where it names none. */
export function photoOwner(photo: string): string | undefined {
  const end = photo.lastIndexOf("#");
  return photo.startsWith(PHOTO) && end > PHOTO.length ? photo.slice(PHOTO.length, end) : undefined;
}

/** A user's profile, then the photos, oldest first: profile and photos are neighbours in the item collection. */
export function userAndPhotosRange(username: string): KeyRange {
  const { [PK]: partition, [SK]: metadata } = userKey({ username });
  return {
    partitionKey: { name: PK, value: partition },
    sortKey: { name: SK, from: metadata, to: AFTER_PHOTOS },
  };
}

/** A user's photos, oldest first. */
export function photosRange(username: string): KeyRange {
  return {
    partitionKey: { name: PK, value: `${USER}${username}` },
    sortKey: { name: SK, beginsWith: `${PHOTO}${username}#` },
  };
}

/** A photo's reactions, then the photo itself; backwards, the photo comes first. */
export function photoAndReactionsRange(photo: string): KeyRange {
  return {
    index: INVERTED_INDEX,
    partitionKey: { name: SK, value: photo },
    sortKey: { name: PK, from: REACTION, to: AFTER_USERS },
  };
}

/** The friendships in which a user is followed. */
export function followersRange(username: string): KeyRange {
  return {
    partitionKey: { name: PK, value: `${USER}${username}` },
    sortKey: { name: SK, beginsWith: FRIEND },
  };
}

/** The friendships in which a user follows. */
export function followingRange(username: string): KeyRange {
  return { index: INVERTED_INDEX, partitionKey: { name: SK, value: `${FRIEND}${username}` } };
}

/** The condition that an item exists. */
export const EXISTS = `attribute_exists(${PK})`;
/** The condition that no item has this key. */
export const IS_NEW = `attribute_not_exists(${PK})`;

/** Whether an item has exactly this primary key. */
export function isKeyOf(item: Readonly<Record<string, unknown>>, key: Key): boolean {
  return KEY_NAMES.every((name) => item[name] === key[name]);
}
