import type { ReadCheck } from "tablewright/query";
import type { Friendship } from "../entities.ts";
import { findFollowers } from "../find-followers.ts";
import { followCounts } from "./counts.ts";
import { followersOf } from "./entities-of.ts";
import { type ByUsername, rowsOf, userInputs } from "./inputs.ts";
import type { Source } from "./source.ts";

/** The friendships in which a user is followed, by the follower's name. */
export const findFollowersCheck: ReadCheck<Source, ByUsername> = {
  kind: "read",
  pattern: findFollowers,
  inputs: (source, random, count) =>
    userInputs(source, random, count, "followers", (username) => followCounts(source, username).followers),
  expected: (source, { username }) => rowsOf("ordered", followersOf(source, username)),
  rows: (result) => (result as { followers: Friendship[] }).followers,
  nextCursor: (result) => (result as { cursor?: string }).cursor,
};
