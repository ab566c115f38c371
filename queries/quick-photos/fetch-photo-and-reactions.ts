import { defineAccessPattern, type PagedQuery, queryPages, queryRequest } from "tablewright/query";
import { z } from "zod";
import { type Photo, photoText, type Reaction, reactionText, readPhoto, readReaction } from "./entities.ts";
import { nextPageLines, pageFields, timestamp, username } from "./inputs.ts";
import { INVERTED_INDEX, isKeyOf, photoAndReactionsRange, photoKey, photoReference } from "./keys.ts";
import { PhotoNotFoundError } from "./refusals.ts";

const id = "fetch-photo-and-reactions";

const input = z.strictObject({
  username: username.describe("whose photo"),
  timestamp: timestamp.describe("which photo: its timestamp"),
  ...pageFields,
});

/** What it is given, defaults filled in. */
type Input = z.output<typeof input>;

const query = (input: Input): PagedQuery => ({
  pattern: id,
  input,
  range: photoAndReactionsRange(photoReference(input)),
  descending: true,
  leading: 1,
});

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
  budget: { requests: 1, readUnits: 2 },
  growth: "linear",
  input,
  params: (input, table) => queryRequest(query(input), table),
  async run(database, input): Promise<PhotoAndReactions> {
    const { items, cursor } = await queryPages(database, query(input));
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
