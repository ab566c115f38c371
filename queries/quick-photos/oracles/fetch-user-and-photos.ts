import type { ReadCheck } from "tablewright/query";
import { fetchUserAndPhotos, type UserAndPhotos } from "../fetch-user-and-photos.ts";
import { photosOf, userOf } from "./entities-of.ts";
import { photosBy } from "./groups.ts";
import { type ByUsername, exampleUsers, rowsOf, userInputs } from "./inputs.ts";
import type { Source } from "./source.ts";

/** The profile, then the photos, oldest first. */
export const fetchUserAndPhotosCheck: ReadCheck<Source, ByUsername> = {
  kind: "read",
  pattern: fetchUserAndPhotos,
  leading: 1,
  examples: (source) => exampleUsers(source, "jacksonjason"),
  inputs(source, random, count) {
    // A user without photos still has a profile to show: only an unknown user has no rows.
    const withPhotos = userInputs(source, random, count, "photos", (name) => photosBy(source, name).length);
    return withPhotos.map((input) => ({ ...input, empty: !userOf(source, input.input.username) }));
  },
  expected(source, { username }) {
    const user = userOf(source, username);
    if (!user) return { kind: "refusal", code: "user-not-found" };
    return rowsOf("ordered", [{ user }, ...photosOf(source, username).map((photo) => ({ photo }))]);
  },
  rows(result) {
    const { user, photos } = result as UserAndPhotos;
    return [...(user ? [{ user }] : []), ...photos.map((photo) => ({ photo }))];
  },
  nextCursor: (result) => (result as UserAndPhotos).cursor,
};
