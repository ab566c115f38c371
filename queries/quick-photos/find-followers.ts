import { defineAccessPattern, queryPages } from "tablewright/query";
import { z } from "zod";
import { friendshipText, readFriendship } from "./entities.ts";
import { nextPageLines, pageFields, username } from "./inputs.ts";
import { followersRange } from "./keys.ts";

const id = "find-followers";

/** Reads who follows a user. */
export const findFollowers = defineAccessPattern({
  id,
  title: "Find followers of a user",
  description: "The friendships in which a user is followed, by the follower's name.",
  kind: "read",
  operations: ["Query"],
  keyCondition: "PK = USER#<username>, SK begins_with #FRIEND#",
  input: z.strictObject({ username: username.describe("who is followed"), ...pageFields }),
  async run(database, input) {
    const range = followersRange(input.username);
    const { items, cursor } = await queryPages(database, { pattern: id, input, range });
    return { followers: items.map(readFriendship), cursor };
  },
  text: (result, { username }) => [
    `Followers of ${username}:`,
    ...result.followers.map(friendshipText),
    ...nextPageLines(result),
  ],
});
