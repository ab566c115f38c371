import type { ArgumentsCamelCase, Argv, CommandModule } from "yargs";
import {
  ExitCode,
  exitCodeOf,
  InterruptedError,
  TablewrightError,
  toErrorDocument,
  UsageError,
} from "../errors.ts";
import { createLog, printResult } from "../log.ts";
import { readEnvironment, silenceSdkVersionWarning } from "../settings.ts";
import { type CommandContext, type Connection, createContext } from "./context.ts";
import { type ExitMeanings, exitStatusText } from "./exit-status.ts";
import { restoreLoneDash } from "./lone-dash.ts";
import { DEFAULT_STACK, type GlobalOptions } from "./options.ts";
import { errorOnSameStack } from "./same-stack.ts";

/** What a verb came to: data for `--json`, and the same as text. */
export interface CommandResult {
  /** The JSON document, without `command`, which is added. */
  document: Record<string, unknown>;
  /** Undefined where the verb has streamed its answer to standard output itself. */
  text: string | undefined;
  /** Default: fine. */
  exitCode?: ExitCode;
}

/** A command's work: options in, result out. Progress goes to the context's log. */
export type Verb<Options> = (
  context: CommandContext,
  options: ArgumentsCamelCase<Options>,
) => Promise<CommandResult>;

/** Turns what a verb threw into an error that says what to do, as far as it is one of the SDK. */
async function explain(
  error: unknown,
  context: CommandContext,
  connections: readonly Connection[],
): Promise<unknown> {
  if (error instanceof TablewrightError) return error;
  if (context.signal.aborted) return context.signal.reason;
  const target = connections.at(-1)?.target;
  if (!target) return error;
  const { explainFailure } = await import("../dynamo/classify.ts");
  const table = await context.physicalTable().catch(() => undefined);
  return explainFailure(error, target, table);
}

/** How a document is printed with `--json`. */
const DOCUMENT_INDENT = 2;

/**
 * Prints a failure: as one JSON document with `--json`, else as a message on standard error.
 * @param indent 0 makes one line of the document, for a command that prints lines of JSON
 */
export async function printFailure(
  command: string,
  error: unknown,
  options: GlobalOptions,
  indent: number = DOCUMENT_INDENT,
): Promise<void> {
  // A command line that could not be read names no stack.
  const document = errorOnSameStack(toErrorDocument(error), options.stack ?? DEFAULT_STACK);
  if (options.json) {
    await printResult(JSON.stringify({ command, error: document }, null, indent));
    return;
  }
  const log = createLog({
    color: options.color && !readEnvironment().noColor && process.stderr.isTTY === true,
  });
  if (error instanceof InterruptedError) log.info(`\n${command}: ${document.message}`);
  else log.info(`${log.style.red(`${command}:`)} ${document.message}`);
  log.info(document.next);
  const unexpected = !(error instanceof TablewrightError);
  if (error instanceof Error && (unexpected || options.verbose)) log.info(log.style.dim(error.stack ?? ""));
  if (options.verbose && error instanceof Error && error.cause instanceof Error) {
    log.info(log.style.dim(`caused by ${error.cause.stack}`));
  }
}

async function runVerb<Options extends GlobalOptions>(
  { name, run: verb, printsLines = false }: CommandDefinition<Options>,
  options: ArgumentsCamelCase<Options>,
): Promise<void> {
  silenceSdkVersionWarning();
  const connections: Connection[] = [];
  const context = createContext(options, connections);
  try {
    const result = await verb(context, options);
    const document = { command: name, ...result.document };
    const json = printsLines ? undefined : JSON.stringify(document, null, DOCUMENT_INDENT);
    const output = options.json ? json : result.text;
    // Set before anything is printed: a reader that goes away must not change it.
    process.exitCode = result.exitCode ?? ExitCode.fine;
    if (output !== undefined) await printResult(output);
  } catch (thrown) {
    const error = await explain(thrown, context, connections);
    process.exitCode = exitCodeOf(error);
    await printFailure(name, error, options, printsLines ? 0 : DOCUMENT_INDENT);
  } finally {
    for (const { client } of connections) client.destroy();
  }
}

/** A command of the CLI and the verb it runs. */
export interface CommandDefinition<Options extends GlobalOptions> {
  /** The command's words as they stand in output, such as "table list". */
  name: string;
  /** How yargs knows it: the last word, with its positional arguments, such as "list" or "check [file]". */
  command: string;
  describe: string;
  /** Adds the command's own options; what it adds must be what `Options` says. */
  options?: (yargs: Argv<GlobalOptions>) => Argv<unknown>;
  run: Verb<Options>;
  /** What its exit statuses mean, in its own words: the end of its help. */
  exits?: ExitMeanings;
  /** Options that every command takes and this one refuses: its help leaves them out. */
  refuses?: readonly (keyof GlobalOptions)[];
  /** With `--json` it prints one line of JSON an event, by itself, and no document. Default false. */
  printsLines?: boolean;
}

/**
 * Makes the yargs module of a command: gives the verb its context, prints what it returns or throws, and
 * sets the exit status. No other place prints a result. A command's file imports machinery inside `run`
 * only, so that `--help` stays quick.
 */
export function defineCommand<Options extends GlobalOptions = GlobalOptions>(
  definition: CommandDefinition<Options>,
): CommandModule<GlobalOptions, GlobalOptions> {
  return {
    command: definition.command,
    describe: definition.describe,
    builder: (yargs) => {
      const own = (definition.options?.(yargs) ?? yargs) as Argv<GlobalOptions>;
      for (const option of definition.refuses ?? []) own.hide(option);
      return own.epilogue(exitStatusText(definition.exits));
    },
    handler: (options) => runVerb(definition, restoreLoneDash(options) as ArgumentsCamelCase<Options>),
  };
}

/**
 * Makes a command that only groups others, such as `table list` and `table count`.
 * @param options adds options that all of them take
 */
export function defineGroup(
  command: string,
  describe: string,
  members: readonly CommandModule<GlobalOptions, GlobalOptions>[],
  options?: (yargs: Argv<GlobalOptions>) => Argv<unknown>,
): CommandModule<GlobalOptions, GlobalOptions> {
  return {
    command,
    describe,
    builder: (yargs) => {
      options?.(yargs);
      for (const member of members) yargs.command(member);
      return yargs.demandCommand(1, 1, `Say what to do: name a ${command} command.`);
    },
    handler: () => {},
  };
}

/** Refuses two options that contradict each other. */
export function refuseTogether(options: object, first: string, second: string, why: string): void {
  const given = (name: string) => (options as Record<string, unknown>)[name] !== undefined;
  if (given(first) && given(second)) {
    throw new UsageError({
      message: `--${first} and --${second} do not go together: ${why}`,
      next: `Leave out one of the two.`,
      facts: { options: [first, second] },
    });
  }
}
