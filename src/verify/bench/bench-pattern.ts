import { counted } from "../../counted.ts";
import type { Clock } from "../../dynamo/clock.ts";
import type { CheckInput, Random } from "../../query/oracle.ts";
import type { ReadablePattern } from "../read-answer.ts";
import { type Outcome, runPattern } from "../run-pattern.ts";
import type { BenchClient } from "./bench-client.ts";
import type { BenchedPattern, BenchStatus } from "./bench-report.ts";
import { LatencyHistogram } from "./latency-histogram.ts";
import { type OpenLoopResult, runOpenLoop } from "./open-loop.ts";

/** How fast and how long a bench runs each pattern. */
export interface BenchRequest {
  readonly ratePerSecond: number;
  readonly durationMs: number;
  /**
   * Where more than one start in a hundred is later than this, the client has not kept the rate, and the figures are
   * its own, in milliseconds. Default 10.
   */
  readonly latestStartMs?: number | undefined;
}

/** A pattern, its inputs, and where to run it. */
export interface PatternBench extends BenchRequest {
  readonly readable: ReadablePattern;
  readonly inputs: readonly CheckInput[];
  readonly random: Random;
  readonly bench: BenchClient;
  readonly table: string;
  readonly timeoutMs: number;
  /** Leave out words that may quote an item. Default false. */
  readonly redact?: boolean | undefined;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** Where so many runs wait for an answer, more would only measure the queue. */
export const MOST_AT_ONCE = 10_000;

const LATEST_START_MS = 10;

type Ending = Outcome["kind"] | "unanswered";

interface Tally {
  readonly endings: Record<Ending, number>;
  /** What the first run said that ended so. */
  readonly said: Map<Ending, string>;
}

/** Runs the pattern once; never rejects. */
async function runOnce(options: PatternBench, input: CheckInput, { endings, said }: Tally): Promise<Ending> {
  const { readable, bench, signal } = options;
  let ending: Ending;
  let message = "";
  try {
    const outcome = await runPattern(readable.pattern, input.input, { ...options, client: bench.client });
    ending = outcome.kind;
    if ("message" in outcome) message = outcome.message;
  } catch (error) {
    // `runPattern` throws for one reason only; anything else is a run that has gone wrong.
    ending = signal?.aborted ? "unanswered" : "error";
    message = String(error);
  }
  endings[ending] += 1;
  const words = options.redact ? "hidden by --redact" : `${input.name}: ${message}`;
  if (!said.has(ending)) said.set(ending, words);
  return ending;
}

const runs = (count: number) => counted(count, "run");

/** What is wrong with the figures, the worst first; undefined where nothing is. */
function problemOf(
  { end, started, due }: OpenLoopResult,
  { endings, said }: Tally,
  lateP99: number,
  latestStartMs = LATEST_START_MS,
): { status: BenchStatus; message: string } | undefined {
  if (end === "interrupted") return { status: "interrupted", message: `after ${started} of ${due} runs` };
  const told = (ending: Ending) => said.get(ending) ?? "";
  if (endings.error > 0)
    return { status: "errors", message: `${runs(endings.error)} failed; the first: ${told("error")}` };
  if (endings.unknown > 0) {
    const message = `nobody knows what ${runs(endings.unknown)} came to; the first: ${told("unknown")}`;
    return { status: "indeterminate", message };
  }
  if (end === "tooManyAtOnce") {
    const message = `${MOST_AT_ONCE} runs waited for an answer after ${started} of ${due}: it does not keep this rate`;
    return { status: "indeterminate", message };
  }
  if (lateP99 > latestStartMs) {
    const message = `the client did not keep the rate: 1 run in 100 started ${Math.round(lateP99)} ms late or more, so the figures are its own`;
    return { status: "indeterminate", message };
  }
  return undefined;
}

/** Runs one pattern at a constant rate, each run with an input that is drawn, and measures it. */
export async function benchPattern(options: PatternBench): Promise<BenchedPattern> {
  const { readable, inputs, random, bench } = options;
  const endings: Tally["endings"] = { answer: 0, refusal: 0, error: 0, unknown: 0, unanswered: 0 };
  const tally: Tally = { endings, said: new Map() };
  const latencies = new LatencyHistogram();
  const late = new LatencyHistogram();
  bench.take();
  const loop = await runOpenLoop({
    ...options,
    mostAtOnce: MOST_AT_ONCE,
    start: () => {
      const input = inputs[Math.floor(random.next() * inputs.length)] as CheckInput;
      return runOnce(options, input, tally);
    },
    onStart: (lateMs) => late.record(lateMs),
    onEnd: ({ outcome, latencyMs }) => {
      if (outcome !== "unanswered") latencies.record(latencyMs);
    },
  });
  const counts = bench.take();
  const seconds = loop.elapsedMs / 1000;
  const perSecond = (count: number) => (seconds > 0 ? Math.round((count / seconds) * 10) / 10 : 0);
  const startedLate =
    late.count > 0 ? { p99: late.percentile(99), max: late.percentile(100) } : { p99: 0, max: 0 };
  const problem = problemOf(loop, tally, startedLate.p99, options.latestStartMs);
  return {
    id: readable.pattern.id,
    status: problem?.status ?? "measured",
    ...(problem && { message: problem.message }),
    due: loop.due,
    runs: latencies.count,
    unanswered: endings.unanswered,
    runsPerSecond: perSecond(latencies.count),
    requestsPerSecond: perSecond(counts.requests),
    latency: latencies.summary() ?? null,
    percentiles: latencies.points(),
    startedLate,
    refusals: endings.refusal,
    errors: endings.error,
    unknown: endings.unknown,
    ...counts,
  };
}
