import {
  type Database,
  defineAccessPattern,
  type FailedConditions,
  isMissingPathError,
  MalformedItemError,
  type TransactAction,
  type TransactActions,
  transactRequest,
  transactWrite,
} from "tablewright/query";
import { z } from "zod";
import { COUNTED, NO_REACTIONS, RECOUNT_MARK, type Reaction, reactionItem } from "./entities.ts";
import { reactionType, timestamp, username, whenOf } from "./inputs.ts";
import { EXISTS, IS_NEW, type Key, photoKey, photoReference, userKey } from "./keys.ts";
import { AlreadyReactedError, PhotoNotFoundError, UserNotFoundError } from "./refusals.ts";

/** A photo's counters can be there or not; when they come and go meanwhile, a few turns settle it. */
const MAX_TURNS = 10;

const input = z.strictObject({
  reactingUser: username.describe("who reacts"),
  reactionType: reactionType.describe("the kind of reaction"),
  photoUser: username.describe("whose photo"),
  photoTimestamp: timestamp.describe("which photo: its timestamp"),
  timestamp: whenOf("when"),
});

/** What it is given, defaults filled in. */
type Input = z.output<typeof input>;

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

/** A reaction, and the key of its photo. */
interface Reacting {
  readonly reaction: Reaction;
  readonly key: Key;
}

function reactingOf(given: Input): Reacting {
  const { reactingUser, reactionType, photoUser, photoTimestamp, timestamp } = given;
  const photoId = { username: photoUser, timestamp: photoTimestamp };
  return {
    reaction: { reactingUser, photo: photoReference(photoId), reactionType, timestamp },
    key: photoKey(photoId),
  };
}

const actions = ({ reaction }: Reacting, counting: Counting) =>
  ({
    reaction: { Put: { Item: { ...reactionItem(reaction), ...COUNTED }, ConditionExpression: IS_NEW } },
    photo: counting,
    reactingUser: {
      ConditionCheck: { Key: userKey({ username: reaction.reactingUser }), ConditionExpression: EXISTS },
    },
  }) satisfies TransactActions;

async function addCounted(database: Database, reacting: Reacting, given: Input) {
  const { reaction, key } = reacting;
  const { photoUser, photoTimestamp } = given;
  const write = (counting: Counting) =>
    transactWrite(database, actions(reacting, counting), (failed) =>
      explain(failed, reaction, photoUser, photoTimestamp),
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
  budget: { requests: 1 },
  growth: "constant",
  input,
  params(input, table) {
    const reacting = reactingOf(input);
    return transactRequest(actions(reacting, countInside(reacting.key, reacting.reaction)), table);
  },
  async run(database, input) {
    const reacting = reactingOf(input);
    await addCounted(database, reacting, input);
    return { reaction: reacting.reaction };
  },
  text: ({ reaction }) => [`Added ${reaction.reactionType} reaction from ${reaction.reactingUser}`],
});
