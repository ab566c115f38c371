import { segmentsToRead } from "../../dynamo/choose-segments.ts";
import { liveIndexes } from "./count-indexes.ts";
import type { ProofScope } from "./proof.ts";
import type { ProofOptions } from "./proof-options.ts";
import type { ProofRequest } from "./proof-request.ts";
import { assertReadsFit, estimateReads, type ReadEstimate, type ReadTerms } from "./read-cost.ts";

/** What is asked of a proof, whatever it compares. */
export interface ProofSettings extends Pick<ProofOptions, "timeToLive" | "differences" | "maxReadUnits"> {
  /** Count the entries of the live table's indexes, where all of the table is read. Default false. */
  readonly countsIndexes?: boolean | undefined;
}

/** What a proof is about to do. */
export interface PreparedProof {
  readonly estimate: ReadEstimate;
  readonly options: Omit<ProofOptions, "leftOut" | "signal" | "onScanned" | "onCounted">;
}

/**
 * Reckons what a proof will read, before anything else is done.
 * @throws {ReadLimitError} where that is more than it may.
 */
export function prepareProof(
  request: Exclude<ProofRequest, "none">,
  about: Pick<ReadTerms, "description" | "checked" | "wasEmpty"> & { readonly scope: ProofScope },
  settings: ProofSettings = {},
): PreparedProof {
  const { description, checked, scope } = about;
  const { countsIndexes = false, ...options } = settings;
  const sample = request === "full" ? undefined : request;
  const estimate = estimateReads({ ...about, sample, countsIndexes });
  assertReadsFit(description.TableName ?? "the table", estimate, options.maxReadUnits);
  const indexes = countsIndexes ? liveIndexes(description) : [];
  // DescribeTable is some hours old: of a table that was just loaded, the file knows more.
  const segments = segmentsToRead(Math.max(description.TableSizeBytes ?? 0, checked.itemBytes));
  return { estimate, options: { ...options, scope, sample, indexes, segments } };
}
