import { defineAccessPattern, type TransactActions, transactRequest, transactWrite } from "tablewright/query";
import { z } from "zod";
import { NO_REACTIONS, type Photo, photoItem, photoText } from "./entities.ts";
import { username, whenOf } from "./inputs.ts";
import { EXISTS, IS_NEW, userKey } from "./keys.ts";
import { PhotoExistsError, UserNotFoundError } from "./refusals.ts";

const input = z.strictObject({
  username: username.describe("whose photo"),
  timestamp: whenOf("when it was taken"),
  location: z.string().min(1, "must not be empty").optional().describe("where it was taken"),
});

/** What it is given, defaults filled in. */
type Input = z.output<typeof input>;

const photoOf = (input: Input): Photo => ({ ...input, reactions: NO_REACTIONS });

const actions = (photo: Photo) =>
  ({
    photo: { Put: { Item: photoItem(photo), ConditionExpression: IS_NEW } },
    user: { ConditionCheck: { Key: userKey(photo), ConditionExpression: EXISTS } },
  }) satisfies TransactActions;

/** Makes a photo whose counters stand at 0. */
export const uploadPhoto = defineAccessPattern({
  id: "upload-photo",
  title: "Upload a photo",
  description:
    "Adds a photo of a user, without reactions. Refuses a user who does not exist, and a timestamp that the user has a photo of.",
  kind: "write",
  operations: ["TransactWriteItems"],
  keyCondition: "PK = USER#<username>, SK = PHOTO#<username>#<timestamp>",
  budget: { requests: 1 },
  growth: "constant",
  input,
  params: (input, table) => transactRequest(actions(photoOf(input)), table),
  async run(database, input) {
    const photo = photoOf(input);
    await transactWrite(database, actions(photo), (failed) =>
      failed.has("user")
        ? new UserNotFoundError(photo.username)
        : new PhotoExistsError(photo.username, photo.timestamp),
    );
    return { photo };
  },
  text: ({ photo }) => [`Uploaded ${photoText(photo)}`],
});
