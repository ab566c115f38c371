import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { expect, test } from "vitest";
import { readFriendship } from "../../queries/quick-photos/entities.ts";
import { findFollowers } from "../../queries/quick-photos/find-followers.ts";
import { followersRange } from "../../queries/quick-photos/keys.ts";
import type { Database } from "../../src/query/access-pattern.ts";
import { queryPages } from "../../src/query/query-pages.ts";
import { damagedCursors } from "../../src/verify/cursors/wrong-cursors.ts";
import { createRandom } from "../../src/verify/random.ts";
import { fileTable, resultOf, verifyTable, withPattern } from "./quick-photos.ts";

const { items, table } = await fileTable();
const selected = ["find-followers", "find-following", "recent-photos"];

interface Asked {
  readonly username: string;
  readonly limit?: number;
  readonly cursor?: string;
}

test("every paged pattern refuses cursors of others, of other inputs, and damaged ones, before it sends anything", async () => {
  const report = await verifyTable(table, { items, selected, inputCount: 2 });
  expect(report.passed).toBe(3);
  // Two of other patterns, one of another input, 14 damaged.
  for (const id of selected) expect(resultOf(report, id).refusedCursors).toBe(17);
  const damaged = damagedCursors("abcdefgh", createRandom(1));
  expect(new Set(damaged.map(({ cursor }) => cursor))).not.toContain("abcdefgh");
});

const FORGIVING = [
  {
    what: "begins again at a cursor that it does not know",
    run: (database: Database, input: Asked) =>
      findFollowers
        .run(database, input as never)
        .catch(() => findFollowers.run(database, { ...input, cursor: undefined } as never)),
    message: /^a cursor .* must be refused with invalid-cursor, and it was answered/,
  },
  {
    what: "takes the cursor of any input",
    run: async (database: Database, { username, limit, cursor: given }: Asked) => {
      const range = followersRange(username);
      const query = { pattern: "find-followers", range, input: { limit, cursor: given } };
      const { items: found, cursor } = await queryPages(database, query);
      return { followers: found.map(readFriendship), cursor };
    },
    message: /^a cursor of another input must be refused with invalid-cursor, and it (failed|was answered)/,
  },
  {
    what: "hands the cursor to DynamoDB",
    run: async (database: Database, { username, limit, cursor }: Asked) => {
      if (limit === undefined) return findFollowers.run(database, { username });
      const { client, table: name } = database;
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          ...(findFollowers.params({ username, limit } as never, name).input as object),
          ExclusiveStartKey:
            cursor === undefined ? undefined : JSON.parse(Buffer.from(cursor, "base64url").toString()),
        } as never),
      );
      const next = LastEvaluatedKey && Buffer.from(JSON.stringify(LastEvaluatedKey)).toString("base64url");
      return { followers: Items.map(readFriendship), cursor: next };
    },
    message: /^a cursor of another pattern, .* must be refused with invalid-cursor, and it failed: /,
  },
];

test.each(FORGIVING)("red: a pattern that $what", async ({ run, message }) => {
  const querySet = withPattern(findFollowers, { run: run as never });
  const report = await verifyTable(table, { items, querySet, selected, inputCount: 2 });
  expect(resultOf(report, "find-followers")).toMatchObject({
    status: "fail",
    message: expect.stringMatching(message),
  });
  expect(report).toMatchObject({ passed: 2, failed: 1 });
});
