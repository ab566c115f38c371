import { defineAccessPattern, transactRequest } from "tablewright/query";
import { z } from "zod";
import { type Friendship, RECOUNT_MARK } from "./entities.ts";
import { username } from "./inputs.ts";
import { EXISTS, friendshipKey, userKey } from "./keys.ts";
import { NotFollowingError } from "./refusals.ts";
import { type CountedItem, type CountingItem, deleteCounted, deletion } from "./uncounting.ts";

/** Takes 1 from counters of a user, as long as there is such a user: a friendship outlives its users. */
const countersOf = (username: string, ...counters: readonly ("followers" | "following")[]): CountingItem => ({
  key: userKey({ username }),
  countable: EXISTS,
  subtraction: {
    UpdateExpression: `ADD ${counters.map((counter) => `${counter} :minusOne`).join(", ")} REMOVE ${RECOUNT_MARK}`,
    ExpressionAttributeValues: { ":minusOne": -1 },
  },
});

/** A friendship by its two users. */
type Friends = Pick<Friendship, "followedUser" | "followingUser">;

const counted = ({ followedUser, followingUser }: Friends): CountedItem => ({
  key: friendshipKey({ followedUser, followingUser }),
  countedOn:
    // A transaction may touch an item once; follow-user makes no such friendship, old data may hold one.
    followedUser === followingUser
      ? [countersOf(followedUser, "followers", "following")]
      : [countersOf(followedUser, "followers"), countersOf(followingUser, "following")],
  notFound: () => new NotFollowingError(followedUser, followingUser),
});

/** Removes a friendship and takes it from both users' counters, in one transaction. */
export const unfollowUser = defineAccessPattern({
  id: "unfollow-user",
  title: "Unfollow a user",
  description:
    "Makes one user stop following another and takes it from the counters of both, in one transaction. Refuses where there is no such friendship; one whose users are gone goes too.",
  kind: "write",
  operations: ["TransactWriteItems"],
  keyCondition: "PK = USER#<followedUser>, SK = #FRIEND#<followingUser>",
  budget: { requests: 1 },
  growth: "constant",
  input: z.strictObject({
    followedUser: username.describe("who is followed"),
    followingUser: username.describe("who follows"),
  }),
  params: (friendship, table) => transactRequest(deletion(counted(friendship)), table),
  async run(database, friendship) {
    await deleteCounted(database, counted(friendship));
    return { friendship };
  },
  text: ({ friendship }) => [
    `User ${friendship.followingUser} is no longer following user ${friendship.followedUser}`,
  ],
});
