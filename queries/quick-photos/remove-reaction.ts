import {
  defineAccessPattern,
  isMissingPathError,
  MalformedItemError,
  transactRequest,
} from "tablewright/query";
import { z } from "zod";
import { RECOUNT_MARK, type ReactionType } from "./entities.ts";
import { reactionType, timestamp, username } from "./inputs.ts";
import { EXISTS, type Key, photoKey, photoReference, reactionKey } from "./keys.ts";
import { NotReactedError } from "./refusals.ts";
import { type CountedItem, type CountingItem, deleteCounted, deletion } from "./uncounting.ts";

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

const input = z.strictObject({
  reactingUser: username.describe("who had reacted"),
  reactionType: reactionType.describe("the kind of reaction"),
  photoUser: username.describe("whose photo"),
  photoTimestamp: timestamp.describe("which photo: its timestamp"),
});

/** What it is given, defaults filled in. */
type Input = z.output<typeof input>;

/** The reaction and its photo's key. */
function reactionOf({ reactingUser, reactionType, photoUser, photoTimestamp }: Input) {
  const photoId = { username: photoUser, timestamp: photoTimestamp };
  const reaction = { reactingUser, photo: photoReference(photoId), reactionType };
  return { reaction, key: photoKey(photoId) };
}

function counted({ reaction, key }: ReturnType<typeof reactionOf>): CountedItem {
  const { reactingUser, reactionType, photo } = reaction;
  return {
    key: reactionKey(reaction),
    countedOn: [counterOf(key, reactionType)],
    notFound: () => new NotReactedError(reactingUser, reactionType, photo),
  };
}

/** Removes a reaction and takes it from the photo's counter, in one transaction. */
export const removeReaction = defineAccessPattern({
  id: "remove-reaction",
  title: "Remove a reaction from a photo",
  description:
    "Removes a reaction and takes it from the photo's counter, in one transaction. Refuses where there is no such reaction; one whose photo is gone goes too.",
  kind: "write",
  operations: ["TransactWriteItems"],
  keyCondition: "PK = REACTION#<reactingUser>#<reactionType>, SK = PHOTO#<photoUser>#<photoTimestamp>",
  budget: { requests: 1 },
  growth: "constant",
  input,
  params: (input, table) => transactRequest(deletion(counted(reactionOf(input))), table),
  async run(database, input) {
    const removed = reactionOf(input);
    try {
      await deleteCounted(database, counted(removed));
    } catch (error) {
      if (!isMissingPathError(error)) throw error;
      throw new MalformedItemError("Photo", removed.key, ["reactions: is not a map of counters"]);
    }
    return { reaction: removed.reaction };
  },
  text: ({ reaction }) => [`Removed ${reaction.reactionType} reaction from ${reaction.reactingUser}`],
});
