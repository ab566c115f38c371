/** The option of the commands that read or write much of a table. */
export const RATE_OPTION = {
  type: "string",
  array: true,
  describe:
    "at most so much: 500wcu, 200rcu, 50% of the table's capacity, or none; give it again for the other",
  requiresArg: true,
} as const;
