import {
  batchGetAll,
  defineAccessPattern,
  type PagedQuery,
  queryPages,
  queryRequest,
} from "tablewright/query";
import { z } from "zod";
import { readFriendship, readUser, type User, userText } from "./entities.ts";
import { nextPageLines, pageFields, username } from "./inputs.ts";
import { followingRange, INVERTED_INDEX, userKey } from "./keys.ts";

const id = "find-and-enrich-following";

const input = z.strictObject({ username: username.describe("who follows"), ...pageFields });

/** What it is given, defaults filled in. */
type Input = z.output<typeof input>;

const query = (input: Input): PagedQuery => ({
  pattern: id,
  input,
  range: followingRange(input.username),
});

/** The profiles of followed users, and the usernames of those that have none. */
export interface EnrichedFollowing {
  readonly following: User[];
  /** Followed users whose profile is gone. */
  readonly missingProfiles: string[];
  readonly cursor?: string | undefined;
}

/** Reads whom a user follows, with their profiles. */
export const findAndEnrichFollowing = defineAccessPattern({
  id,
  title: "Find whom a user follows, with profiles",
  description:
    "The profiles of the users whom a user follows, by name. A followed user whose profile is gone is reported.",
  kind: "read",
  index: INVERTED_INDEX,
  operations: ["Query", "BatchGetItem"],
  keyCondition: "SK = #FRIEND#<username>; then the keys of the profiles",
  budget: { requests: 2, readUnits: 60 },
  growth: "linear",
  input,
  params: (input, table) => queryRequest(query(input), table),
  async run(database, input): Promise<EnrichedFollowing> {
    const { items, cursor } = await queryPages(database, query(input));
    const names = items.map((item) => readFriendship(item).followedUser);
    const profiles = await batchGetAll(
      database,
      names.map((username) => userKey({ username })),
    );
    return {
      following: profiles.filter((profile) => profile !== undefined).map(readUser),
      missingProfiles: names.filter((_, index) => profiles[index] === undefined),
      cursor,
    };
  },
  text: (result, { username }) => [
    `Users followed by ${username}:`,
    ...result.following.map(userText),
    ...result.missingProfiles.map((name) => `no profile: ${name}`),
    ...nextPageLines(result),
  ],
});
