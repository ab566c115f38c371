import { isDeepStrictEqual } from "node:util";
import {
  BatchGetCommand,
  type BatchGetCommandInput,
  DynamoDBDocumentClient,
  GetCommand,
  type GetCommandInput,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  type ScanCommandInput,
} from "@aws-sdk/lib-dynamodb";
import type { PlainItem } from "../../query/oracle.ts";
import type { Probe, SentCommand } from "../probe.ts";
import { modelledReadUnits, type ReadInput } from "./read-units.ts";

/** What makes a read return less than it reads. */
const NARROWING: ReadonlySet<string> = new Set([
  "FilterExpression",
  "ProjectionExpression",
  "Select",
  // The older spellings, which DynamoDB still takes.
  "AttributesToGet",
  "ConditionalOperator",
  "QueryFilter",
  "ScanFilter",
]);

type Input = Readonly<Record<string, unknown>>;

/** The placeholders that an expression uses: DynamoDB refuses a request that defines others. */
function usedIn(expression: unknown, placeholders: unknown): Input | undefined {
  const used = new Set(String(expression ?? "").match(/[#:]\w+/g));
  const kept = Object.entries((placeholders ?? {}) as Input).filter(([name]) => used.has(name));
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}

/** The same read without a filter and a projection: it reads what the other read, and returns all of it. */
export function wholeRead(input: Input): Input {
  const kept = Object.entries(input).filter(([name]) => !NARROWING.has(name));
  const { KeyConditionExpression } = input;
  return {
    ...Object.fromEntries(kept),
    ExpressionAttributeNames: usedIn(KeyConditionExpression, input.ExpressionAttributeNames),
    ExpressionAttributeValues: usedIn(KeyConditionExpression, input.ExpressionAttributeValues),
  };
}

/** Reads what a Query or Scan has read, up to the key where it ended. */
async function readPages(client: DynamoDBDocumentClient, { operation, input, lastKey }: SentCommand) {
  const request = wholeRead(input as Input) as QueryCommandInput & ScanCommandInput;
  const send = (asked: typeof request) =>
    operation === "Query" ? client.send(new QueryCommand(asked)) : client.send(new ScanCommand(asked));
  const items: PlainItem[] = [];
  const most = request.Limit ?? Number.POSITIVE_INFINITY;
  let start = request.ExclusiveStartKey;
  do {
    const Limit = Number.isFinite(most) ? most - items.length : undefined;
    const page = await send({ ...request, ExclusiveStartKey: start, Limit });
    items.push(...(page.Items ?? []));
    start = page.LastEvaluatedKey;
  } while (start && items.length < most && !isDeepStrictEqual(start, lastKey));
  return { Items: items };
}

async function readAgain(client: DynamoDBDocumentClient, command: SentCommand): Promise<number | undefined> {
  const { operation, input } = command;
  if (operation === "Query" || operation === "Scan") {
    const whole = wholeRead(input as Input) as ReadInput;
    return modelledReadUnits(`${operation}Command`, whole, await readPages(client, command));
  }
  if (operation === "GetItem") {
    const whole = wholeRead(input as Input);
    const answer = await client.send(new GetCommand(whole as unknown as GetCommandInput));
    return modelledReadUnits("GetItemCommand", whole as ReadInput, answer);
  }
  // What DynamoDB left over is asked for, and measured, once more: the answer does not say which keys it read.
  if (operation !== "BatchGetItem" || command.isPartial) return undefined;
  const { RequestItems = {} } = input as BatchGetCommandInput;
  const tables = Object.entries(RequestItems).map(([table, request]) => [table, wholeRead({ ...request })]);
  const whole = { RequestItems: Object.fromEntries(tables) };
  const answer = await client.send(new BatchGetCommand(whole));
  return modelledReadUnits("BatchGetItemCommand", whole as ReadInput, answer as object);
}

/**
 * Fills in the units of reads whose answers do not show what was read, by reading once more without filter and
 * projection. On a table that nobody writes to meanwhile that is what was read the first time.
 */
export async function measureWholeReads(
  probe: Probe,
  commands: readonly SentCommand[],
): Promise<SentCommand[]> {
  if (commands.every(({ modelledReadUnits }) => modelledReadUnits !== undefined)) return [...commands];
  const client = DynamoDBDocumentClient.from(probe.client, {
    marshallOptions: { removeUndefinedValues: true },
  });
  const measured: SentCommand[] = [];
  for (const command of commands) {
    const units = command.modelledReadUnits ?? (await readAgain(client, command));
    measured.push({ ...command, modelledReadUnits: units });
  }
  return measured;
}
