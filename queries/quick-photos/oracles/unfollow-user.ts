import type { CheckInput, PlainItem, WriteCheck } from "tablewright/query";
import type { Friendship, User } from "../entities.ts";
import { unfollowUser } from "../unfollow-user.ts";
import { A_FEW, allAtOnce, crowdOf, renamed, withCrowd } from "./crowd.ts";
import { userNamed } from "./groups.ts";
import { required, unknownUser } from "./inputs.ts";
import { isOf, parseSource, type Source } from "./source.ts";

type Pair = Pick<Friendship, "followedUser" | "followingUser">;

const isPair = (a: Pair, b: Pair) => a.followedUser === b.followedUser && a.followingUser === b.followingUser;
const concerns = (name: unknown, pair: Pair | undefined) =>
  name === pair?.followedUser || name === pair?.followingUser;

/** The counters of a user less what a friendship stands for in them. */
function less<Of extends { readonly username?: unknown }>(user: Of & Partial<User>, pair: Pair): Of {
  const { followers = 0, following = 0 } = user;
  if (user.username === pair.followedUser) return { ...user, followers: followers - 1 };
  return user.username === pair.followingUser ? { ...user, following: following - 1 } : user;
}

/**
 * Makes one friendship old, unmarked and not in the counters, as before its migration; and takes the followed
 * user of another away. The first friendship stays as it is.
 */
function withOldFriendships(items: readonly PlainItem[]): readonly PlainItem[] {
  const [first, old, ...others] = parseSource(items).friendships;
  const outlived = others.find(
    ({ followedUser }) => ![first, old].some((pair) => concerns(followedUser, pair)),
  );
  return items
    .filter((item) => !isOf("users", item) || item.username !== (outlived?.followedUser ?? ""))
    .map((item) => {
      if (!old) return item;
      if (isOf("users", item)) return less(item, old);
      const isOld = isOf("friendships", item) && isPair(item, old);
      return isOld ? { ...item, counted: undefined } : item;
    });
}

const hasUsers = (source: Source, { followedUser, followingUser }: Pair) =>
  [followedUser, followingUser].every((name) => userNamed(source, name));

/** Has a crowd follow a user who is followed already: the friendships are copies of the one there is. */
function withCrowdOfFollowers(items: readonly PlainItem[]): readonly PlainItem[] {
  const source = parseSource(items);
  const counted = (item: PlainItem): item is PlainItem & Source["friendships"][number] =>
    isOf("friendships", item) &&
    item.counted === true &&
    item.followedUser !== item.followingUser &&
    hasUsers(source, item);
  const pair = required(items.filter(counted), "friendship that is counted");
  const crowd = new Set(crowdOf(source));
  const followed = withCrowd(items).map((item) => {
    if (!isOf("users", item)) return item;
    if (crowd.has(item.username)) return { ...item, following: 1 };
    const isFollowed = item.username === pair.followedUser;
    return isFollowed ? { ...item, followers: (item.followers ?? 0) + crowd.size } : item;
  });
  const friendships = [...crowd].map((name) => renamed(pair, new Map([[pair.followingUser, name]])));
  return [...followed, ...friendships];
}

/** A friendship goes, and both counters if they include it; what is not there is refused and changes nothing. */
export const unfollowUserCheck: WriteCheck<Source, Pair> = {
  kind: "write",
  pattern: unfollowUser,
  prepare: withOldFriendships,
  cases(source, random) {
    const unfollow = (
      name: string,
      { followedUser, followingUser }: Pair,
      empty = false,
    ): CheckInput<Pair> => ({ name, input: { followedUser, followingUser }, empty });
    const { friendships } = source;
    const counted = friendships.filter((friendship) => friendship.counted && hasUsers(source, friendship));
    const pair = required(random.sample(counted, 1), "friendship that is counted");
    return [
      unfollow(`${pair.followingUser} unfollows ${pair.followedUser}`, pair),
      ...friendships
        .filter((friendship) => !friendship.counted)
        .map((old) => unfollow("a friendship that no counter includes", old)),
      ...random
        .sample(
          friendships.filter((friendship) => !hasUsers(source, friendship)),
          1,
        )
        .map((outlived) => unfollow("a friendship with a user who is gone", outlived)),
      unfollow("the same once more", pair, true),
      unfollow("a user who does not exist", { ...pair, followedUser: unknownUser(source) }, true),
      unfollow("oneself", { ...pair, followedUser: pair.followingUser }, true),
    ];
  },
  expected(source, pair) {
    const friendship = source.friendships.find((candidate) => isPair(candidate, pair));
    if (!friendship) return { kind: "refusal", code: "not-following" };
    const friendships = source.friendships.filter((candidate) => candidate !== friendship);
    const users = friendship.counted ? source.users.map((user) => less(user, pair)) : source.users;
    return { kind: "done", source: { ...source, friendships, users } };
  },
  contention: {
    prepare: withCrowdOfFollowers,
    groups(source) {
      const crowd = new Set(crowdOf(source));
      const pairs = source.friendships
        .filter(({ followingUser }) => crowd.has(followingUser))
        .map(({ followedUser, followingUser }) => ({ followedUser, followingUser }));
      const pair = required(pairs, "crowd of followers");
      return [
        { name: "one friendship ends", inputs: allAtOnce(pair, A_FEW) },
        { name: `${A_FEW} users unfollow ${pair.followedUser}`, inputs: pairs.slice(1, 1 + A_FEW) },
      ];
    },
  },
};
