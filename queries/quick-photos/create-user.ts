import { defineAccessPattern, type TransactActions, transactRequest, transactWrite } from "tablewright/query";
import { z } from "zod";
import { type User, userItem, userText } from "./entities.ts";
import { username } from "./inputs.ts";
import { IS_NEW } from "./keys.ts";
import { profileFields } from "./profile-fields.ts";
import { UserExistsError } from "./refusals.ts";

const input = z.strictObject({
  username: username.describe("the new user's name, for good"),
  ...profileFields,
});

/** What it is given, defaults filled in. */
type Input = z.output<typeof input>;

const userOf = (input: Input): User => ({ ...input, followers: 0, following: 0 });

const actions = (user: User) =>
  ({ user: { Put: { Item: userItem(user), ConditionExpression: IS_NEW } } }) satisfies TransactActions;

/** Makes a user whose counters stand at 0. */
export const createUser = defineAccessPattern({
  id: "create-user",
  title: "Create a user",
  description:
    "Makes a user with a profile, no followers and nobody followed. Refuses a username that is taken.",
  kind: "write",
  operations: ["TransactWriteItems"],
  keyCondition: "PK = USER#<username>, SK = #METADATA#<username>",
  budget: { requests: 1 },
  growth: "constant",
  input,
  params: (input, table) => transactRequest(actions(userOf(input)), table),
  async run(database, input) {
    const user = userOf(input);
    // A transaction of one: its token keeps a lost answer that is asked for again from reading as "exists".
    await transactWrite(database, actions(user), () => new UserExistsError(user.username));
    return { user };
  },
  text: ({ user }) => [`Created ${userText(user)}`],
});
