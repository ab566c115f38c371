import { defineAccessPattern, type PagedQuery, queryPages, queryRequest } from "tablewright/query";
import { z } from "zod";
import { type Photo, photoText, readPhoto, readUser, type User, userText } from "./entities.ts";
import { nextPageLines, pageFields, username } from "./inputs.ts";
import { isKeyOf, userAndPhotosRange, userKey } from "./keys.ts";
import { UserNotFoundError } from "./refusals.ts";

const id = "fetch-user-and-photos";

const input = z.strictObject({ username: username.describe("whose profile and photos"), ...pageFields });

/** What it is given, defaults filled in. */
type Input = z.output<typeof input>;

const query = (input: Input): PagedQuery => ({
  pattern: id,
  input,
  range: userAndPhotosRange(input.username),
  leading: 1,
});

/** A profile and photos; a page after the first has photos only. */
export interface UserAndPhotos {
  readonly user?: User;
  readonly photos: Photo[];
  readonly cursor?: string | undefined;
}

/** Reads a profile and its photos in one Query. */
export const fetchUserAndPhotos = defineAccessPattern({
  id,
  title: "Fetch a user and the photos",
  description:
    "The profile of one user and the photos, oldest first, in one Query. The limit counts photos; the profile is on the first page. Refuses a user who does not exist.",
  kind: "read",
  operations: ["Query"],
  keyCondition: "PK = USER#<username>, SK between #METADATA#<username> and PHOTO$",
  budget: { requests: 1, readUnits: 2 },
  growth: "linear",
  input,
  params: (input, table) => queryRequest(query(input), table),
  async run(database, input): Promise<UserAndPhotos> {
    const { items, cursor } = await queryPages(database, query(input));
    if (input.cursor !== undefined) return { photos: items.map(readPhoto), cursor };
    const [profile, ...photos] = items;
    if (!profile || !isKeyOf(profile, userKey(input))) throw new UserNotFoundError(input.username);
    return { user: readUser(profile), photos: photos.map(readPhoto), cursor };
  },
  text: (result) => [
    ...(result.user ? [userText(result.user)] : []),
    ...result.photos.map(photoText),
    ...nextPageLines(result),
  ],
});
