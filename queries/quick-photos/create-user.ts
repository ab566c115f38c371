import { defineAccessPattern, transactWrite } from "tablewright/query";
import { z } from "zod";
import { type User, userItem, userText } from "./entities.ts";
import { username } from "./inputs.ts";
import { IS_NEW } from "./keys.ts";
import { profileFields } from "./profile-fields.ts";
import { UserExistsError } from "./refusals.ts";

/** Makes a user whose counters stand at 0. */
export const createUser = defineAccessPattern({
  id: "create-user",
  title: "Create a user",
  description:
    "Makes a user with a profile, no followers and nobody followed. Refuses a username that is taken.",
  kind: "write",
  operations: ["TransactWriteItems"],
  keyCondition: "PK = USER#<username>, SK = #METADATA#<username>",
  input: z.strictObject({
    username: username.describe("the new user's name, for good"),
    ...profileFields,
  }),
  async run(database, input) {
    const user: User = { ...input, followers: 0, following: 0 };
    // A transaction of one: its token keeps a lost answer that is asked for again from reading as "exists".
    await transactWrite(
      database,
      { user: { Put: { Item: userItem(user), ConditionExpression: IS_NEW } } },
      () => new UserExistsError(user.username),
    );
    return { user };
  },
  text: ({ user }) => [`Created ${userText(user)}`],
});
