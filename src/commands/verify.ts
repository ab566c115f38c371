import { ExitCode, exitCodeOf, UsageError } from "../errors.ts";
import { createStyle } from "../log.ts";
import type { PlainItem } from "../query/oracle.ts";
import type { BenchRequest } from "../verify/bench/bench-pattern.ts";
import type { VerifySource } from "../verify/read-source.ts";
import type { VerifyReport } from "../verify/report.ts";
import type { MarkdownOutcome } from "../verify/reports/report-schema.ts";
import type { CommandContext, Connection } from "./context.ts";
import { type GlobalOptions, isRedacted, REDACT_OPTION } from "./options.ts";
import { type CommandResult, defineCommand, refuseTogether } from "./run.ts";
import { type BenchOptions, planBench, settleBench, withBenchOptions } from "./verify/bench-options.ts";
import { markdownText, prepareReports, type ReportOptions, withReportOptions } from "./verify/reports.ts";

interface VerifyCommandOptions extends GlobalOptions, BenchOptions, ReportOptions {
  pattern?: string[] | undefined;
  seed?: number | undefined;
  inputs: number;
  source?: string | undefined;
  readOnly?: boolean | undefined;
  scratch?: boolean | undefined;
  updateLock?: boolean | undefined;
  selfTest?: boolean | undefined;
  invariants?: boolean | undefined;
  watch?: boolean | undefined;
  growth?: boolean | undefined;
}

/** Inputs with rows that are drawn for each pattern, where nothing else is said. */
export const DEFAULT_INPUTS = 5;

/** Where `--source` says that the right answers come from the table itself. */
const TABLE_SOURCE = "table";

function checkNumber(name: string, value: number | undefined, least: number, most: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return;
  throw new UsageError({
    message: `--${name} must be a whole number from ${least} to ${most}`,
    next: `Give --${name} such a number, or leave it out.`,
    facts: { option: name, value },
  });
}

/** The items that the right answers come from: a file, or the table itself. */
async function chooseSource(
  { project, options }: CommandContext,
  { client }: Connection,
  table: string,
  asked?: string,
): Promise<VerifySource> {
  const { join, resolve } = await import("node:path");
  const { fileSource, tableSource } = await import("../verify/read-source.ts");
  if (asked === TABLE_SOURCE) return tableSource(client, table);
  const seeds = join("seeds", options.table, "items.json");
  return asked === undefined
    ? fileSource(join(project.root, seeds), seeds)
    : fileSource(resolve(asked), asked);
}

/** What a verify run is asked for. */
export interface VerifyRequest
  extends Pick<
    VerifyCommandOptions,
    | "pattern"
    | "seed"
    | "inputs"
    | "source"
    | "readOnly"
    | "scratch"
    | "updateLock"
    | "invariants"
    | "growth"
    | "selfTest"
  > {
  /** Measure latencies as well. */
  readonly benchRequest?: BenchRequest | undefined;
  /** A scratch table that the caller has made, and deletes. */
  readonly scratchTable?: string | undefined;
  /** Takes the items that the right answers come from. */
  readonly onItems?: ((items: readonly PlainItem[]) => void) | undefined;
  /** Send many writes at once. Default true. */
  readonly contention?: boolean | undefined;
}

/** The same source, whose items somebody else wants as well. */
const shared = (source: VerifySource, onItems: VerifyRequest["onItems"]): VerifySource => ({
  ...source,
  read: async (signal) => {
    const items = await source.read(signal);
    onItems?.(items);
    return items;
  },
});

/** The file with a model's costs, and how messages call it. */
async function lockFileOf({ project, options }: CommandContext): Promise<{ file: string; shown: string }> {
  const { join } = await import("node:path");
  const { lockName } = await import("../verify/cost/lock-file.ts");
  const shown = lockName(options.table);
  return { file: join(project.root, shown), shown };
}

/** Judges the access patterns of the model that the context names. */
export async function runVerify(context: CommandContext, request: VerifyRequest): Promise<VerifyReport> {
  const { loadQuerySet } = await import("../query/load-queries.ts");
  const { loadOracles } = await import("../verify/load-oracles.ts");
  const { verify, wantsInvariants } = await import("../verify/verify.ts");
  const { project, options, signal, log } = context;
  const querySet = await loadQuerySet(project, options.table);
  const oracles = await loadOracles(project, options.table);
  const table = await context.physicalTable();
  const connection = await context.connect({ readOnly: true });
  const { file, shown } = await lockFileOf(context);
  const { readLock } = await import("../verify/cost/lock-file.ts");
  const { findExportedPatterns } = await import("../query/find-exported-patterns.ts");
  const asked = {
    target: connection.target,
    selected: request.pattern,
    invariants: request.invariants,
    growth: request.growth,
  };
  const report = await verify({
    ...asked,
    exported: await findExportedPatterns(project, options.table),
    lock: request.updateLock ? undefined : await readLock(file, shown),
    table,
    design: await context.tableDesign(),
    querySet,
    oracles,
    source: shared(await chooseSource(context, connection, table, request.source), request.onItems),
    seed: request.seed,
    inputCount: request.inputs,
    readOnly: request.readOnly,
    scratch: request.scratch,
    selfTest: request.selfTest,
    bench: request.benchRequest,
    scratchTable: request.scratchTable,
    contention: request.contention,
    redact: isRedacted(options),
    signal,
    log,
  });
  if (!wantsInvariants(asked)) return report;
  const { judgeMigrationsAgain } = await import("./verify-migrations.ts");
  const again = await judgeMigrationsAgain(context);
  return { ...report, modelResults: [again, ...report.modelResults] };
}

