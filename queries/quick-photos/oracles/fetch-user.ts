import type { ReadCheck } from "tablewright/query";
import type { User } from "../entities.ts";
import { fetchUser } from "../fetch-user.ts";
import { userOf } from "./entities-of.ts";
import { type ByUsername, rowsOf, userInputs } from "./inputs.ts";
import type { Source } from "./source.ts";

/** One profile with true counters, or the refusal of an unknown user. */
export const fetchUserCheck: ReadCheck<Source, ByUsername> = {
  kind: "read",
  pattern: fetchUser,
  inputs: (source, random, count) => userInputs(source, random, count, "profile", () => 1),
  expected(source, { username }) {
    const user = userOf(source, username);
    return user ? rowsOf("ordered", [user]) : { kind: "refusal", code: "user-not-found" };
  },
  rows: (result) => [(result as { user: User }).user],
};
