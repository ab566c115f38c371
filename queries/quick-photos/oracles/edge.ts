import type { PlainItem } from "tablewright/query";
import type { ReactionType } from "../entities.ts";
import { REACTION_TYPES } from "./counts.ts";
import { required } from "./inputs.ts";
import { migrated } from "./scratch.ts";
import { isOf, parseSource } from "./source.ts";

/** Eight photos with so long a location are more than 1 MB, in one item collection. */
const LONG_LOCATIONS = 8;
const LONG_LOCATION = "somewhere ".repeat(18_000);

/** More than a BatchGetItem takes at once. */
const MANY_USERS = 130;

// In UTF-8 the emoji comes behind the tilde, in UTF-16 before it; the last one is the last character there is.
const TILDE = "\uff5ewave";
const EMOJI = "\u{1f600}smile";
const LAST = "\u{10ffff}";

const NAMES = ["zo\u00eb", "\u540d\u524d", TILDE, EMOJI, LAST] as const;

/** The first and the last time that a photo can have been taken. */
const FIRST_TIME = "0001-01-01T00:00:00";
const LAST_TIME = "9999-12-31T23:59:59.999999";

/** Replaces words wherever they stand in an item's texts, its keys among them, all at once. */
function renamed(item: PlainItem, words: Readonly<Record<string, string>>): PlainItem {
  const escaped = Object.keys(words).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const pattern = new RegExp(escaped.sort((a, b) => b.length - a.length).join("|"), "g");
  const rename = (text: string) => text.replace(pattern, (word) => words[word] ?? word);
  return Object.fromEntries(
    Object.entries(item).map(([name, value]) => [name, typeof value === "string" ? rename(value) : value]),
  );
}

/** Makes items like those of the source: an oracle knows no keys, but what stands in them. */
function templates(items: readonly PlainItem[]) {
  const text = (item: PlainItem, name: string) => String(item[name]);
  const differ = (...words: string[]) =>
    words.every((word, place) => words.every((other, at) => at === place || !other.includes(word)));
  const first = <T extends PlainItem>(found: T | undefined, what: string) =>
    required(found ? [found] : [], what);
  const user = first(
    items.find((item) => isOf("users", item)),
    "user",
  );
  const photo = first(
    items.find((item) => isOf("photos", item)),
    "photo",
  );
  const friendship = first(
    items.find(
      (item) => isOf("friendships", item) && differ(text(item, "followedUser"), text(item, "followingUser")),
    ),
    "friendship",
  );
  const photos = items.filter((item) => isOf("photos", item));
  const found = items.flatMap((item) => {
    if (!isOf("reactions", item)) return [];
    const of = photos.find((one) => text(item, "photo") === text(one, "SK"));
    const words = of && [item.reactingUser, item.reactionType, text(of, "username"), text(of, "timestamp")];
    return words && differ(...words) ? [{ item, words }] : [];
  });
  const reaction = required(found, "reaction");
  return {
    user: (username: string): PlainItem => ({
      ...renamed({ PK: user.PK, SK: user.SK }, { [text(user, "username")]: username }),
      username,
      name: `The user ${username}`,
      email: "edge@example.com",
    }),
    photo: (username: string, timestamp: string, location?: string): PlainItem => {
      const words = { [text(photo, "username")]: username, [text(photo, "timestamp")]: timestamp };
      return {
        ...renamed({ PK: photo.PK, SK: photo.SK }, words),
        username,
        timestamp,
        ...(location !== undefined && { location }),
      };
    },
    friendship: (followedUser: string, followingUser: string): PlainItem =>
      renamed(friendship, {
        [text(friendship, "followedUser")]: followedUser,
        [text(friendship, "followingUser")]: followingUser,
      }),
    reaction: (reactingUser: string, type: ReactionType, owner: string, timestamp: string): PlainItem => {
      const [user = "", kind = "", photoUser = "", time = ""] = reaction.words;
      // The time of the reaction itself may begin as the photo's does.
      const { timestamp: when, ...others } = reaction.item as PlainItem;
      const words = { [user]: reactingUser, [kind]: type, [photoUser]: owner, [time]: timestamp };
      return { ...renamed(others, words), timestamp: when };
    },
  };
}

/**
 * A table at the edges: a user with more than 1 MB of photos, one who follows 130 others of whom one is gone, users
 * and reactions with names in every script, the first and last times, and users with one of everything and with none.
 */
export function edgeItems(items: readonly PlainItem[]): PlainItem[] {
  const make = templates(items);
  const crowd = Array.from({ length: MANY_USERS }, (_, place) => `crowd-${String(place).padStart(3, "0")}`);
  const users = ["album", "follower", "single", "lonely", ...NAMES, ...crowd];
  const album = Array.from({ length: LONG_LOCATIONS }, (_, place) =>
    make.photo("album", `2020-01-0${place + 1}T00:00:00`, LONG_LOCATION),
  );
  const edges = [
    ...users.map(make.user),
    ...album,
    make.photo("single", "2020-01-01T00:00:00"),
    ...NAMES.flatMap((name) => [make.photo(name, FIRST_TIME, name), make.photo(name, LAST_TIME, "the end")]),
    ...crowd.map((name) => make.friendship(name, "follower")),
    make.friendship("gone", "follower"),
    // Whose profile is gone has followers only: theirs is the last sort key of the item collection.
    ...NAMES.map((name) => make.friendship("gone", name)),
    make.friendship("single", "lonely"),
    ...NAMES.flatMap((name) => [make.friendship(EMOJI, name), make.friendship(name, EMOJI)]).filter(
      ({ followedUser, followingUser }) => followedUser !== followingUser,
    ),
    ...NAMES.flatMap((name) => REACTION_TYPES.map((type) => make.reaction(name, type, EMOJI, LAST_TIME))),
    make.reaction("single", "heart", "single", "2020-01-01T00:00:00"),
  ];
  // Each of them once, as a table holds them.
  const distinct = [...new Map(edges.map((item) => [JSON.stringify([item.PK, item.SK]), item])).values()];
  const source = parseSource(distinct);
  return distinct.map((item) => migrated(source, item));
}
