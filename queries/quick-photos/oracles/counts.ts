import type { Photo } from "../entities.ts";
import { followedBy, followsOf, reactionsOn } from "./groups.ts";
import type { Source } from "./source.ts";

/** The reactions there are, spelled here again: an oracle takes no values from what it judges. */
export const REACTION_TYPES = ["+1", "smiley", "sunglasses", "heart"] as const;

/** How often each reaction was given: every type has its count, if only 0. */
export type Counts = Record<(typeof REACTION_TYPES)[number], number>;

/** A user's counters, counted from the friendships. */
export function followCounts(source: Source, username: string): { followers: number; following: number } {
  return { followers: followedBy(source, username).length, following: followsOf(source, username).length };
}

/** A photo's counters, counted from the reactions. */
export function reactionCounts(source: Source, photo: Pick<Photo, "username" | "timestamp">): Counts {
  const counts: Counts = { "+1": 0, smiley: 0, sunglasses: 0, heart: 0 };
  for (const { reactionType } of reactionsOn(source, photo)) counts[reactionType] += 1;
  return counts;
}
