import type { ReadCheck } from "tablewright/query";
import type { User } from "../entities.ts";
import { fetchUser } from "../fetch-user.ts";
import { userOf } from "./entities-of.ts";
import { rowsOf, userInputs, usernameIn } from "./inputs.ts";
import type { Source } from "./source.ts";

/** One profile with true counters, or the refusal of an unknown user. */
export const fetchUserCheck: ReadCheck<Source> = {
  kind: "read",
  pattern: fetchUser,
  inputs: (source, random, count) => userInputs(source, random, count, "profile", () => 1),
  expected(source, input) {
    const user = userOf(source, usernameIn(input));
    return user ? rowsOf("ordered", [user]) : { kind: "refusal", code: "user-not-found" };
  },
  rows: (result) => [(result as { user: User }).user],
};
