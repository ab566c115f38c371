import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { SeedRecord, TableKeys } from "../file/records.ts";

/** What is compared with what. */
export interface ProofSubject {
  readonly client: Pick<DynamoDBClient, "send">;
  readonly table: string;
  readonly keys: TableKeys;
  /** Reads the file from its start, every time it is called. */
  readonly readFile: () => AsyncIterable<SeedRecord>;
}
