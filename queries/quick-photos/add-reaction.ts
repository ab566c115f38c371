import {
  type Database,
  defineAccessPattern,
  type FailedConditions,
  isMissingPathError,
  MalformedItemError,
  type TransactAction,
  transactWrite,
} from "tablewright/query";
import { z } from "zod";
import { COUNTED, NO_REACTIONS, RECOUNT_MARK, type Reaction, reactionItem } from "./entities.ts";
import { now, reactionType, timestamp, username } from "./inputs.ts";
import { EXISTS, IS_NEW, type Key, photoKey, photoReference, userKey } from "./keys.ts";
import { AlreadyReactedError, PhotoNotFoundError, UserNotFoundError } from "./refusals.ts";

/** A photo's counters can be there or not; when they come and go meanwhile, a few turns settle it. */
const MAX_TURNS = 10;

const input = z.strictObject({
  reactingUser: username.describe("who reacts"),
  reactionType: reactionType.describe("the kind of reaction"),
  photoUser: username.describe("whose photo"),
  photoTimestamp: timestamp.describe("which photo: its timestamp"),
  timestamp: timestamp.optional().describe("when, in UTC; default: now"),
});

/** The photo got its counters after this request had found it without. */
class CountersAppearedError extends Error {}

type Counting = Extract<TransactAction, { Update: unknown }>;

/** Adds 1 inside the photo's counters, and fails on the path where it has none. */
const countInside = (key: Key, { reactionType }: Reaction): Counting => ({
  Update: {
    Key: key,
    UpdateExpression: `SET reactions.#type = if_not_exists(reactions.#type, :zero) + :one REMOVE ${RECOUNT_MARK}`,
    ConditionExpression: EXISTS,
    ExpressionAttributeNames: { "#type": reactionType },
    ExpressionAttributeValues: { ":zero": 0, ":one": 1 },
  },
});

/** Gives the photo its counters, this reaction counted: one expression cannot make a map and add inside it. */
const countFirst = (key: Key, { reactionType }: Reaction): Counting => ({
  Update: {
    Key: key,
    UpdateExpression: `SET reactions = :counts REMOVE ${RECOUNT_MARK}`,
    ConditionExpression: `${EXISTS} AND attribute_not_exists(reactions)`,
    ExpressionAttributeValues: { ":counts": { ...NO_REACTIONS, [reactionType]: 1 } },
  },
});

type Failed = FailedConditions<"reaction" | "photo" | "reactingUser">;

function explain(failed: Failed, reaction: Reaction, photoUser: string, photoTimestamp: string): Error {
  if (failed.has("reactingUser")) return new UserNotFoundError(reaction.reactingUser);
  if (failed.has("photo") && !failed.get("photo")) return new PhotoNotFoundError(photoUser, photoTimestamp);
  if (failed.has("reaction")) {
    return new AlreadyReactedError(reaction.reactingUser, reaction.reactionType, reaction.photo);
  }
  return new CountersAppearedError();
}

async function addCounted(database: Database, reaction: Reaction, photo: z.output<typeof input>) {
  const { photoUser, photoTimestamp } = photo;
  const key = photoKey({ username: photoUser, timestamp: photoTimestamp });
  const write = (counting: Counting) =>
    transactWrite(
      database,
      {
        reaction: { Put: { Item: { ...reactionItem(reaction), ...COUNTED }, ConditionExpression: IS_NEW } },
        photo: counting,
        reactingUser: {
          ConditionCheck: { Key: userKey({ username: reaction.reactingUser }), ConditionExpression: EXISTS },
        },
      },
      (failed) => explain(failed, reaction, photoUser, photoTimestamp),
    );
  for (let turn = 0; turn < MAX_TURNS; turn += 1) {
    try {
      return await write(turn % 2 === 0 ? countInside(key, reaction) : countFirst(key, reaction));
    } catch (error) {
      if (!isMissingPathError(error) && !(error instanceof CountersAppearedError)) throw error;
    }
  }
  throw new MalformedItemError("Photo", key, ["reactions: is not a map of counters"]);
}

/** Adds a reaction and counts it on the photo, in one transaction. */
export const addReaction = defineAccessPattern({
  id: "add-reaction",
  title: "Add a reaction to a photo",
  description:
    "Adds a reaction and counts it on the photo, in one transaction. Refuses a user or a photo that does not exist, and a reaction given before.",
  kind: "write",
  operations: ["TransactWriteItems"],
  keyCondition: "PK = REACTION#<reactingUser>#<reactionType>, SK = PHOTO#<photoUser>#<photoTimestamp>",
  input,
  async run(database, input) {
    const { reactingUser, reactionType, photoUser, photoTimestamp } = input;
    const photo = photoReference({ username: photoUser, timestamp: photoTimestamp });
    const reaction: Reaction = { reactingUser, photo, reactionType, timestamp: input.timestamp ?? now() };
    await addCounted(database, reaction, input);
    return { reaction };
  },
  text: ({ reaction }) => [`Added ${reaction.reactionType} reaction from ${reaction.reactingUser}`],
});
