import { defineAccessPattern, transactWrite } from "tablewright/query";
import { z } from "zod";
import { NO_REACTIONS, type Photo, photoItem, photoText } from "./entities.ts";
import { now, timestamp, username } from "./inputs.ts";
import { EXISTS, IS_NEW, userKey } from "./keys.ts";
import { PhotoExistsError, UserNotFoundError } from "./refusals.ts";

/** Makes a photo whose counters stand at 0. */
export const uploadPhoto = defineAccessPattern({
  id: "upload-photo",
  title: "Upload a photo",
  description:
    "Adds a photo of a user, without reactions. Refuses a user who does not exist, and a timestamp that the user has a photo of.",
  kind: "write",
  operations: ["TransactWriteItems"],
  keyCondition: "PK = USER#<username>, SK = PHOTO#<username>#<timestamp>",
  input: z.strictObject({
    username: username.describe("whose photo"),
    timestamp: timestamp.optional().describe("when it was taken, in UTC; default: now"),
    location: z.string().min(1, "must not be empty").optional().describe("where it was taken"),
  }),
  async run(database, input) {
    const photo: Photo = { ...input, timestamp: input.timestamp ?? now(), reactions: NO_REACTIONS };
    await transactWrite(
      database,
      {
        photo: { Put: { Item: photoItem(photo), ConditionExpression: IS_NEW } },
        user: { ConditionCheck: { Key: userKey(photo), ConditionExpression: EXISTS } },
      },
      (failed) =>
        failed.has("user")
          ? new UserNotFoundError(photo.username)
          : new PhotoExistsError(photo.username, photo.timestamp),
    );
    return { photo };
  },
  text: ({ photo }) => [`Uploaded ${photoText(photo)}`],
});
