import {
  defineAccessPattern,
  type TransactAction,
  type TransactActions,
  transactRequest,
  transactWrite,
} from "tablewright/query";
import { z } from "zod";
import { COUNTED, type Friendship, friendshipItem, RECOUNT_MARK } from "./entities.ts";
import { username, whenOf } from "./inputs.ts";
import { EXISTS, IS_NEW, userKey } from "./keys.ts";
import { AlreadyFollowingError, CannotFollowOneselfError, UserNotFoundError } from "./refusals.ts";

/** Adds 1 to a counter of a user who exists; ADD starts a counter that is not there at 0. */
const countOn = (username: string, counter: "followers" | "following"): TransactAction => ({
  Update: {
    Key: userKey({ username }),
    UpdateExpression: `ADD #counter :one REMOVE ${RECOUNT_MARK}`,
    ConditionExpression: EXISTS,
    ExpressionAttributeNames: { "#counter": counter },
    ExpressionAttributeValues: { ":one": 1 },
  },
});

const actions = (friendship: Friendship) =>
  ({
    friendship: { Put: { Item: { ...friendshipItem(friendship), ...COUNTED }, ConditionExpression: IS_NEW } },
    followed: countOn(friendship.followedUser, "followers"),
    following: countOn(friendship.followingUser, "following"),
  }) satisfies TransactActions;

/** Makes a friendship and counts it on both users, in one transaction. */
export const followUser = defineAccessPattern({
  id: "follow-user",
  title: "Follow a user",
  description:
    "Makes one user follow another and counts it on both, in one transaction. Refuses following oneself, following twice, and users who do not exist.",
  kind: "write",
  operations: ["TransactWriteItems"],
  keyCondition: "PK = USER#<followedUser>, SK = #FRIEND#<followingUser>",
  budget: { requests: 1 },
  growth: "constant",
  input: z.strictObject({
    followedUser: username.describe("who is followed"),
    followingUser: username.describe("who follows"),
    timestamp: whenOf("when"),
  }),
  params: (friendship, table) => transactRequest(actions(friendship), table),
  async run(database, friendship) {
    const { followedUser, followingUser } = friendship;
    if (followedUser === followingUser) throw new CannotFollowOneselfError(followingUser);
    await transactWrite(database, actions(friendship), (failed) => {
      const missing: string[] = [];
      if (failed.has("followed")) missing.push(followedUser);
      if (failed.has("following")) missing.push(followingUser);
      return missing.length > 0
        ? new UserNotFoundError(...missing)
        : new AlreadyFollowingError(followedUser, followingUser);
    });
    return { friendship };
  },
  text: ({ friendship }) => [
    `User ${friendship.followingUser} is now following user ${friendship.followedUser}`,
  ],
});
