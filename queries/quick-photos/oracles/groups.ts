import type { Photo } from "../entities.ts";
import type { Source } from "./source.ts";

/** The records of a source by what they are asked for. */
interface Groups {
  readonly user: ReadonlyMap<string, Source["users"]>;
  readonly photos: ReadonlyMap<string, Source["photos"]>;
  readonly reactions: ReadonlyMap<string, Source["reactions"]>;
  readonly followers: ReadonlyMap<string, Source["friendships"]>;
  readonly following: ReadonlyMap<string, Source["friendships"]>;
}

function groupBy<T>(elements: readonly T[], keyOf: (element: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const element of elements) {
    const group = groups.get(keyOf(element));
    if (group) group.push(element);
    else groups.set(keyOf(element), [element]);
  }
  return groups;
}

const known = new WeakMap<Source, Groups>();

function groupsOf(source: Source): Groups {
  const groups = known.get(source) ?? {
    user: groupBy(source.users, ({ username }) => username),
    photos: groupBy(source.photos, ({ username }) => username),
    reactions: groupBy(source.reactions, ({ photo }) => photo),
    followers: groupBy(source.friendships, ({ followedUser }) => followedUser),
    following: groupBy(source.friendships, ({ followingUser }) => followingUser),
  };
  known.set(source, groups);
  return groups;
}

/** How a reaction names its photo. */
export const photoName = ({ username, timestamp }: Pick<Photo, "username" | "timestamp">): string =>
  `PHOTO#${username}#${timestamp}`;

/** The user of a name. */
export const userNamed = (source: Source, username: string) => groupsOf(source).user.get(username)?.[0];

/** The photos of a user, in no order. */
export const photosBy = (source: Source, username: string) => groupsOf(source).photos.get(username) ?? [];

/** The reactions to a photo, in no order. */
export const reactionsOn = (source: Source, photo: Pick<Photo, "username" | "timestamp">) =>
  groupsOf(source).reactions.get(photoName(photo)) ?? [];

/** The friendships in which a user is followed, in no order. */
export const followedBy = (source: Source, username: string) =>
  groupsOf(source).followers.get(username) ?? [];

/** The friendships in which a user follows, in no order. */
export const followsOf = (source: Source, username: string) => groupsOf(source).following.get(username) ?? [];
