import { defineAccessPattern, type TransactAction, transactWrite } from "tablewright/query";
import { z } from "zod";
import { COUNTED, type Friendship, friendshipItem, RECOUNT_MARK } from "./entities.ts";
import { now, timestamp, username } from "./inputs.ts";
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

/** Makes a friendship and counts it on both users, in one transaction. */
export const followUser = defineAccessPattern({
  id: "follow-user",
  title: "Follow a user",
  description:
    "Makes one user follow another and counts it on both, in one transaction. Refuses following oneself, following twice, and users who do not exist.",
  kind: "write",
  operations: ["TransactWriteItems"],
  keyCondition: "PK = USER#<followedUser>, SK = #FRIEND#<followingUser>",
  input: z.strictObject({
    followedUser: username.describe("who is followed"),
    followingUser: username.describe("who follows"),
    timestamp: timestamp.optional().describe("when, in UTC; default: now"),
  }),
  async run(database, input) {
    const { followedUser, followingUser } = input;
    if (followedUser === followingUser) throw new CannotFollowOneselfError(followingUser);
    const friendship: Friendship = { followedUser, followingUser, timestamp: input.timestamp ?? now() };
    await transactWrite(
      database,
      {
        friendship: {
          Put: { Item: { ...friendshipItem(friendship), ...COUNTED }, ConditionExpression: IS_NEW },
        },
        followed: countOn(followedUser, "followers"),
        following: countOn(followingUser, "following"),
      },
      (failed) => {
        const missing: string[] = [];
        if (failed.has("followed")) missing.push(followedUser);
        if (failed.has("following")) missing.push(followingUser);
        return missing.length > 0
          ? new UserNotFoundError(...missing)
          : new AlreadyFollowingError(followedUser, followingUser);
      },
    );
    return { friendship };
  },
  text: ({ friendship }) => [
    `User ${friendship.followingUser} is now following user ${friendship.followedUser}`,
  ],
});
