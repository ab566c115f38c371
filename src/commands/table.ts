import type { CommandContext } from "./context.ts";
import type { GlobalOptions } from "./options.ts";
import { type CommandResult, defineCommand, defineGroup } from "./run.ts";

interface CountOptions extends GlobalOptions {
  index?: string | undefined;
  segments?: number | undefined;
}

async function list(context: CommandContext): Promise<CommandResult> {
  const { paginateListTables } = await import("@aws-sdk/client-dynamodb");
  const { client, target } = await context.connect({ readOnly: true });
  const tables: string[] = [];
  for await (const page of paginateListTables({ client }, {})) tables.push(...(page.TableNames ?? []));
  return {
    document: { target: target.description, tables },
    text: tables.length > 0 ? tables.join("\n") : `no tables at ${target.description}`,
  };
}

async function describe(context: CommandContext): Promise<CommandResult> {
  const { describeTable, keysOf } = await import("../dynamo/describe.ts");
  const { TableNotFoundError } = await import("../dynamo/errors.ts");
  const { client, target } = await context.connect({ readOnly: true });
  const table = await context.physicalTable();
  const description = await describeTable(client, table);
  if (!description) throw new TableNotFoundError(table, target.description);
  const showKeys = (keys: ReturnType<typeof keysOf>) =>
    [keys.partitionKey, keys.sortKey]
      .map((key) => (key ? `${key.name} (${key.type})` : ""))
      .filter(Boolean)
      .join(", ");
  const attributes = description.AttributeDefinitions;
  const indexes = (description.GlobalSecondaryIndexes ?? []).map(
    (index) =>
      `  index    ${index.IndexName}: ${showKeys(keysOf(index.KeySchema, attributes))}, projects ${index.Projection?.ProjectionType}, ${index.IndexStatus}`,
  );
  const billing =
    description.BillingModeSummary?.BillingMode === "PAY_PER_REQUEST"
      ? "on-demand"
      : `provisioned, ${description.ProvisionedThroughput?.ReadCapacityUnits} read and ${description.ProvisionedThroughput?.WriteCapacityUnits} write units`;
  const stream = description.StreamSpecification?.StreamEnabled
    ? description.StreamSpecification.StreamViewType
    : "none";
  return {
    document: { model: context.options.table, table, target: target.description, description },
    text: [
      `${table}: ${description.TableStatus} at ${target.description}`,
      `  keys     ${showKeys(keysOf(description.KeySchema, attributes))}`,
      ...indexes,
      `  billing  ${billing}`,
      `  stream   ${stream}`,
    ].join("\n"),
  };
}

async function count(context: CommandContext, options: CountOptions): Promise<CommandResult> {
  const { scanSegments } = await import("../dynamo/scan.ts");
  const { client } = await context.connect({ readOnly: true });
  const table = await context.physicalTable();
  const { index, segments } = options;
  const totals = await scanSegments(
    client,
    // An index is only ever read eventually consistent; DynamoDB refuses anything else.
    {
      table,
      index,
      segments,
      atOnce: segments,
      countOnly: true,
      consistent: index === undefined,
      signal: context.signal,
    },
    () => {},
  );
  const place = index ? `index ${index} of ${table}` : table;
  return {
    document: { model: context.options.table, table, index, items: totals.items, pages: totals.pages },
    text: `${totals.items} items in ${place}`,
  };
}

async function deleteTable(context: CommandContext): Promise<CommandResult> {
  const { DeleteTableCommand } = await import("@aws-sdk/client-dynamodb");
  const { describeTable } = await import("../dynamo/describe.ts");
  const { TableNotFoundError } = await import("../dynamo/errors.ts");
  const { waitUntilTableGone } = await import("../dynamo/waits.ts");
  const { client, target } = await context.connect();
  const table = await context.physicalTable();
  if (!(await describeTable(client, table))) throw new TableNotFoundError(table, target.description);
  await context.confirmDestruction(`delete the table ${table} and every item in it`, table);
  await client.send(new DeleteTableCommand({ TableName: table }));
  await waitUntilTableGone(client, table, { signal: context.signal });
  return {
    document: { model: context.options.table, table, deleted: true },
    text: `deleted ${table} at ${target.description}`,
  };
}

export const tableCommand = defineGroup("table", "list, describe, count and delete tables", [
  defineCommand({ name: "table list", command: "list", describe: "the tables there are", run: list }),
  defineCommand({
    name: "table describe",
    command: "describe",
    describe: "a table's keys, indexes and settings",
    run: describe,
  }),
  defineCommand<CountOptions>({
    name: "table count",
    command: "count",
    describe: "count the items by a parallel scan of every page",
    options: (yargs) =>
      yargs
        .option("index", { type: "string", describe: "count an index instead", requiresArg: true })
        .option("segments", {
          type: "number",
          describe: "parts that are read at the same time; default 4, of as many as suit the table's size",
          requiresArg: true,
        }),
    run: count,
  }),
  defineCommand({
    name: "table delete",
    command: "delete",
    describe: "delete a table (asks first)",
    run: deleteTable,
  }),
]);
