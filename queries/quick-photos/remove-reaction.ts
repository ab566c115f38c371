import { defineAccessPattern, isMissingPathError, MalformedItemError } from "tablewright/query";
import { z } from "zod";
import { RECOUNT_MARK, type ReactionType } from "./entities.ts";
import { reactionType, timestamp, username } from "./inputs.ts";
import { EXISTS, type Key, photoKey, photoReference, reactionKey } from "./keys.ts";
import { NotReactedError } from "./refusals.ts";
import { type CountingItem, deleteCounted } from "./uncounting.ts";

/** Takes 1 from a photo's counter; a photo that is gone, or has no counters, has nothing to subtract from. */
const counterOf = (key: Key, reactionType: ReactionType): CountingItem => ({
  key,
  countable: `${EXISTS} AND attribute_exists(reactions)`,
  subtraction: {
    UpdateExpression: `SET reactions.#type = if_not_exists(reactions.#type, :zero) - :one REMOVE ${RECOUNT_MARK}`,
    ExpressionAttributeNames: { "#type": reactionType },
    ExpressionAttributeValues: { ":zero": 0, ":one": 1 },
  },
});

/** Removes a reaction and takes it from the photo's counter, in one transaction. */
export const removeReaction = defineAccessPattern({
  id: "remove-reaction",
  title: "Remove a reaction from a photo",
  description:
    "Removes a reaction and takes it from the photo's counter, in one transaction. Refuses where there is no such reaction; one whose photo is gone goes too.",
  kind: "write",
  operations: ["TransactWriteItems"],
  keyCondition: "PK = REACTION#<reactingUser>#<reactionType>, SK = PHOTO#<photoUser>#<photoTimestamp>",
  input: z.strictObject({
    reactingUser: username.describe("who had reacted"),
    reactionType: reactionType.describe("the kind of reaction"),
    photoUser: username.describe("whose photo"),
    photoTimestamp: timestamp.describe("which photo: its timestamp"),
  }),
  async run(database, { reactingUser, reactionType, photoUser, photoTimestamp }) {
    const photoId = { username: photoUser, timestamp: photoTimestamp };
    const key = photoKey(photoId);
    const reaction = { reactingUser, photo: photoReference(photoId), reactionType };
    try {
      await deleteCounted(database, {
        key: reactionKey(reaction),
        countedOn: [counterOf(key, reactionType)],
        notFound: () => new NotReactedError(reactingUser, reactionType, reaction.photo),
      });
    } catch (error) {
      if (!isMissingPathError(error)) throw error;
      throw new MalformedItemError("Photo", key, ["reactions: is not a map of counters"]);
    }
    return { reaction };
  },
  text: ({ reaction }) => [`Removed ${reaction.reactionType} reaction from ${reaction.reactingUser}`],
});
