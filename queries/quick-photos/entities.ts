import { type ItemReader, type PlainItem, parseItem } from "tablewright/query";
import { z } from "zod";
import { friendshipKey, KEY_NAMES, photoKey, reactionKey, userKey } from "./keys.ts";

/** The reactions a photo can get, in the order in which its counters stand. */
export const REACTION_TYPES = ["+1", "smiley", "sunglasses", "heart"] as const;
export type ReactionType = (typeof REACTION_TYPES)[number];

/** How often each type was given to a photo. */
export type ReactionCounts = Partial<Record<ReactionType, number>>;

/** A map of counters in which nothing has been counted yet. */
export const NO_REACTIONS = { "+1": 0, smiley: 0, sunglasses: 0, heart: 0 } as const satisfies ReactionCounts;

/**
 * The mark on a friendship or reaction whose counters include it: set in the same transaction as the
 * counters, so that a backfill counts each item once. Bookkeeping: entities do not show it.
 */
export const COUNTED_MARK = "counted";
export const COUNTED = { [COUNTED_MARK]: true } as const;

/**
 * Removed by every write to a counter, where it is there: `migrate reconcile` sets it before it counts, and
 * knows by it that nobody has written meanwhile. Bookkeeping: entities do not show it.
 */
export const RECOUNT_MARK = "recount";

const userSchema = z.object({
  username: z.string(),
  name: z.string(),
  email: z.string(),
  birthdate: z.string().optional(),
  address: z.string().optional(),
  status: z.string().optional(),
  interests: z.array(z.string()).optional(),
  pinnedImage: z.string().optional(),
  recommendedFriends: z.array(z.string()).optional(),
  // Absent means "not backfilled yet", which is not the same as 0.
  followers: z.number().optional(),
  following: z.number().optional(),
});

const count = z.number().optional();
// Names and not a record over them: a record's schema takes five times as long to read.
const reactionCounts = z.strictObject({
  "+1": count,
  smiley: count,
  sunglasses: count,
  heart: count,
} satisfies Record<ReactionType, z.ZodType>);

const photoSchema = z.object({
  username: z.string(),
  timestamp: z.string(),
  location: z.string().optional(),
  // Absent means "not backfilled yet".
  reactions: reactionCounts.optional(),
});

const reactionSchema = z.object({
  reactingUser: z.string(),
  /** `PHOTO#<username>#<timestamp>`, as keys.ts spells it. */
  photo: z.string(),
  reactionType: z.enum(REACTION_TYPES),
  timestamp: z.string(),
});

const friendshipSchema = z.object({
  followedUser: z.string(),
  followingUser: z.string(),
  timestamp: z.string(),
});

export type User = z.output<typeof userSchema>;
export type Photo = z.output<typeof photoSchema>;
export type Reaction = z.output<typeof reactionSchema>;
export type Friendship = z.output<typeof friendshipSchema>;

function reader<Schema extends z.ZodType>(entity: string, schema: Schema): ItemReader<Schema> {
  return { entity, schema, keyNames: KEY_NAMES };
}
const userReader = reader("User", userSchema);
const photoReader = reader("Photo", photoSchema);
const reactionReader = reader("Reaction", reactionSchema);
const friendshipReader = reader("Friendship", friendshipSchema);

/** Reads a user's profile from its item. @throws {MalformedItemError} */
export const readUser = (item: PlainItem): User => parseItem(userReader, item);
/** Reads a photo from its item. @throws {MalformedItemError} */
export const readPhoto = (item: PlainItem): Photo => parseItem(photoReader, item);
/** Reads a reaction from its item. @throws {MalformedItemError} */
export const readReaction = (item: PlainItem): Reaction => parseItem(reactionReader, item);
/** Reads a friendship from its item. @throws {MalformedItemError} */
export const readFriendship = (item: PlainItem): Friendship => parseItem(friendshipReader, item);

// Object.assign, for `seed generate`: spreading keys with computed names takes V8 twenty times as long.

/** The item of a user: keys and attributes. */
export const userItem = (user: User) => Object.assign(userKey(user), user);
/** The item of a photo. */
export const photoItem = (photo: Photo) => Object.assign(photoKey(photo), photo);
/** The item of a reaction, without the mark {@link COUNTED}. */
export const reactionItem = (reaction: Reaction) => Object.assign(reactionKey(reaction), reaction);
/** The item of a friendship, without the mark {@link COUNTED}. */
export const friendshipItem = (friendship: Friendship) =>
  Object.assign(friendshipKey(friendship), friendship);

/** A user in one line: `User<jacksonjason -- John Perry>`. */
export const userText = (user: User): string => `User<${user.username} -- ${user.name}>`;
/** A photo in one line: `Photo<jacksonjason -- 2019-03-30T02:28:42>`. */
export const photoText = (photo: Photo): string => `Photo<${photo.username} -- ${photo.timestamp}>`;
/** A reaction in one line: `Reaction<kennedyheather -- PHOTO#david25#2019-03-02T09:11:30 -- +1>`. */
export const reactionText = (reaction: Reaction): string =>
  `Reaction<${reaction.reactingUser} -- ${reaction.photo} -- ${reaction.reactionType}>`;
/** A friendship in one line, the user who is followed first: `Friendship<tmartinez -- john42>`. */
export const friendshipText = (friendship: Friendship): string =>
  `Friendship<${friendship.followedUser} -- ${friendship.followingUser}>`;
