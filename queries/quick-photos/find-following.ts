import { defineAccessPattern, queryPages } from "tablewright/query";
import { z } from "zod";
import { friendshipText, readFriendship } from "./entities.ts";
import { nextPageLines, pageFields, username } from "./inputs.ts";
import { followingRange, INVERTED_INDEX } from "./keys.ts";

const id = "find-following";

/** Reads whom a user follows. */
export const findFollowing = defineAccessPattern({
  id,
  title: "Find whom a user follows",
  description: "The friendships in which a user follows, by the followed user's name.",
  kind: "read",
  index: INVERTED_INDEX,
  operations: ["Query"],
  keyCondition: "SK = #FRIEND#<username>",
  input: z.strictObject({ username: username.describe("who follows"), ...pageFields }),
  async run(database, input) {
    const range = followingRange(input.username);
    const { items, cursor } = await queryPages(database, { pattern: id, input, range });
    return { following: items.map(readFriendship), cursor };
  },
  text: (result, { username }) => [
    `Users followed by ${username}:`,
    ...result.following.map(friendshipText),
    ...nextPageLines(result),
  ],
});
