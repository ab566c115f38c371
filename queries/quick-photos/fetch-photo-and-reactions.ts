import { defineAccessPattern, queryPages } from "tablewright/query";
import { z } from "zod";
import { type Photo, photoText, type Reaction, reactionText, readPhoto, readReaction } from "./entities.ts";
import { nextPageLines, pageFields, timestamp, username } from "./inputs.ts";
import { INVERTED_INDEX, isKeyOf, photoAndReactionsRange, photoKey, photoReference } from "./keys.ts";
import { PhotoNotFoundError } from "./refusals.ts";

const id = "fetch-photo-and-reactions";

/** A photo and reactions; a page after the first has reactions only. */
export interface PhotoAndReactions {
  readonly photo?: Photo;
  readonly reactions: Reaction[];
  readonly cursor?: string | undefined;
}

/** Reads a photo and its reactions in one Query. */
export const fetchPhotoAndReactions = defineAccessPattern({
  id,
  title: "Fetch a photo and its reactions",
  description:
    "One photo, then its reactions by reacting user and type, last first, in one Query. The limit counts reactions; the photo is on the first page. Refuses a photo that does not exist.",
  kind: "read",
  index: INVERTED_INDEX,
  operations: ["Query"],
  keyCondition: "SK = PHOTO#<username>#<timestamp>, PK between REACTION# and USER$, backwards",
  input: z.strictObject({
    username: username.describe("whose photo"),
    timestamp: timestamp.describe("which photo: its timestamp"),
    ...pageFields,
  }),
  async run(database, input): Promise<PhotoAndReactions> {
    const range = photoAndReactionsRange(photoReference(input));
    const page = await queryPages(database, { pattern: id, input, range, descending: true, leading: 1 });
    const { items, cursor } = page;
    if (input.cursor !== undefined) return { reactions: items.map(readReaction), cursor };
    const [photo, ...reactions] = items;
    if (!photo || !isKeyOf(photo, photoKey(input))) {
      throw new PhotoNotFoundError(input.username, input.timestamp);
    }
    return { photo: readPhoto(photo), reactions: reactions.map(readReaction), cursor };
  },
  text: (result) => [
    ...(result.photo ? [photoText(result.photo)] : []),
    ...result.reactions.map(reactionText),
    ...nextPageLines(result),
  ],
});
