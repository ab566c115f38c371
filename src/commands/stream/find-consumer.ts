import type { DeclaredConsumer } from "../../deploy/declared-consumers.ts";
import { NoConsumerError } from "../../stream/errors.ts";
import type { CommandContext } from "../context.ts";
import { evaluateStack } from "../evaluate-stack.ts";
import type { OpenStream } from "./open-stream.ts";

/**
 * The one function that is meant of those that read a table's stream.
 * @param asked its name, where several do
 * @throws {NoConsumerError} naming those that there are.
 */
export function chooseConsumer(
  known: readonly DeclaredConsumer[],
  {
    table,
    stack,
    asked,
  }: { readonly table: string; readonly stack: string; readonly asked?: string | undefined },
): DeclaredConsumer {
  const named = asked === undefined ? known : known.filter(({ name }) => name === asked);
  const [consumer, ...others] = named;
  if (consumer && others.length === 0) return consumer;
  const names = known.map(({ name }) => name);
  throw new NoConsumerError(table, stack, names, asked);
}

/**
 * The function that the stack declares on a table's stream, with all that it reads and writes there.
 * @param asked its name, where several read the stream
 * @throws {NoConsumerError} and {@link TableNotFoundError} for a table of its environment that is not deployed:
 *   without it, every record would end as a dead letter.
 */
export async function findConsumer(
  context: CommandContext,
  { connection, table }: OpenStream,
  asked: string | undefined,
): Promise<DeclaredConsumer> {
  const { readDeclaredConsumers } = await import("../../deploy/declared-consumers.ts");
  const { readDeclaredTables } = await import("../../deploy/declared-tables.ts");
  const { describeTable } = await import("../../dynamo/describe.ts");
  const { TableNotFoundError } = await import("../../dynamo/errors.ts");
  const { resources } = (await evaluateStack(context)).evaluation;
  const known = readDeclaredConsumers(resources, table);
  const consumer = chooseConsumer(known, { table, stack: context.options.stack, asked });
  const used = new Set(Object.values(consumer.environment));
  for (const { name } of readDeclaredTables(resources).filter(({ name }) => used.has(name))) {
    if (!(await describeTable(connection.client, name))) {
      throw new TableNotFoundError(name, connection.target.description);
    }
  }
  return consumer;
}
