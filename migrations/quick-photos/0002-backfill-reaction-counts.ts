import { backfill, counter, defineMigration } from "tablewright/migrate";

const photos = { PK: { beginsWith: "USER#" }, SK: { beginsWith: "PHOTO#" } };
const noReactions = { "+1": 0, smiley: 0, sunglasses: 0, heart: 0 };

/** `PHOTO#<username>#<timestamp>`, the sort key of a photo and of its reactions. */
const ownerOf = (photo: string) => photo.slice("PHOTO#".length, photo.lastIndexOf("#"));

export default defineMigration({
  id: "0002-backfill-reaction-counts",
  description: "Counts each photo's reactions by type, from the reactions there are",
  steps: [
    backfill({ id: "start-at-zero", where: photos, set: { reactions: noReactions }, undo: "remove" }),
    counter({
      id: "count-reactions",
      members: { PK: { beginsWith: "REACTION#" }, SK: { beginsWith: "PHOTO#" } },
      mark: "counted",
      recount: "recount",
      on: photos,
      attributes: ["reactions"],
      initial: { reactions: noReactions },
      counts: (reaction) => {
        const photo = String(reaction.SK);
        const key = { PK: `USER#${ownerOf(photo)}`, SK: photo };
        return [{ key, path: ["reactions", String(reaction.reactionType)] }];
      },
    }),
  ],
});