/** Writes what was measured, where every pattern that was asked for has passed. */
async function updateLock(context: CommandContext, report: VerifyReport): Promise<void> {
  const { makeLock, readLock, writeLock } = await import("../verify/cost/lock-file.ts");
  const { exitCodeOfReport } = await import("../verify/report.ts");
  const { file, shown } = await lockFileOf(context);
  if (exitCodeOfReport(report) !== 0) {
    context.log.warn(`${shown} was not written: only patterns that pass are locked`);
    return;
  }
  // One that cannot be read is made anew.
  const before = await readLock(file, shown).catch(() => undefined);
  await writeLock(file, makeLock(report, before));
  context.log.info(`wrote ${shown}`);
}

/** What a watch shows again and again is no report of one run. */
function refuseWithWatch(options: VerifyCommandOptions): void {
  const why = "a watch shows results on the terminal and never ends by itself";
  const reports = ["junit", "json-file", "html", "markdown"];
  for (const other of [...reports, "update-lock", "bench", "growth", "self-test"])
    refuseTogether(options, "watch", other, why);
  // A global option is always there.
  refuseTogether({ watch: true, json: options.json || undefined }, "watch", "json", why);
}

/** The exit status, where a file that is not up to date is no as well. */
function exitCodeWith(report: VerifyReport, markdown: MarkdownOutcome | undefined, code: ExitCode): ExitCode {
  const isStale = markdown?.status === "outOfDate" && report.bench?.interrupted !== true;
  return isStale ? ExitCode.no : code;
}

async function run(context: CommandContext, options: VerifyCommandOptions): Promise<CommandResult> {
  const { SEED_LIMIT } = await import("../verify/random.ts");
  checkNumber("seed", options.seed, 0, SEED_LIMIT - 1);
  checkNumber("inputs", options.inputs, 1, 1000);
  refuseTogether(options, "read-only", "scratch", "one leaves the writing patterns out, the other runs them");
  refuseTogether(options, "read-only", "growth", "it is measured on a scratch table, which is written to");
  if (options.watch) {
    refuseWithWatch(options);
    const { watchPatterns } = await import("./verify/watch.ts");
    return watchPatterns(context, options);
  }
  const bench = await planBench(options);
  // The inputs of the baseline, so that the same questions are asked again.
  const seed = options.seed ?? bench?.baseline?.content.conditions.seed;
  const reports = await prepareReports(context, options);
  const { onItems } = reports;
  const report = await runVerify(context, { ...options, seed, benchRequest: bench?.request, onItems });
  if (bench && report.bench) await settleBench(report.bench, bench, options, context.log);
  if (options.updateLock) await updateLock(context, report);
  const { description } = await context.target();
  const documentWith = (markdown?: MarkdownOutcome) => ({
    target: description,
    ...report,
    ...(markdown && { markdown }),
  });
  const { markdown } = await reports.write(report, (outcome) => ({
    command: "verify",
    ...documentWith(outcome),
  }));
  const { exitCodeOfReport } = await import("../verify/report.ts");
  const { renderText } = await import("../verify/reports/text.ts");
  const color = options.color && !context.environment.noColor && process.stdout.isTTY === true;
  const text = renderText(report, createStyle(color));
  // What was measured before Ctrl-C is shown, and the exit is that of any interruption.
  const code = report.bench?.interrupted ? exitCodeOf(context.signal.reason) : exitCodeOfReport(report);
  return {
    document: documentWith(markdown),
    text: markdown ? `${text}\n${markdownText(markdown)}` : text,
    exitCode: exitCodeWith(report, markdown, code),
  };
}

export const verifyCommand = defineCommand<VerifyCommandOptions>({
  name: "verify",
  command: "verify",
  describe: "run every access pattern and judge it by an independent oracle",
  options: (yargs) =>
    withReportOptions(withBenchOptions(yargs))
      .option("pattern", {
        type: "string",
        array: true,
        describe: "judge this pattern only (may be repeated)",
        requiresArg: true,
      })
      .option("seed", { type: "number", describe: "draw the inputs of an earlier run", requiresArg: true })
      .option("inputs", {
        type: "number",
        default: DEFAULT_INPUTS,
        describe: "inputs with rows for each pattern",
        requiresArg: true,
      })
      .option("source", {
        type: "string",
        describe: 'a file of JSON lines, or "table"; default: the model\'s seeds',
        requiresArg: true,
      })
      .option("update-lock", {
        type: "boolean",
        describe: "write what the patterns cost to queries/<model>/patterns.lock.json",
      })
      .option("self-test", {
        type: "boolean",
        describe: "make mistakes on purpose, each of which must be found",
      })
      .option("watch", {
        type: "boolean",
        describe: "judge again what a saved file touches, until Ctrl-C",
      })
      .option("read-only", { type: "boolean", describe: "leave the writing patterns out" })
      .option("invariants", {
        type: "boolean",
        describe: "scan table and indexes for what must hold of all items; default: locally, of all patterns",
      })
      .option("growth", {
        type: "boolean",
        describe:
          "measure at 1, 10 and 100 times the data how costs grow; takes seconds, and a scratch table",
      })
      .option("redact", REDACT_OPTION)
      .option("scratch", { type: "boolean", describe: "on AWS, allow a scratch table for writing patterns" }),
  run,
});
