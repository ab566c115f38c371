import { z } from "zod";
import { REACTION_TYPES } from "./entities.ts";

// "#" separates the parts of a key: in a name it would make one user's key read as another's.
const USERNAME = /^[^#\s\p{Cc}\p{Cs}]+$/u;
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?$/;

/** Whether a date of the calendar and a time of the day: 2019-02-30 is none. */
function isRealTime(text: string): boolean {
  const seconds = text.slice(0, 19);
  const date = new Date(`${seconds}Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(seconds);
}

/** A username: a part of keys, so without the character that separates their parts. */
export const username = z
  .string()
  .min(1, "must not be empty")
  .max(128, "must have at most 128 characters")
  .regex(USERNAME, 'must not contain "#", spaces or control characters');

/** A time in UTC without a zone, as the model's sort keys hold it: so text order is time order. */
export const timestamp = z
  .string()
  .regex(TIMESTAMP, "must be a time in UTC such as 2019-04-14T08:09:34")
  .refine(isRealTime, "is not a time of the calendar");

export const reactionType = z.enum(REACTION_TYPES, `must be one of ${REACTION_TYPES.join(", ")}`);

const limit = z.int("must be a whole number").min(1, "must be at least 1").max(1000, "must be at most 1000");

/** The two fields of every pattern with pages. */
export const pageFields = {
  limit: limit.optional().describe("how many on one page; without it, all of them"),
  cursor: z.string().optional().describe("go on where a page ended: the cursor it printed"),
};

/** The page fields of a pattern that shows one page unless asked for another size. */
export const pageFieldsWithDefault = (size: number) => ({
  ...pageFields,
  limit: limit.default(size).describe("how many on one page"),
});

/** The present time in UTC, to the second, as the model spells it. */
const now = (): string => new Date().toISOString().slice(0, 19);

/** When something happens: now, where the input does not say. @param what for `--help`, such as "when" */
export const whenOf = (what: string) => timestamp.default(now).describe(`${what}, in UTC; default: now`);

/** The line under a page that is not the last; none under the last. */
export const nextPageLines = ({ cursor }: { readonly cursor?: string | undefined }): string[] =>
  cursor === undefined ? [] : [`next page: --cursor ${cursor}`];
