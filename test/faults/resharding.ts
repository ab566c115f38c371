import { createHash } from "node:crypto";
import type { FaultRule, RequestBody } from "./rules.ts";

/** A record as it stands on the wire. */
interface WireRecord {
  readonly dynamodb: { readonly Keys: unknown; readonly SequenceNumber: string };
}

/** A part of an engine's one shard, shown as a shard of its own. */
interface FakeShard {
  readonly id: string;
  readonly parent: string | undefined;
  /** Whether a record of the real shard, by its place, stands in this one. */
  readonly holds: (record: WireRecord, place: number) => boolean;
  /** The number of records of the real shard after which it is closed; undefined while it is open. */
  readonly closedAfter: number | undefined;
}

/** Where in a fake shard reading goes on: the iterators of this module, as JSON. */
interface Cursor {
  readonly shard: string;
  readonly read: number;
}

/** Calls the streams API of an engine as it stands on the wire. */
async function call(engine: string, operation: string, body: RequestBody): Promise<RequestBody> {
  const response = await fetch(engine, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `DynamoDBStreams_20120810.${operation}`,
      // Engines look who it is, and believe it.
      authorization:
        "AWS4-HMAC-SHA256 Credential=tablewright/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=none",
      "x-amz-date": "20260101T000000Z",
    },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as RequestBody;
  if (!response.ok) throw new Error(`${operation}: ${JSON.stringify(answer)}`);
  return answer;
}

/** Every record of a stream's one real shard. */
async function allRecords(engine: string, StreamArn: string): Promise<WireRecord[]> {
  const { StreamDescription } = await call(engine, "DescribeStream", { StreamArn });
  const [shard] = (StreamDescription as { Shards: { ShardId: string }[] }).Shards;
  const opened = await call(engine, "GetShardIterator", {
    StreamArn,
    ShardId: shard?.ShardId,
    ShardIteratorType: "TRIM_HORIZON",
  });
  const records: WireRecord[] = [];
  let ShardIterator: unknown = opened.ShardIterator;
  for (;;) {
    const page = await call(engine, "GetRecords", { ShardIterator });
    const found = page.Records as WireRecord[];
    records.push(...found);
    ShardIterator = page.NextShardIterator;
    if (found.length === 0 || !ShardIterator) return records;
  }
}

/** Which of two shards an item's changes go to after a split: always the same one. */
const half = ({ dynamodb }: WireRecord) =>
  (createHash("sha256").update(JSON.stringify(dynamodb.Keys)).digest()[0] ?? 0) % 2;

/** A shard that is split in two after `splitAfter` records; one half is rolled over into a third after `rollAfter`. */
function family(splitAfter: number, rollAfter: number): FakeShard[] {
  const parent = "shardId-parent";
  const child = { parent, closedAfter: undefined };
  const behind = (place: number, from: number, to = Number.POSITIVE_INFINITY) => place >= from && place < to;
  return [
    { id: parent, parent: undefined, holds: (_, place) => place < splitAfter, closedAfter: splitAfter },
    {
      ...child,
      id: "shardId-child-0",
      holds: (record, place) => behind(place, splitAfter) && half(record) === 0,
    },
    {
      ...child,
      id: "shardId-child-1",
      holds: (record, place) => behind(place, splitAfter, rollAfter) && half(record) === 1,
      closedAfter: rollAfter,
    },
    {
      id: "shardId-grandchild",
      parent: "shardId-child-1",
      holds: (record, place) => behind(place, rollAfter) && half(record) === 1,
      closedAfter: undefined,
    },
  ];
}

/**
 * Rules that show an engine's stream as one that is resharded: its first records stand in one shard, the
 * rest in two that it was split into, by key, one of which is rolled over into a third. A shard is listed
 * from the moment its parent is closed, youngest first, one on a page.
 * @param engine the endpoint of the engine itself
 */
export function resharding(engine: string, splitAfter: number, rollAfter: number): FaultRule[] {
  const shards = family(splitAfter, rollAfter);

  const describe = async ({ StreamArn, ExclusiveStartShardId }: RequestBody): Promise<RequestBody> => {
    const { length } = await allRecords(engine, String(StreamArn));
    const begins = (shard: FakeShard) => shards.find(({ id }) => id === shard.parent)?.closedAfter ?? 0;
    const listed = shards.filter((shard) => length >= begins(shard)).reverse();
    const start = listed.findIndex(({ id }) => id === ExclusiveStartShardId) + 1;
    const Shards = listed
      .slice(start, start + 1)
      .map(({ id, parent }) => ({ ShardId: id, ...(parent && { ParentShardId: parent }) }));
    const more = start + 1 < listed.length;
    return {
      StreamDescription: {
        StreamArn,
        StreamStatus: "ENABLED",
        Shards,
        ...(more && { LastEvaluatedShardId: Shards[0]?.ShardId }),
      },
    };
  };

  const recordsOf = async (streamArn: string, shardId: string) => {
    const shard = shards.find(({ id }) => id === shardId);
    if (!shard) throw new Error(`no shard ${shardId}`);
    const all = await allRecords(engine, streamArn);
    const closed = shard.closedAfter !== undefined && all.length >= shard.closedAfter;
    return { records: all.filter((record, place) => shard.holds(record, place)), closed };
  };

  let streamArn = "";
  const open = async (body: RequestBody): Promise<RequestBody> => {
    streamArn = String(body.StreamArn);
    const shard = String(body.ShardId);
    const { records } = await recordsOf(streamArn, shard);
    const after = records.findIndex(({ dynamodb }) => dynamodb.SequenceNumber === body.SequenceNumber) + 1;
    const read = body.ShardIteratorType === "LATEST" ? records.length : after;
    return { ShardIterator: JSON.stringify({ shard, read } satisfies Cursor) };
  };

  const get = async ({ ShardIterator, Limit = 1000 }: RequestBody): Promise<RequestBody> => {
    const { shard, read } = JSON.parse(String(ShardIterator)) as Cursor;
    const { records, closed } = await recordsOf(streamArn, shard);
    const Records = records.slice(read, read + Number(Limit));
    const now = read + Records.length;
    const ended = closed && now === records.length;
    return {
      Records,
      ...(!ended && { NextShardIterator: JSON.stringify({ shard, read: now } satisfies Cursor) }),
    };
  };

  const rule = (operation: string, answer: (body: RequestBody) => Promise<RequestBody>): FaultRule => ({
    operation,
    fault: { kind: "answer", answer: ({ body }) => answer(body) },
  });
  return [rule("DescribeStream", describe), rule("GetShardIterator", open), rule("GetRecords", get)];
}
