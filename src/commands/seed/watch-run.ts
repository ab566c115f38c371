import { realpathSync } from "node:fs";
import { open, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Argv } from "yargs";
import { type ExitCode, exitCodeOf, toErrorDocument, UsageError } from "../../errors.ts";
import type { SeedEvent } from "../../seed/events/events.ts";
import type { SeedEvents } from "../../seed/events/seed-events.ts";
import { programVersion } from "../../settings.ts";
import type { CommandContext } from "../context.ts";
import type { CommandResult } from "../run.ts";
import { writeNamedFile } from "../write-named-file.ts";
import type { OpenInput } from "./seed-input.ts";

/** What the command line says of what is told of a run. */
export interface WatchOptions {
  readonly events?: string | undefined;
  readonly report?: string | undefined;
}

/** What is written of a run while it goes on, and after it. */
export interface WatchedRun {
  readonly events: SeedEvents;
  /** The command came to a result. */
  finish(result: CommandResult): Promise<void>;
  /** The command threw this. */
  fail(error: unknown): Promise<void>;
}

/** Adds `--events` and `--report`. */
export function defineWatchOptions<T>(yargs: Argv<T>) {
  return yargs
    .option("events", {
      type: "string",
      describe: "write what happens to this file, one JSON object a line",
      requiresArg: true,
    })
    .option("report", {
      type: "string",
      describe: "write a page with plots of the run to this file",
      requiresArg: true,
    });
}

/** @throws {UsageError} for a dry run: nothing of a load happens in it. */
export function refuseWatching(options: WatchOptions): void {
  const option = (["events", "report"] as const).find((name) => options[name] !== undefined);
  if (option === undefined) return;
  throw new UsageError({
    message: `--${option} and --dry-run do not go together: a dry run loads nothing`,
    next: "Leave out one of the two; --json prints the plan as data.",
    facts: { options: [option, "dry-run"] },
  });
}

const realPath = (file: string): string => {
  try {
    return realpathSync(file);
  } catch {
    return resolve(file);
  }
};

/** Refuses names that would overwrite what is loaded, or each other. */
function refuseClashes({ events, report }: WatchOptions, { input }: OpenInput): void {
  const taken = new Map(input.files.map((file) => [realPath(file), "a file that is to be loaded"]));
  for (const [option, file] of Object.entries({ events, report })) {
    if (file === undefined) continue;
    const message =
      file === "-"
        ? `--${option} - would mix with the result, which goes to standard output`
        : taken.has(realPath(file)) && `--${option} names ${taken.get(realPath(file))}: ${file}`;
    if (message) {
      const next = `Name a file of its own with --${option}.`;
      throw new UsageError({ message, next, facts: { option, file } });
    }
    taken.set(realPath(file), `the file of --${option}`);
  }
}

/** Opens the file of the events. */
async function eventWriter(context: CommandContext, file: string) {
  const { EventFile } = await import("../../seed/events/event-file.ts");
  const { log } = context;
  const onFailure = ({ message }: Error) =>
    log.warn(`${file} has no more events from here on, as it cannot be written: ${message}`);
  return writeNamedFile(file, async (path) => new EventFile(path, onFailure), {
    what: "events",
    option: "events",
    log,
  });
}

/** Makes sure that the report can be written, and keeps what it will show. */
async function reportWriter(context: CommandContext, file: string) {
  const { renderReport } = await import("../../seed/report/render-report.ts");
  const { ReportEvents } = await import("../../seed/report/report-events.ts");
  const { log } = context;
  const named = { what: "report", option: "report", log };
  // Appending makes it, and leaves what is there until there is something else to write.
  await writeNamedFile(file, async (path) => (await open(path, "a")).close(), named);
  const kept = new ReportEvents();
  const write = async () => {
    try {
      await writeNamedFile(file, async (path) => writeFile(path, await renderReport(kept)), named);
      log.info(`the report is in ${file}`);
    } catch (error) {
      log.warn(`no report: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  return { kept, write };
}

/** What decides how a run goes. */
function settingsOf(context: CommandContext, options: object): Record<string, string | number | boolean> {
  const names = ["concurrency", "retryFor", "rate", "proof", "indexes", "maxReadUnits", "format"];
  const { stack } = context.options;
  const given = names.flatMap((name) => {
    const value = (options as Record<string, unknown>)[name];
    return value === undefined ? [] : [[name, Array.isArray(value) ? value.join(" ") : value] as const];
  });
  return { stack, ...Object.fromEntries(given) } as Record<string, string | number | boolean>;
}

/**
 * Opens what the command line asks to be told of a run; undefined where it asks for nothing.
 * @throws {UsageError} where a file cannot be written, or is one that is to be loaded.
 */
export async function watchRun(
  context: CommandContext,
  options: WatchOptions,
  input: () => Promise<OpenInput>,
): Promise<(WatchedRun & { readonly input: OpenInput }) | undefined> {
  const { events: eventsFile, report: reportFile } = options;
  if (eventsFile === undefined && reportFile === undefined) return undefined;
  const opened = await input();
  refuseClashes(options, opened);
  const { SeedEvents } = await import("../../seed/events/seed-events.ts");
  const report = reportFile === undefined ? undefined : await reportWriter(context, reportFile);
  const file = eventsFile === undefined ? undefined : await eventWriter(context, eventsFile);
  const listeners = [
    ...(file ? [(event: SeedEvent) => file.write(event)] : []),
    ...(report ? [(event: SeedEvent) => report.kept.add(event)] : []),
  ];
  const events = new SeedEvents(listeners);
  events.tell({
    type: "runBegun",
    model: context.options.table,
    source: opened.shown,
    time: new Date().toISOString(),
    versions: { tablewright: programVersion(), node: process.version },
    settings: settingsOf(context, options),
  });
  const close = async () => {
    file?.close();
    await report?.write();
  };
  return {
    events,
    input: opened,
    finish: async ({ document, exitCode = 0 as ExitCode }) => {
      const { error, ...result } = document as { error?: ReturnType<typeof toErrorDocument> };
      events.tell({ type: "runFinished", exitCode, result, error });
      await close();
    },
    fail: async (thrown) => {
      const error = context.signal.aborted ? context.signal.reason : thrown;
      events.tell({ type: "runFinished", exitCode: exitCodeOf(error), error: toErrorDocument(error) });
      await close();
    },
  };
}
