import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { SeedItem, SeedRecord, TableKeys } from "../file/records.ts";

/** What is compared with what. */
export interface ProofSubject {
  readonly client: Pick<DynamoDBClient, "send">;
  readonly table: string;
  readonly keys: TableKeys;
  /** Reads the file from its start, every time it is called. */
  readonly readFile: () => AsyncIterable<SeedRecord>;
}

/** The items of the file, from its start, until the signal is aborted; then its reason is thrown. */
export async function* itemsOfFile(
  { readFile }: ProofSubject,
  signal: AbortSignal | undefined,
): AsyncGenerator<SeedItem> {
  for await (const record of readFile()) {
    signal?.throwIfAborted();
    if (record.kind === "item") yield record;
  }
}
