import type { ReadCheck } from "tablewright/query";
import type { Friendship } from "../entities.ts";
import { findFollowing } from "../find-following.ts";
import { followCounts } from "./counts.ts";
import { followingOf } from "./entities-of.ts";
import { type ByUsername, rowsOf, userInputs } from "./inputs.ts";
import type { Source } from "./source.ts";

/** The friendships in which a user follows, by the followed user's name. */
export const findFollowingCheck: ReadCheck<Source, ByUsername> = {
  kind: "read",
  pattern: findFollowing,
  inputs: (source, random, count) =>
    userInputs(source, random, count, "followed", (username) => followCounts(source, username).following),
  expected: (source, { username }) => rowsOf("ordered", followingOf(source, username)),
  rows: (result) => (result as { following: Friendship[] }).following,
  nextCursor: (result) => (result as { cursor?: string }).cursor,
};
