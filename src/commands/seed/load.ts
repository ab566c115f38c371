import { type ErrorDocument, toErrorDocument, UsageError } from "../../errors.ts";
import type { CommandContext } from "../context.ts";
import { type GlobalOptions, isRedacted } from "../options.ts";
import { RATE_OPTION } from "../rate-option.ts";
import { type CommandResult, defineCommand } from "../run.ts";
import { errorOnSameStack, hintOnSameStack } from "../same-stack.ts";
import { wholeNumber } from "../whole-number.ts";
import { defineModeOptions, type ModeRequest, readModeOptions } from "./mode-options.ts";
import { planSeed } from "./plan.ts";
import { defineProofOptions, type ProofCommandOptions, readProofOptions } from "./proof-options.ts";
import { runSeed, type SeedOutcome, type SeedRequest } from "./run-seed.ts";
import { defineSeedInput, openSeedInput, type SeedInputOptions } from "./seed-input.ts";
import { defineWatchOptions, refuseWatching, type WatchOptions, watchRun } from "./watch-run.ts";

/** The most requests in flight that `--concurrency` may ask for. */
const MOST_CONCURRENCY = 64;

/** What `--proof` may be. */
const PROOFS = ["full", "sample=n%", "none"];

interface LoadCommandOptions
  extends GlobalOptions,
    SeedInputOptions,
    ProofCommandOptions,
    ModeRequest,
    WatchOptions {
  concurrency?: number | undefined;
  retryFor?: number | undefined;
  rate?: string[] | undefined;
  redoMigrations: boolean;
  resume: boolean;
  ledger?: string | undefined;
  dryRun: boolean;
}

function requirePositive(name: string, value: number | undefined, most: number): void {
  if (value === undefined || (value > 0 && value <= most)) return;
  throw new UsageError({
    message: `--${name} must be above 0 and at most ${most}`,
    next: `Leave it out, or write it like --${name} 16.`,
    facts: { option: name, value },
  });
}

/** What failed, and where the load has left a ledger, that it can be resumed. */
function errorToResume(failure: unknown, { ledger }: SeedOutcome["result"]): ErrorDocument {
  const error = toErrorDocument(failure);
  if (ledger === undefined) return error;
  return { ...error, next: `${error.next} With --resume the load goes on where it stopped.` };
}

/** Makes a load's outcome a command's result. */
export async function seedCommandResult(
  { table: model, stack, redact, aws }: Pick<GlobalOptions, "table" | "stack" | "redact" | "aws">,
  outcome: SeedOutcome,
): Promise<CommandResult> {
  const { table, source, result, connection, pendingAgain } = outcome;
  const { TakenBackError } = await import("../../seed/errors.ts");
  const { seedError, seedExitCode } = await import("../../seed/verdict.ts");
  const { proofDocument, seedText } = await import("./text.ts");
  const isHidden = isRedacted({ redact, aws });
  const { stop, failedAfter, listedRejects, proof, ...counts } = result;
  const failed = seedError(result, table, connection.target);
  const isPendingAgain = pendingAgain.length > 0;
  const failure = failed !== undefined && isPendingAgain ? new TakenBackError(pendingAgain, failed) : failed;
  const error = failure === undefined ? undefined : errorOnSameStack(errorToResume(failure, result), stack);
  return {
    document: { model, table, source, ...counts, proof: proofDocument(proof, isHidden), pendingAgain, error },
    text: [
      seedText(result, table, source, { error, redact: isHidden }),
      ...(isPendingAgain && !error
        ? [
            hintOnSameStack(
              `pending again: ${pendingAgain.join(", ")}; run \`tablewright migrate up\``,
              stack,
            ),
          ]
        : []),
    ].join("\n"),
    exitCode: seedExitCode(result, failure),
  };
}

/** Loads, and writes what happens to the files that are asked for, whichever way the load ends. */
export async function loadWatched(
  context: CommandContext,
  options: WatchOptions & Parameters<typeof seedCommandResult>[0],
  request: SeedRequest,
): Promise<CommandResult> {
  const watched = await watchRun(context, options, () => openSeedInput(context, request));
  if (!watched) return seedCommandResult(options, await runSeed(context, request));
  const { input, events } = watched;
  try {
    const outcome = await runSeed(context, { ...request, input, events });
    const result = await seedCommandResult(options, outcome);
    await watched.finish(result);
    return result;
  } catch (error) {
    await watched.fail(error);
    throw error;
  }
}

async function load(context: CommandContext, options: LoadCommandOptions): Promise<CommandResult> {
  if (options.concurrency !== undefined) wholeNumber("concurrency", options.concurrency, 1, MOST_CONCURRENCY);
  requirePositive("retry-for", options.retryFor, 86_400);
  if (options.dryRun && options.resume) {
    throw new UsageError({
      message: "--dry-run shows what a load would do from its beginning, and --resume goes on with one",
      next: "Leave out one of the two.",
    });
  }
  const proof = await readProofOptions(options, PROOFS);
  const mode = readModeOptions(options);
  const { files, format, duplicates, concurrency, retryFor: retrySeconds, rate, redoMigrations } = options;
  if (options.dryRun) {
    refuseWatching(options);
    const { proof: asked, indexes } = proof;
    return planSeed(context, { files, format, duplicates, rate, mode: options.mode, proof: asked, indexes });
  }
  const { resume, ledger } = options;
  const how = { concurrency, retrySeconds, rate, redoMigrations, resume, ledger };
  return loadWatched(context, options, { files, format, duplicates, ...how, ...mode, ...proof });
}

export const loadCommand = defineCommand<LoadCommandOptions>({
  name: "seed",
  command: "$0 [files..]",
  describe: "check a seed file, load it, and prove that the table holds it",
  options: (yargs) =>
    defineWatchOptions(defineModeOptions(defineProofOptions(defineSeedInput(yargs), PROOFS)))
      .option("concurrency", {
        type: "number",
        describe: "requests in flight at once; default 16, of single items 64",
        requiresArg: true,
      })
      .option("retry-for", {
        type: "number",
        describe: "give up when nothing was written for so many seconds; default 60",
        requiresArg: true,
      })
      .option("rate", RATE_OPTION)
      .option("redo-migrations", {
        type: "boolean",
        default: false,
        describe: "take back the migrations that have written to the table, first",
      })
      .option("resume", {
        type: "boolean",
        default: false,
        describe: "go on with a load of the same files that was cut off",
      })
      .option("ledger", {
        type: "string",
        describe: "the file that knows how far the load has come; default one in .tablewright/loads",
        requiresArg: true,
      })
      .option("dry-run", {
        type: "boolean",
        default: false,
        describe: "check, and say what a load would do, take and cost; write nothing",
      }),
  run: load,
});
