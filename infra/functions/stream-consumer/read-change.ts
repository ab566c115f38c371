import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { StreamImage, StreamRecord } from "tablewright/stream";
import {
  type Friendship,
  type Photo,
  type Reaction,
  readFriendship,
  readPhoto,
  readReaction,
  readUser,
  type User,
} from "../../../queries/quick-photos/entities.ts";
import { type EntityName, entityOf } from "../../../queries/quick-photos/keys.ts";

/** What befell an entity, with the entity as it was and as it is. */
export type EntityChange<Name extends EntityName, Entity> = { readonly entity: Name } & (
  | { readonly name: "INSERT"; readonly new: Entity }
  | { readonly name: "MODIFY"; readonly old: Entity; readonly new: Entity }
  /** `expired`: DynamoDB itself deleted the item, as its time to live had passed. */
  | { readonly name: "REMOVE"; readonly old: Entity; readonly expired: boolean }
);

/** A change of Quick Photos, typed by entity. */
export type Change =
  | EntityChange<"user", User>
  | EntityChange<"photo", Photo>
  | EntityChange<"reaction", Reaction>
  | EntityChange<"friendship", Friendship>;

/** A record that is no change of this model. It will be none on the next try either. */
export class UnreadableRecordError extends Error {
  override readonly name = "UnreadableRecordError";
}

/** An image as plain values. @throws {UnreadableRecordError} where the stream carries no such image. */
function plain(image: StreamImage | undefined, what: string) {
  if (!image) throw new UnreadableRecordError(`the record has no ${what}`);
  // Binary values, which this model has none of, stay in the base64 that Lambda delivers.
  return unmarshall(image as Record<string, AttributeValue>);
}

/**
 * Whether DynamoDB deleted the item because its time to live had passed
 * (DynamoDB developer guide, "DynamoDB Streams and Time to Live").
 */
const isExpiry = ({ userIdentity }: StreamRecord) =>
  userIdentity?.type === "Service" && userIdentity.principalId === "dynamodb.amazonaws.com";

function changeOf<Name extends EntityName, Entity>(
  record: StreamRecord,
  entity: Name,
  read: (item: Record<string, unknown>) => Entity,
): EntityChange<Name, Entity> {
  const { eventName, dynamodb } = record;
  const before = () => read(plain(dynamodb.OldImage, "old image"));
  const after = () => read(plain(dynamodb.NewImage, "new image"));
  switch (eventName) {
    case "INSERT":
      return { entity, name: eventName, new: after() };
    case "MODIFY":
      return { entity, name: eventName, old: before(), new: after() };
    case "REMOVE":
      return { entity, name: eventName, old: before(), expired: isExpiry(record) };
    default:
      throw new UnreadableRecordError(`${String(eventName)} is no change of an item`);
  }
}

/** Without these a record can be neither ordered nor known again. */
function requireNames({ eventID, eventSourceARN, dynamodb }: StreamRecord): void {
  const { SequenceNumber, ApproximateCreationDateTime } = dynamodb ?? {};
  const lacking = Object.entries({ eventID, eventSourceARN, SequenceNumber, ApproximateCreationDateTime })
    .filter(([, value]) => value === undefined || value === "")
    .map(([name]) => name);
  if (lacking.length > 0) throw new UnreadableRecordError(`the record has no ${lacking.join(", ")}`);
}

/**
 * Reads a record of the stream as a change of an entity.
 * @throws {UnreadableRecordError} for an unknown entity or a missing image, {@link MalformedItemError} for
 *   an image that does not fit its entity: both poison, which ends in the dead-letter queue.
 */
export function readChange(record: StreamRecord): Change {
  requireNames(record);
  const entity = entityOf(plain(record.dynamodb.Keys, "keys"));
  switch (entity) {
    case "user":
      return changeOf(record, entity, readUser);
    case "photo":
      return changeOf(record, entity, readPhoto);
    case "reaction":
      return changeOf(record, entity, readReaction);
    case "friendship":
      return changeOf(record, entity, readFriendship);
    case undefined:
      throw new UnreadableRecordError("the record's key is that of no entity");
  }
}
