import { defineAccessPattern, type PagedQuery, queryPages, queryRequest } from "tablewright/query";
import { z } from "zod";
import { photoText, readPhoto } from "./entities.ts";
import { nextPageLines, pageFieldsWithDefault, username } from "./inputs.ts";
import { photosRange } from "./keys.ts";

const id = "recent-photos";

const input = z.strictObject({ username: username.describe("whose photos"), ...pageFieldsWithDefault(20) });

/** What it is given, defaults filled in. */
type Input = z.output<typeof input>;

const query = (input: Input): PagedQuery => ({
  pattern: id,
  input,
  range: photosRange(input.username),
  descending: true,
});

/** Reads a user's photos, newest first, a page at a time. */
export const recentPhotos = defineAccessPattern({
  id,
  title: "Recent photos of a user",
  description: "A page of the photos of one user, most recent first; none where there is no such user.",
  kind: "read",
  operations: ["Query"],
  keyCondition: "PK = USER#<username>, SK begins_with PHOTO#<username>#, backwards",
  budget: { requests: 1, readUnits: 2 },
  growth: "page",
  input,
  params: (input, table) => queryRequest(query(input), table),
  async run(database, input) {
    const { items, cursor } = await queryPages(database, query(input));
    return { photos: items.map(readPhoto), cursor };
  },
  text: (result, { username, cursor }) => {
    if (result.photos.length > 0) return [...result.photos.map(photoText), ...nextPageLines(result)];
    return [cursor === undefined ? `No photos of ${username}` : `No more photos of ${username}`];
  },
});
