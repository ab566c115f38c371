import type { ReadCheck } from "tablewright/query";
import type { Photo } from "../entities.ts";
import { recentPhotos } from "../recent-photos.ts";
import { photosOf } from "./entities-of.ts";
import { photosBy } from "./groups.ts";
import { type ByUsername, rowsOf, userInputs } from "./inputs.ts";
import type { Source } from "./source.ts";

/** A user's photos, newest first. */
export const recentPhotosCheck: ReadCheck<Source, ByUsername> = {
  kind: "read",
  pattern: recentPhotos,
  inputs: (source, random, count) =>
    userInputs(source, random, count, "photos", (username) => photosBy(source, username).length),
  expected: (source, { username }) => rowsOf("ordered", photosOf(source, username).reverse()),
  rows: (result) => (result as { photos: Photo[] }).photos,
  nextCursor: (result) => (result as { cursor?: string }).cursor,
};
