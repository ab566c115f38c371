import type { CheckInput, WriteCheck } from "tablewright/query";
import type { Friendship, User } from "../entities.ts";
import { followUser } from "../follow-user.ts";
import { followCounts } from "./counts.ts";
import { AT_ONCE, allAtOnce, crowdOf, withCrowd } from "./crowd.ts";
import { followsOf, userNamed } from "./groups.ts";
import { required, unknownUser } from "./inputs.ts";
import type { Source } from "./source.ts";

const WHEN = "2019-05-01T12:00:00";

const follows = (source: Source, followingUser: string, followedUser: string) =>
  followsOf(source, followingUser).some((friendship) => friendship.followedUser === followedUser);

/** Pairs of users of whom the second does not follow the first yet. */
function freePairs(source: Source): Omit<Friendship, "timestamp">[] {
  const { users } = source;
  return users.flatMap(({ username: followedUser }) =>
    users
      .map(({ username: followingUser }) => ({ followedUser, followingUser }))
      .filter(
        (pair) => followedUser !== pair.followingUser && !follows(source, pair.followingUser, followedUser),
      ),
  );
}

/** The refusal that an input meets, if any. */
function refusalOf(source: Source, { followedUser, followingUser }: Friendship): string | undefined {
  if (followedUser === followingUser) return "cannot-follow-oneself";
  if (!userNamed(source, followedUser) || !userNamed(source, followingUser)) return "user-not-found";
  return follows(source, followingUser, followedUser) ? "already-following" : undefined;
}

/** The two users of a new friendship get the counters that count it. */
function counted(source: Source, user: User, { followedUser, followingUser }: Friendship): User {
  const { followers, following } = followCounts(source, user.username);
  if (user.username === followedUser) return { ...user, followers };
  return user.username === followingUser ? { ...user, following } : user;
}

/** A friendship, its mark, and both counters in one; each refusal changes nothing. */
export const followUserCheck: WriteCheck<Source, Friendship> = {
  kind: "write",
  pattern: followUser,
  cases(source, random) {
    const [pair, other] = random.sample(freePairs(source), 2);
    const free = required(pair ? [pair] : [], "two users who do not follow each other");
    const old = required(random.sample(source.friendships, 1), "friendship");
    const stranger = unknownUser(source);
    const follow = (
      name: string,
      friendship: Omit<Friendship, "timestamp">,
      empty = false,
    ): CheckInput<Friendship> => ({
      name,
      input: {
        followedUser: friendship.followedUser,
        followingUser: friendship.followingUser,
        timestamp: WHEN,
      },
      empty,
    });
    const { followedUser, followingUser } = free;
    return [
      follow(`${followingUser} follows ${followedUser}`, free),
      ...(other ? [follow(`${other.followingUser} follows ${other.followedUser}`, other)] : []),
      follow("the same once more", free, true),
      follow("a friendship of the source", old, true),
      follow("oneself", { followedUser, followingUser: followedUser }, true),
      follow("a user who does not exist", { followedUser: stranger, followingUser }, true),
      follow("by a user who does not exist", { followedUser, followingUser: stranger }, true),
    ];
  },
  expected(source, friendship) {
    const code = refusalOf(source, friendship);
    if (code) return { kind: "refusal", code };
    const befriended = { ...source, friendships: [...source.friendships, { ...friendship, counted: true }] };
    const users = befriended.users.map((user) => counted(befriended, user, friendship));
    return { kind: "done", source: { ...befriended, users } };
  },
  contention: {
    prepare: withCrowd,
    groups(source, random) {
      const crowd = crowdOf(source);
      const known = source.users.filter(({ username }) => !crowd.includes(username));
      const { username } = required(random.sample(known, 1), "user");
      const followed = { followedUser: username, timestamp: WHEN };
      return [
        {
          name: `${AT_ONCE} users follow ${username}`,
          inputs: crowd.map((followingUser) => ({ ...followed, followingUser })),
        },
        {
          name: "one user follows another",
          inputs: allAtOnce({
            followedUser: required(crowd, "crowd"),
            followingUser: required(crowd.slice(1), "crowd of two"),
            timestamp: WHEN,
          }),
        },
      ];
    },
  },
};
