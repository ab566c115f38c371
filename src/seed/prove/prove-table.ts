import { classifyFailure } from "../../dynamo/classify.ts";
import { ThrottledError } from "../../dynamo/errors.ts";
import { ReadsStoppedError } from "../errors.ts";
import { DifferenceList } from "./difference-list.ts";
import { ExpiringItems } from "./expiring-items.ts";
import { ItemHasher } from "./leave-out.ts";
import { LimitedReads } from "./limited-reads.ts";
import { indeterminateProof, type Proof, type ProofScope } from "./proof.ts";
import type { ProofOptions } from "./proof-options.ts";
import type { Comparison, ProofSubject } from "./proof-subject.ts";
import { proveAll } from "./prove-all.ts";
import { proveSample } from "./prove-sample.ts";

/** What a comparison has found, whether it came to its end or not. */
function findings({ hasher, found, expiring }: Comparison) {
  const { missing, extra, different, differences, differencesFile } = found;
  return {
    missing,
    extra,
    different,
    differences,
    ...(differencesFile !== undefined && { differencesFile }),
    leftOut: hasher.report(),
    ...(expiring && { expiring: expiring.report() }),
  };
}

function statusOf({ missing, extra, different }: DifferenceList, scope: ProofScope): "equal" | "different" {
  return missing === 0 && different === 0 && (extra === 0 || scope === "contained") ? "equal" : "different";
}

type Answer = Pick<Proof, "status" | "scope" | "indexes" | "sample">;

async function compare(comparison: Comparison, options: ProofOptions): Promise<Answer> {
  const { scope } = options;
  if (!options.sample) {
    const indexes = await proveAll(comparison, options);
    return { status: statusOf(comparison.found, scope), scope, indexes };
  }
  const sample = await proveSample(comparison, options.sample, options);
  const status = statusOf(comparison.found, "contained");
  return { status: status === "equal" ? "sampled" : status, scope: "contained", indexes: [], sample };
}

/** Whether a failure says nothing about the table: out of capacity, stopped by a limit, or nobody there. */
function leavesItOpen(error: unknown): error is Error {
  if (error instanceof ThrottledError || error instanceof ReadsStoppedError) return true;
  return ["throttled", "unavailable"].includes(classifyFailure(error));
}

/**
 * Compares a table with a file, by key and by content, where equal is what is equal to DynamoDB: all of both,
 * or a sample of the file's items. Each difference is read again before it counts; still, a proof wants a table
 * that nobody else writes to.
 */
export async function proveTable(subject: ProofSubject, options: ProofOptions): Promise<Proof> {
  const reads = new LimitedReads(subject.client, options.maxReadUnits);
  const { timeToLive, clock } = options;
  const comparison: Comparison = {
    subject: { ...subject, client: reads.client },
    hasher: new ItemHasher(options.leftOut ?? []),
    found: new DifferenceList(options.differences),
    expiring: timeToLive === undefined ? undefined : new ExpiringItems(timeToLive, clock),
  };
  let answer: Answer & Pick<Proof, "message">;
  try {
    answer = await compare(comparison, options);
  } catch (error) {
    if (!leavesItOpen(error)) throw error;
    const reason = `the table could not be read to its end: ${error.message || error.name}`;
    answer = indeterminateProof(reason, options.scope);
  } finally {
    await comparison.found.close();
  }
  return { ...answer, ...findings(comparison), readUnits: reads.units };
}
