import type { PlainItem, Random } from "tablewright/query";
import { followCounts, reactionCounts } from "./counts.ts";
import { photoName, photosBy, reactionsOn } from "./groups.ts";
import { kindOf, parseSource, type Source } from "./source.ts";

/** How many users a scratch table has besides those that come with its first photo, and photos of each. */
const MORE_USERS = 4;
const REACTING_USERS = 4;
const PHOTOS_EACH = 3;
/** One friendship as it should be, one from before the migrations, one whose user is gone: for unfollow-user. */
const FRIENDSHIPS = 3;

/** The photo with the most reactions: its owner and some who react come into the scratch table. */
function busiestPhoto(source: Source) {
  const sizes = source.photos.map((photo) => ({ photo, size: reactionsOn(source, photo).length }));
  return sizes.sort((a, b) => b.size - a.size)[0]?.photo;
}

/** A few users who have to do with one another. */
function chooseUsers(source: Source, random: Random): Set<string> {
  const chosen = new Set<string>();
  const busiest = busiestPhoto(source);
  if (busiest) {
    chosen.add(busiest.username);
    const reacting = new Set(reactionsOn(source, busiest).map(({ reactingUser }) => reactingUser));
    for (const name of random.sample([...reacting], REACTING_USERS)) chosen.add(name);
  }
  for (const { followedUser, followingUser } of random.sample(source.friendships, FRIENDSHIPS)) {
    chosen.add(followedUser).add(followingUser);
  }
  for (const { username } of random.sample(source.users, MORE_USERS)) chosen.add(username);
  return chosen;
}

/** The first photos of each chosen user, the busiest photo among them. */
function choosePhotos(source: Source, users: ReadonlySet<string>): Set<string> {
  const chosen = new Set<string>();
  const busiest = busiestPhoto(source);
  if (busiest) chosen.add(photoName(busiest));
  for (const username of users) {
    for (const photo of photosBy(source, username).slice(0, PHOTOS_EACH)) chosen.add(photoName(photo));
  }
  return chosen;
}

/** Whether an item belongs to the chosen users and photos, with everything that it refers to. */
function belongs(item: PlainItem, users: ReadonlySet<unknown>, photos: ReadonlySet<unknown>): boolean {
  switch (kindOf(item)) {
    case "users":
      return users.has(item.username);
    case "photos":
      return photos.has(photoName(item as { username: string; timestamp: string }));
    case "reactions":
      return users.has(item.reactingUser) && photos.has(item.photo);
    case "friendships":
      return users.has(item.followedUser) && users.has(item.followingUser);
  }
}

/** An item as it is when every migration has run: counters on users and photos, the mark on what they count. */
export function migrated(source: Source, item: PlainItem): PlainItem {
  switch (kindOf(item)) {
    case "users":
      return { ...item, ...followCounts(source, String(item.username)) };
    case "photos": {
      const photo = item as { username: string; timestamp: string };
      return { ...item, reactions: reactionCounts(source, photo) };
    }
    case "reactions":
    case "friendships":
      return { ...item, counted: true };
  }
}

/** A small closed part of the source, with its own true counters. */
export function scratchItems(items: readonly PlainItem[], random: Random): PlainItem[] {
  const source = parseSource(items);
  const users = chooseUsers(source, random);
  const photos = choosePhotos(source, users);
  const chosen = items.filter((item) => belongs(item, users, photos));
  const part = parseSource(chosen);
  return chosen.map((item) => migrated(part, item));
}
