import type { ReadCheck } from "tablewright/query";
import type { Photo } from "../entities.ts";
import { fetchPhotoAndReactions, type PhotoAndReactions } from "../fetch-photo-and-reactions.ts";
import { photosOf, reactionsTo } from "./entities-of.ts";
import { reactionsOn } from "./groups.ts";
import { mostAndSample, required, rowsOf, unknownUser } from "./inputs.ts";
import type { Source } from "./source.ts";

type PhotoKey = Pick<Photo, "username" | "timestamp">;

const toInput = ({ username, timestamp }: PhotoKey) => ({ username, timestamp });

/** A photo, then its reactions by reacting user and type, last first. */
export const fetchPhotoAndReactionsCheck: ReadCheck<Source, PhotoKey> = {
  kind: "read",
  pattern: fetchPhotoAndReactions,
  leading: 1,
  inputs(source, random, count) {
    const reactions = (photo: PhotoKey) => reactionsOn(source, photo).length;
    const some = source.photos.filter((photo) => reactions(photo) > 0);
    const none = source.photos.filter((photo) => reactions(photo) === 0);
    const drawn = [...mostAndSample(some, random, count, reactions), ...random.sample(none, 1)];
    const { timestamp } = required(source.photos, "photo");
    return [
      ...drawn.map((photo) => ({
        name: `photo of ${photo.username}, ${photo.timestamp}, ${reactions(photo)} reactions`,
        input: toInput(photo),
      })),
      {
        name: "a photo of a user who does not exist",
        input: { username: unknownUser(source), timestamp },
        empty: true,
      },
    ];
  },
  expected(source, { username, timestamp }) {
    const photo = photosOf(source, username).find((candidate) => candidate.timestamp === timestamp);
    if (!photo) return { kind: "refusal", code: "photo-not-found" };
    const reactions = reactionsTo(source, photo).reverse();
    return rowsOf("ordered", [{ photo }, ...reactions.map((reaction) => ({ reaction }))]);
  },
  rows(result) {
    const { photo, reactions } = result as PhotoAndReactions;
    return [...(photo ? [{ photo }] : []), ...reactions.map((reaction) => ({ reaction }))];
  },
  nextCursor: (result) => (result as PhotoAndReactions).cursor,
};
