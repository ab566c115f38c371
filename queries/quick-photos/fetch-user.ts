import { defineAccessPattern, getItem, getRequest } from "tablewright/query";
import { z } from "zod";
import { readUser, type User, userText } from "./entities.ts";
import { username } from "./inputs.ts";
import { userKey } from "./keys.ts";
import { UserNotFoundError } from "./refusals.ts";

/** The rest of a profile, one attribute a line. */
function profileLines({ username: _username, name: _name, ...rest }: User): string[] {
  return Object.entries(rest).map(
    ([attribute, value]) => `  ${attribute}: ${Array.isArray(value) ? value.join(", ") : value}`,
  );
}

/** Reads one profile. */
export const fetchUser = defineAccessPattern({
  id: "fetch-user",
  title: "Fetch a user",
  description: "The profile of one user, with follower counts. Refuses a user who does not exist.",
  kind: "read",
  operations: ["GetItem"],
  keyCondition: "PK = USER#<username>, SK = #METADATA#<username>",
  budget: { requests: 1, readUnits: 0.5 },
  growth: "constant",
  input: z.strictObject({ username: username.describe("whose profile") }),
  params: (input, table) => getRequest(userKey(input), table),
  async run(database, { username }) {
    const item = await getItem(database, userKey({ username }));
    if (!item) throw new UserNotFoundError(username);
    return { user: readUser(item) };
  },
  text: ({ user }) => [userText(user), ...profileLines(user)],
});
