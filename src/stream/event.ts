import type { _Record as SdkRecord } from "@aws-sdk/client-dynamodb-streams";

/**
 * An attribute as a Lambda function gets it: the JSON of the DynamoDB API, with binary values in base64
 * (Lambda developer guide, "Using AWS Lambda with Amazon DynamoDB", example event).
 */
export type StreamAttribute =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly B: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: boolean }
  | { readonly M: StreamImage }
  | { readonly L: readonly StreamAttribute[] }
  | { readonly SS: readonly string[] }
  | { readonly NS: readonly string[] }
  | { readonly BS: readonly string[] };

/** An item as it was before or after a change. */
export type StreamImage = Readonly<Record<string, StreamAttribute>>;

/** What befell an item. */
export type ChangeName = "INSERT" | "MODIFY" | "REMOVE";

/** One change of a table, as a Lambda function gets it. */
export interface StreamRecord {
  /** Names the change within its stream, and only there: dynoxide counts 1, 2, 3 in each. */
  readonly eventID: string;
  readonly eventName: ChangeName;
  readonly eventVersion?: string | undefined;
  readonly eventSource?: string | undefined;
  readonly awsRegion?: string | undefined;
  /** The stream's ARN. */
  readonly eventSourceARN: string;
  readonly dynamodb: {
    /** Epoch seconds. */
    readonly ApproximateCreationDateTime: number;
    readonly Keys: StreamImage;
    readonly NewImage?: StreamImage | undefined;
    readonly OldImage?: StreamImage | undefined;
    readonly SequenceNumber: string;
    readonly SizeBytes?: number | undefined;
    readonly StreamViewType?: string | undefined;
  };
  /** Who made the change, where it was DynamoDB itself: its deletes of expired items have type "Service". */
  readonly userIdentity?: { readonly type: string; readonly principalId: string } | undefined;
}

/** What a Lambda function on a stream is called with: changes of one shard, oldest first. */
export interface StreamEvent {
  readonly Records: readonly StreamRecord[];
}

/** What it answers, with `ReportBatchItemFailures`: everything before the first failure is done. */
export interface StreamBatchResponse {
  /** The sequence numbers of failed records; empty where all is well. */
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/** A Lambda function on a DynamoDB stream: what infra/functions/<name>/handler.ts exports as `handler`. */
export type StreamHandler = (event: StreamEvent) => Promise<StreamBatchResponse>;

/** Bytes as base64, dates as epoch seconds, and what is undefined left out: what is left is plain JSON. */
function toJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (value instanceof Date) return value.getTime() / 1000;
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => (inner === undefined ? [] : [[name, toJson(inner)]])),
  );
}

/** A record of the streams API as Lambda hands it to a function. */
export function toStreamRecord(record: SdkRecord, streamArn: string): StreamRecord {
  const { userIdentity, ...rest } = record;
  const identity = userIdentity && { type: userIdentity.Type, principalId: userIdentity.PrincipalId };
  return toJson({ ...rest, eventSourceARN: streamArn, userIdentity: identity }) as StreamRecord;
}
