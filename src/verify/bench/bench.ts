import { availableParallelism, cpus } from "node:os";
import { counted } from "../../counted.ts";
import { type Clock, systemClock } from "../../dynamo/clock.ts";
import type { Target } from "../../dynamo/target.ts";
import type { CheckInput } from "../../query/oracle.ts";
import { NothingToBenchError } from "../errors.ts";
import { createRandom } from "../random.ts";
import type { ReadablePattern } from "../read-answer.ts";
import { runPattern } from "../run-pattern.ts";
import type { Run } from "../verify-run.ts";
import { type BenchClient, openBenchClient } from "./bench-client.ts";
import { type BenchRequest, benchPattern } from "./bench-pattern.ts";
import type { BenchConditions, BenchedPattern, BenchReport } from "./bench-report.ts";

const STATUS_REASONS = {
  fail: "its answers are wrong",
  indeterminate: "it could not be judged",
  notRun: "it was not run",
} as const;

/** Why a pattern is left out: what a wrong answer takes says nothing. */
function reasonToLeaveOut(run: Run, { pattern }: ReadablePattern): string | undefined {
  const status = run.results.get(pattern.id)?.status ?? "notRun";
  return status === "pass" || status === "overBudget" ? undefined : STATUS_REASONS[status];
}

const engineOf = (target: Target, bench: BenchClient) =>
  `${target.kind === "aws" ? target.description : "a local engine"}, ${bench.server() ?? "which names no server"}`;

function conditionsOf(run: Run, request: BenchRequest, bench: BenchClient): BenchConditions {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    node: process.version,
    engine: engineOf(run.target, bench),
    table: run.table,
    rate: request.ratePerSecond,
    seconds: request.durationMs / 1000,
    seed: run.seed,
    inputs: run.inputCount ?? 5,
    sourceSha256: run.locked.sha256,
  };
}

/** What the reads of a bench come to, by the largest answers, where that is known of all. */
function mostReadUnits(run: Run, patterns: readonly ReadablePattern[], request: BenchRequest): string {
  const units = patterns.map(({ pattern }) => run.results.get(pattern.id)?.largest?.readUnits);
  const runs = (request.ratePerSecond * request.durationMs) / 1000;
  const sum = units.reduce<number>((total, unit) => total + (unit ?? 0) * runs, 0);
  return `${units.includes(undefined) ? "more than" : "at most"} ${counted(Math.ceil(sum), "read unit")}`;
}

/**
 * Runs the reading patterns that were judged right, one after the other, each at a constant rate; writing patterns
 * are left out, as what they write changes what the next run meets. Ends with what was measured when the run's
 * signal is aborted.
 * @param readers of those that were selected
 * @throws {NothingToBenchError} where there is no reading pattern among them.
 */
export async function benchPatterns(
  run: Run,
  readers: readonly ReadablePattern[],
  request: BenchRequest,
  clock: Clock = systemClock,
): Promise<BenchReport> {
  if (readers.length === 0) throw new NothingToBenchError();
  const { table, signal, log } = run;
  const bench = openBenchClient(run.target, run.maxAttempts);
  const chosen = readers.filter((reader) => reasonToLeaveOut(run, reader) === undefined);
  const leftOut = readers.flatMap((reader) => {
    const reason = reasonToLeaveOut(run, reader);
    return reason === undefined ? [] : [{ id: reader.pattern.id, reason }];
  });
  const pace = `${request.ratePerSecond} runs a second for ${request.durationMs / 1000} s each`;
  log.info(
    `bench: ${counted(chosen.length, "reading pattern")}, ${pace}; ${mostReadUnits(run, chosen, request)}`,
  );
  const patterns: BenchedPattern[] = [];
  try {
    for (const [position, readable] of chosen.entries()) {
      const { pattern, check } = readable;
      const inputs: CheckInput[] = check.inputs(
        run.parsed,
        createRandom(run.seed, pattern.id),
        run.inputCount ?? 5,
      );
      // Each input once before: connections are open, and code is loaded, as in a process that serves.
      const options = {
        client: bench.client,
        table,
        timeoutMs: run.limits.timeoutMs,
        redact: run.redact,
        signal,
      };
      for (const { input } of inputs) {
        if (!signal?.aborted) await runPattern(pattern, input, options).catch(() => undefined);
      }
      if (signal?.aborted) break;
      log.info(`bench: ${pattern.id} (${position + 1} of ${chosen.length})`);
      const random = createRandom(run.seed, `bench ${pattern.id}`);
      patterns.push(await benchPattern({ ...request, ...options, readable, inputs, random, bench, clock }));
      if (signal?.aborted) break;
    }
    const interrupted = signal?.aborted ?? false;
    return { conditions: conditionsOf(run, request, bench), patterns, leftOut, interrupted };
  } finally {
    bench.client.destroy();
  }
}
