import {
  type AttributeUpdate,
  defineAccessPattern,
  updateAttributes,
  updateRequest,
} from "tablewright/query";
import { z } from "zod";
import { readUser, userText } from "./entities.ts";
import { username } from "./inputs.ts";
import { EXISTS, userKey } from "./keys.ts";
import { OPTIONAL_PROFILE_FIELDS, profileFields } from "./profile-fields.ts";
import { UserNotFoundError } from "./refusals.ts";

const unsettable = z.enum(
  OPTIONAL_PROFILE_FIELDS,
  `can only be one of ${OPTIONAL_PROFILE_FIELDS.join(", ")}`,
);

const input = z
  .strictObject({
    username: username.describe("whose profile"),
    set: z
      .strictObject(profileFields)
      .partial()
      .default({})
      .describe(`attributes to set: ${Object.keys(profileFields).join(", ")}`),
    unset: z
      .array(unsettable)
      .default([])
      .describe(`attributes to remove: ${OPTIONAL_PROFILE_FIELDS.join(", ")}`),
  })
  .refine(
    ({ set, unset }) => Object.keys(set).length + unset.length > 0,
    "nothing to change: give set or unset",
  )
  .refine(({ set, unset }) => new Set(unset).size === unset.length && !unset.some((name) => name in set), {
    path: ["unset"],
    message: "names an attribute twice, or one that is also set",
  });

/** What it is given, defaults filled in. */
type Input = z.output<typeof input>;

const update = ({ username, set, unset }: Input): AttributeUpdate => ({
  key: userKey({ username }),
  set,
  unset,
  condition: EXISTS,
});

/** Changes named attributes of a profile. */
export const updateUser = defineAccessPattern({
  id: "update-user",
  title: "Update a user",
  description:
    "Sets and removes the named attributes of a profile and touches no other. Keys and counters cannot be changed. Refuses a user who does not exist.",
  kind: "write",
  operations: ["UpdateItem"],
  keyCondition: "PK = USER#<username>, SK = #METADATA#<username>",
  budget: { requests: 1 },
  growth: "constant",
  input,
  params: (input, table) => updateRequest(update(input), table),
  async run(database, input) {
    const item = await updateAttributes(database, update(input), () => new UserNotFoundError(input.username));
    return { user: readUser(item) };
  },
  text: ({ user }) => [`Updated ${userText(user)}`],
});
