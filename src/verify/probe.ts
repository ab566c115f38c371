import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { MetadataBearer, SerializeMiddleware } from "@smithy/types";
import { type ClientOptions, createClient } from "../dynamo/client.ts";
import type { Target } from "../dynamo/target.ts";
import type { PatternRequest } from "../query/access-pattern.ts";
import type { PlainItem } from "../query/oracle.ts";
import { modelledReadUnits, type ReadInput, type ReadOutput } from "./cost/read-units.ts";
import { type PagedInput, shortenRequest, withLeftOut } from "./short-pages.ts";

/** One command that a pattern sent, and what it cost. */
export interface SentCommand extends PatternRequest {
  readonly index: string | undefined;
  /** Items in the answer; undefined where there can be none. */
  readonly items: number | undefined;
  /** Items that a Query or Scan has read, before a filter; undefined for other operations. */
  readonly scanned: number | undefined;
  /** Where a Query or Scan ended before its end. */
  readonly lastKey: PlainItem | undefined;
  /** From sending it to its answer, the SDK's retries included. */
  readonly milliseconds: number;
  /** DynamoDB has left a part of it over, for want of capacity: that is asked for again. */
  readonly isPartial: boolean;
  /** By the sizing rules; undefined where the response does not show it. */
  readonly modelledReadUnits: number | undefined;
  /** As the response reports; undefined where it reports none. */
  readonly reportedUnits: number | undefined;
}

/** A client of one pattern's own, which sees every command that the pattern sends. */
export interface Probe {
  readonly client: DynamoDBClient;
  /** HTTP requests so far, the SDK's retries included. */
  requests(): number;
  /** The commands answered since the last call. */
  takeCommands(): SentCommand[];
  /** The first command sent since the last call, answered or not; undefined where there was none. */
  takeFirst(): PatternRequest | undefined;
  /** From now on, DynamoDB's answers end after so many items; undefined: where DynamoDB ends them. */
  shortenPages(items: number | undefined): void;
  /** Ends the client. What a pattern sends afterwards is refused. */
  close(): void;
}

interface Response extends ReadOutput, MetadataBearer {
  ScannedCount?: number;
  Count?: number;
  LastEvaluatedKey?: PlainItem;
  ConsumedCapacity?: { CapacityUnits?: number } | { CapacityUnits?: number }[];
}

function reportedUnits(response: Response): number | undefined {
  const units = [response.ConsumedCapacity ?? []]
    .flat()
    .flatMap(({ CapacityUnits }) => (CapacityUnits === undefined ? [] : [CapacityUnits]));
  return units.length === 0 ? undefined : units.reduce((sum, unit) => sum + unit, 0);
}

function answeredItems(command: string, { Item, Items, Count, Responses }: Response): number | undefined {
  if (command === "GetItemCommand") return Item ? 1 : 0;
  return Responses ? Object.values(Responses).flat().length : (Items?.length ?? Count);
}

/** Makes a client that records what is sent through it. */
export function openProbe(target: Target, options: ClientOptions): Probe {
  const { client, meter } = createClient(target, options);
  let commands: SentCommand[] = [];
  let first: PatternRequest | undefined;
  let pageItems: number | undefined;
  let closed = false;

  const watch: SerializeMiddleware<object, MetadataBearer> = (next, context) => async (args) => {
    if (closed) throw new Error("this pattern was given up; what it sends now is refused");
    const command = context.commandName ?? "";
    const request = { operation: command.replace(/Command$/, ""), input: args.input };
    first ??= request;
    const asked = { ...args.input, ReturnConsumedCapacity: "TOTAL" } as PagedInput & ReadInput;
    const { input, leftOut } =
      pageItems === undefined ? { input: asked, leftOut: {} } : shortenRequest(command, asked, pageItems);
    const startedAt = performance.now();
    const result = await next({ ...args, input });
    const response = result.output as Response;
    commands.push({
      ...request,
      index: (args.input as { IndexName?: string }).IndexName,
      items: answeredItems(command, response),
      scanned: response.ScannedCount,
      lastKey: response.LastEvaluatedKey,
      milliseconds: performance.now() - startedAt,
      isPartial: Object.keys(response.UnprocessedKeys ?? {}).length > 0,
      modelledReadUnits: modelledReadUnits(command, input as ReadInput, response),
      reportedUnits: reportedUnits(response),
    });
    if (Object.keys(leftOut).length === 0) return result;
    const UnprocessedKeys = withLeftOut(response.UnprocessedKeys ?? {}, leftOut);
    return { ...result, output: { ...response, UnprocessedKeys } };
  };
  client.middlewareStack.add(watch, { step: "serialize", name: "verifyProbe", priority: "high" });

  return {
    client,
    requests: () => meter.read().requests,
    takeCommands: () => {
      const taken = commands;
      commands = [];
      return taken;
    },
    takeFirst: () => {
      const taken = first;
      first = undefined;
      return taken;
    },
    shortenPages: (items) => {
      pageItems = items;
    },
    close: () => {
      closed = true;
      client.destroy();
    },
  };
}
