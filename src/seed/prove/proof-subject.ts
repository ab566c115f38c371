import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { SeedRecord, TableKeys } from "../file/records.ts";
import type { DifferenceList } from "./difference-list.ts";
import type { ExpiringItems } from "./expiring-items.ts";
import type { ItemHasher } from "./leave-out.ts";

/** What is compared with what. */
export interface ProofSubject {
  readonly client: Pick<DynamoDBClient, "send">;
  readonly table: string;
  readonly keys: TableKeys;
  /** Reads the file from its start, every time it is called. */
  readonly readFile: () => AsyncIterable<SeedRecord>;
}

/** A comparison under way: what equal means, and what was found. */
export interface Comparison {
  readonly subject: ProofSubject;
  readonly hasher: ItemHasher;
  /** Takes what is found. */
  readonly found: DifferenceList;
  /** Undefined where nothing of the table expires. */
  readonly expiring: ExpiringItems | undefined;
}
