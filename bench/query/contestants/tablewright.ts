import querySet from "../../../queries/quick-photos/index.ts";
import { createClient } from "../../../src/dynamo/client.ts";
import { localTarget } from "../../../src/dynamo/target.ts";
import { type AnyAccessPattern, openDatabase } from "../../../src/query/index.ts";
import { PATTERNS, type Runners } from "../patterns.ts";

/** Where each pattern's answer holds its rows. */
const ROWS: Record<string, (answer: never) => readonly unknown[]> = {
  "fetch-user": ({ user }: { user: unknown }) => [user],
  "find-followers": ({ followers }: { followers: unknown[] }) => followers,
  "recent-photos": ({ photos }: { photos: unknown[] }) => photos,
  "find-and-enrich-following": ({ following }: { following: unknown[] }) => following,
};

/** The patterns of queries/quick-photos, input checked each time, as an application runs them. */
export default function open(endpoint: string, table: string): Runners {
  const database = openDatabase(createClient(localTarget(endpoint)).client, table);
  const runners = PATTERNS.map(({ id, input }) => {
    const pattern = querySet.patterns.find((candidate) => candidate.id === id) as AnyAccessPattern;
    const rowsOf = ROWS[id] as (answer: unknown) => readonly unknown[];
    return [id, async () => rowsOf(await pattern.run(database, pattern.input.parse(input)))] as const;
  });
  return Object.fromEntries(runners);
}
