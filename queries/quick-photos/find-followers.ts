import { defineAccessPattern, type PagedQuery, queryPages, queryRequest } from "tablewright/query";
import { z } from "zod";
import { friendshipText, readFriendship } from "./entities.ts";
import { nextPageLines, pageFields, username } from "./inputs.ts";
import { followersRange } from "./keys.ts";

const id = "find-followers";

const input = z.strictObject({ username: username.describe("who is followed"), ...pageFields });

/** What it is given, defaults filled in. */
type Input = z.output<typeof input>;

const query = (input: Input): PagedQuery => ({
  pattern: id,
  input,
  range: followersRange(input.username),
});

/** Reads who follows a user. */
export const findFollowers = defineAccessPattern({
  id,
  title: "Find followers of a user",
  description: "The friendships in which a user is followed, by the follower's name.",
  kind: "read",
  operations: ["Query"],
  keyCondition: "PK = USER#<username>, SK begins_with #FRIEND#",
  budget: { requests: 1, readUnits: 2 },
  growth: "linear",
  input,
  params: (input, table) => queryRequest(query(input), table),
  async run(database, input) {
    const { items, cursor } = await queryPages(database, query(input));
    return { followers: items.map(readFriendship), cursor };
  },
  text: (result, { username }) => [
    `Followers of ${username}:`,
    ...result.followers.map(friendshipText),
    ...nextPageLines(result),
  ],
});
