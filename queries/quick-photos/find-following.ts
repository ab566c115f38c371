import { defineAccessPattern, type PagedQuery, queryPages, queryRequest } from "tablewright/query";
import { z } from "zod";
import { friendshipText, readFriendship } from "./entities.ts";
import { nextPageLines, pageFields, username } from "./inputs.ts";
import { followingRange, INVERTED_INDEX } from "./keys.ts";

const id = "find-following";

const input = z.strictObject({ username: username.describe("who follows"), ...pageFields });

/** What it is given, defaults filled in. */
type Input = z.output<typeof input>;

const query = (input: Input): PagedQuery => ({
  pattern: id,
  input,
  range: followingRange(input.username),
});

/** Reads whom a user follows. */
export const findFollowing = defineAccessPattern({
  id,
  title: "Find whom a user follows",
  description: "The friendships in which a user follows, by the followed user's name.",
  kind: "read",
  index: INVERTED_INDEX,
  operations: ["Query"],
  keyCondition: "SK = #FRIEND#<username>",
  budget: { requests: 1, readUnits: 2 },
  growth: "linear",
  input,
  params: (input, table) => queryRequest(query(input), table),
  async run(database, input) {
    const { items, cursor } = await queryPages(database, query(input));
    return { following: items.map(readFriendship), cursor };
  },
  text: (result, { username }) => [
    `Users followed by ${username}:`,
    ...result.following.map(friendshipText),
    ...nextPageLines(result),
  ],
});
