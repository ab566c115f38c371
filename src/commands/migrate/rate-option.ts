import type { RateLimit } from "../../dynamo/pace/rate-limit.ts";

/** The option of the commands that run migrations. */
export const RATE_OPTION = {
  type: "string",
  array: true,
  describe:
    "at most so much: 500wcu, 200rcu, 50% of the table's capacity, or none; give it again for the other",
  requiresArg: true,
} as const;

/** The rate that was asked for; undefined where none was. */
export async function rateOf(words: readonly string[] | undefined): Promise<RateLimit | undefined> {
  if (words === undefined) return undefined;
  const { parseRate } = await import("../../dynamo/pace/rate-limit.ts");
  return parseRate(words);
}
