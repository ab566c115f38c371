import type { Invariant, InvariantBreach } from "tablewright/query";
import { followCounts, REACTION_TYPES, reactionCounts } from "./counts.ts";
import { photoName } from "./groups.ts";
import type { Source } from "./source.ts";

/** Where a counter is not what was counted: a counter that is not there is none of 0. */
function differing(
  of: string,
  expected: Readonly<Record<string, number>>,
  actual: Readonly<Record<string, unknown>>,
): InvariantBreach[] {
  return Object.entries(expected)
    .filter(([counter, count]) => actual[counter] !== count)
    .map(([counter, count]) => ({ what: `${counter} of ${of}`, expected: count, actual: actual[counter] }));
}

/** The counters of every user and photo, counted again from the friendships and reactions there are. */
export const invariants: readonly Invariant<Source>[] = [
  {
    id: "follow-counts",
    title: "Each user's counters are the friendships there are",
    check: (source) =>
      source.users.flatMap(({ username, followers, following }) =>
        differing(username, followCounts(source, username), { followers, following }),
      ),
  },
  {
    id: "reaction-counts",
    title: "Each photo's counters are the reactions there are",
    check: (source) =>
      source.photos.flatMap((photo) => {
        const unknown = Object.keys(photo.reactions ?? {}).filter(
          (type) => !REACTION_TYPES.some((known) => known === type),
        );
        return [
          ...differing(photoName(photo), reactionCounts(source, photo), photo.reactions ?? {}),
          ...unknown.map((type) => ({
            what: `${type} of ${photoName(photo)}`,
            expected: "no such type",
            actual: "one",
          })),
        ];
      }),
  },
];
