import { messageOf, roundMilliseconds } from "../evidence/collect-evidence.ts";
import type { ModelResult } from "../report.ts";
import type { Verdict } from "../verdict.ts";
import { problemOf } from "../verify-run.ts";

/** What is judged of the model as a whole. */
export type ModelTopic = Pick<ModelResult, "id" | "kind" | "title">;

/** That something was not judged, and why. It is no failure: whoever left it out has said so. */
export interface NotJudged {
  readonly status: "notRun";
  readonly lines: readonly string[];
}

/** How something is judged, and shown. */
export interface ModelJudging {
  readonly redact?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What an exception says of something: never that it holds. */
export async function judgeModel(
  topic: ModelTopic,
  { redact = false, signal }: ModelJudging,
  judge: () => Promise<Verdict | NotJudged> | Verdict | NotJudged,
): Promise<ModelResult> {
  const startedAt = performance.now();
  let verdict: Verdict | NotJudged;
  try {
    verdict = await judge();
  } catch (error) {
    signal?.throwIfAborted();
    verdict = problemOf(error);
  }
  const { status } = verdict;
  return {
    ...topic,
    // A model has no budget of its own.
    status: status === "overBudget" ? "fail" : status,
    milliseconds: roundMilliseconds(performance.now() - startedAt),
    ...(verdict.status === "notRun" ? { message: verdict.lines.join("\n") } : messageOf(verdict, redact)),
  };
}
