import { describeTable, type Sender } from "../dynamo/describe.ts";
import { TableNotFoundError } from "../dynamo/errors.ts";
import { NoStreamError } from "./errors.ts";

/** Whose stream is looked for, with the names for messages. */
export interface StreamOwner {
  /** The table's physical name. */
  readonly table: string;
  readonly stack: string;
  /** Where the table is, such as "the local engine at http://127.0.0.1:8000". */
  readonly place: string;
}

/**
 * The ARN of a table's stream.
 * @throws {TableNotFoundError} {@link NoStreamError}
 */
export async function findStream(client: Sender, { table, stack, place }: StreamOwner): Promise<string> {
  const description = await describeTable(client, table);
  if (!description) throw new TableNotFoundError(table, place);
  const { LatestStreamArn: arn, StreamSpecification: specification } = description;
  if (arn === undefined || !specification?.StreamEnabled) throw new NoStreamError(table, stack);
  return arn;
}
