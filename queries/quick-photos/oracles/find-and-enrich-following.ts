import { compareUtf8, type ReadCheck } from "tablewright/query";
import type { User } from "../entities.ts";
import { type EnrichedFollowing, findAndEnrichFollowing } from "../find-and-enrich-following.ts";
import { followCounts } from "./counts.ts";
import { followingOf, userOf } from "./entities-of.ts";
import { type ByUsername, exampleUsers, rowsOf, userInputs } from "./inputs.ts";
import type { Source } from "./source.ts";

/** A followed user: with the profile, or reported as gone. */
interface Followed {
  readonly username: string;
  readonly profile: User | undefined;
}

/** Merges two lists, each as it came: where one of them is out of order, so is the result. */
function merge(profiles: readonly Followed[], gone: readonly Followed[]): Followed[] {
  const merged: Followed[] = [];
  const waiting = [...gone];
  for (const followed of profiles) {
    while (waiting[0] && compareUtf8(waiting[0].username, followed.username) < 0) {
      merged.push(...waiting.splice(0, 1));
    }
    merged.push(followed);
  }
  return [...merged, ...waiting];
}

/** The followed users by name, each with the profile; one whose profile is gone is reported. */
export const findAndEnrichFollowingCheck: ReadCheck<Source, ByUsername> = {
  kind: "read",
  pattern: findAndEnrichFollowing,
  // Of a user who follows nobody any more the answer has no rows.
  examples: (source) =>
    exampleUsers(source, "haroldwatkins").filter(
      ({ input }) => followingOf(source, input.username).length > 0,
    ),
  inputs: (source, random, count) =>
    userInputs(source, random, count, "followed", (username) => followCounts(source, username).following),
  expected(source, { username }) {
    const names = followingOf(source, username).map(({ followedUser }) => followedUser);
    const followed = names.map((username) => ({ username, profile: userOf(source, username) }));
    return rowsOf("ordered", followed);
  },
  rows(result) {
    const { following, missingProfiles } = result as EnrichedFollowing;
    return merge(
      following.map((profile) => ({ username: profile.username, profile })),
      missingProfiles.map((username) => ({ username, profile: undefined })),
    );
  },
  nextCursor: (result) => (result as EnrichedFollowing).cursor,
};
