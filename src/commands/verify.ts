import { ExitCode, UsageError } from "../errors.ts";
import { createStyle } from "../log.ts";
import type { PlainItem } from "../query/oracle.ts";
import type { VerifySource } from "../verify/read-source.ts";
import type { VerifyReport } from "../verify/report.ts";
import type { MarkdownOutcome } from "../verify/reports/report-schema.ts";
import type { CommandContext, Connection } from "./context.ts";
import { type GlobalOptions, isRedacted, REDACT_OPTION } from "./options.ts";
import { type CommandResult, defineCommand, refuseTogether } from "./run.ts";
import { markdownText, prepareReports, type ReportOptions, withReportOptions } from "./verify/reports.ts";

interface VerifyCommandOptions extends GlobalOptions, ReportOptions {
  pattern?: string[] | undefined;
  seed?: number | undefined;
  inputs: number;
  source?: string | undefined;
  readOnly?: boolean | undefined;
  scratch?: boolean | undefined;
  updateLock?: boolean | undefined;
  invariants?: boolean | undefined;
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
export type VerifyRequest = Pick<
  VerifyCommandOptions,
  "pattern" | "seed" | "inputs" | "source" | "readOnly" | "scratch" | "updateLock" | "invariants"
> & {
  /** Takes the items that the right answers come from. */
  readonly onItems?: ((items: readonly PlainItem[]) => void) | undefined;
};

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
  const shown = join("queries", options.table, "patterns.lock.json");
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

async function run(context: CommandContext, options: VerifyCommandOptions): Promise<CommandResult> {
  const { SEED_LIMIT } = await import("../verify/random.ts");
  checkNumber("seed", options.seed, 0, SEED_LIMIT - 1);
  checkNumber("inputs", options.inputs, 1, 1000);
  refuseTogether(options, "read-only", "scratch", "one leaves the writing patterns out, the other runs them");
  const reports = await prepareReports(context, options);
  const report = await runVerify(context, { ...options, onItems: reports.onItems });
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
  return {
    document: documentWith(markdown),
    text: markdown ? `${text}\n${markdownText(markdown)}` : text,
    exitCode: markdown?.status === "outOfDate" ? ExitCode.no : exitCodeOfReport(report),
  };
}

export const verifyCommand = defineCommand<VerifyCommandOptions>({
  name: "verify",
  command: "verify",
  describe: "run every access pattern and judge it by an independent oracle",
  options: (yargs) =>
    withReportOptions(yargs)
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
      .option("read-only", { type: "boolean", describe: "leave the writing patterns out" })
      .option("invariants", {
        type: "boolean",
        describe: "scan table and indexes for what must hold of all items; default: locally, of all patterns",
      })
      .option("redact", REDACT_OPTION)
      .option("scratch", { type: "boolean", describe: "on AWS, allow a scratch table for writing patterns" }),
  run,
});
