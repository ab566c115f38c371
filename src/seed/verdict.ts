import { explainFailure } from "../dynamo/classify.ts";
import type { Target } from "../dynamo/target.ts";
import { ExitCode, exitCodeOf, type TablewrightError } from "../errors.ts";
import { AfterLoadError, LoadExhaustedError, TooManyRejectsError } from "./errors.ts";
import type { Stop } from "./load/stop.ts";
import type { Proof } from "./prove/proof.ts";
import type { SeedResult } from "./seed-table.ts";

function stopError({ rejected }: SeedResult, stop: Stop, table: string, target: Target): unknown {
  if (stop.kind === "rejects") return new TooManyRejectsError(table, rejected, stop.maxRejects);
  if (stop.kind === "exhausted") return new LoadExhaustedError(table, stop.deadlineMs, stop.error);
  return explainFailure(stop.error, target, table);
}

/** What stopped a load, or failed after it, as an error that says what to do; undefined where nothing did. */
export function seedError(result: SeedResult, table: string, target: Target): unknown {
  const { stop, failedAfter } = result;
  if (stop) return stopError(result, stop, table, target);
  if (failedAfter === undefined) return undefined;
  return new AfterLoadError(result, explainFailure(failedAfter, target, table));
}

/** The exit status of a proof: an index that could not be counted leaves it open as well. */
export function proofExitCode({ status, indexes }: Pick<Proof, "status" | "indexes">): ExitCode {
  if (status === "different") return ExitCode.no;
  const isOpen = status === "indeterminate" || indexes.some((index) => index.status === "indeterminate");
  return isOpen ? ExitCode.couldNotRun : ExitCode.fine;
}

/**
 * The exit status of a seed run: fine only when every item is written or was there already and the proof,
 * where one was made, is equal or sampled. Interrupted wins, then no, then could not run.
 * @param error what {@link seedError} said
 */
export function seedExitCode(
  result: Pick<SeedResult, "rejected" | "unwritten" | "unknown" | "undeleted" | "proof">,
  error: unknown,
): ExitCode {
  const codes: ExitCode[] = [proofExitCode(result.proof)];
  if (error !== undefined) codes.push(exitCodeOf(error as TablewrightError));
  if (result.rejected > 0) codes.push(ExitCode.no);
  if (result.unwritten > 0 || result.unknown > 0 || (result.undeleted ?? 0) > 0)
    codes.push(ExitCode.couldNotRun);
  const order = [
    ExitCode.interrupted,
    ExitCode.terminated,
    ExitCode.no,
    ExitCode.usage,
    ExitCode.couldNotRun,
  ];
  return order.find((code) => codes.includes(code)) ?? ExitCode.fine;
}
