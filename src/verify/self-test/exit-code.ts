import { ExitCode } from "../../errors.ts";
import type { SelfTestReport } from "./self-test-report.ts";

/** The exit status of a self-test: every mutant must be killed, and every kind that there can be must be drawn. */
export function exitCodeOfSelfTest({ rate, gaps, notTested }: SelfTestReport): ExitCode {
  const isUnknown = notTested.some(({ status }) => status === "indeterminate");
  const isWrong = notTested.some(({ status }) => status !== "indeterminate");
  // Where nothing could be tested there is no rate to speak of.
  const isBlind = rate < 1 && !(isUnknown && rate === 0);
  if (isWrong || isBlind || gaps.length > 0) return ExitCode.no;
  return isUnknown ? ExitCode.couldNotRun : ExitCode.fine;
}
