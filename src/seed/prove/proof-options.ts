import type { Clock } from "../../dynamo/clock.ts";
import type { DeclaredWrites } from "../../dynamo/item-pattern.ts";
import type { CountSoFar, LiveIndex } from "./count-indexes.ts";
import type { DifferencesFile } from "./difference-list.ts";
import type { ProofScope } from "./proof.ts";
import type { SampleRequest } from "./proof-request.ts";

/** How a table is compared with a file. */
export interface ProofOptions {
  readonly scope: ProofScope;
  /** Look at some of the file's items only. Default: at all, and at the whole table. */
  readonly sample?: SampleRequest | undefined;
  /** What applied migrations wrote: left out on both sides. */
  readonly leftOut?: readonly DeclaredWrites[] | undefined;
  /** Indexes whose entries are counted; not with a sample. Default: none. */
  readonly indexes?: readonly LiveIndex[] | undefined;
  /** How long an index may lag behind its table, in seconds. Default 30. */
  readonly indexTimeoutSeconds?: number | undefined;
  /** The attribute by which items of the table expire: what has expired is not missing. */
  readonly timeToLive?: string | undefined;
  /** Where all differences go. Default: the first of them are in the proof, and the others are counted. */
  readonly differences?: DifferencesFile | undefined;
  /** Stop when more read units were used. Default: no limit. */
  readonly maxReadUnits?: number | undefined;
  /** TotalSegments of the scans. Default: as they suit the table's size. */
  readonly segments?: number | undefined;
  /** Give up on a page that cannot be read for so long, in milliseconds. Default 30,000. */
  readonly retryDeadlineMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called with the number of the table's items that were gone over so far; not for a sample. */
  readonly onScanned?: ((items: number) => void) | undefined;
  /** Called with how far the count of an index has come. */
  readonly onCounted?: ((count: CountSoFar) => void) | undefined;
  /** Default: the process's own. */
  readonly clock?: Clock | undefined;
  /** Default 65,536, the most. */
  readonly buckets?: number;
  /** Items of the file that are held at once in the second pass, 43 to 85 bytes each. Default 1,000,000. */
  readonly itemsPerRound?: number;
}
