import type { ArgumentsCamelCase, Argv, CommandModule } from "yargs";
import type { MeteredClient } from "../dynamo/client.ts";
import type { TableDesign } from "../dynamo/table-design.ts";
import type { Target } from "../dynamo/target.ts";
import {
  ExitCode,
  exitCodeOf,
  InterruptedError,
  TablewrightError,
  toErrorDocument,
  UsageError,
} from "../errors.ts";
import { createLog, type Log, printResult } from "../log.ts";
import { findProject, type Project } from "../project/find-project.ts";
import type { ConfigOverrides, StackSettings } from "../project/stack-settings.ts";
import { type Environment, readEnvironment, silenceSdkVersionWarning } from "../settings.ts";
import { interruptSignal } from "./interruption.ts";
import type { GlobalOptions } from "./options.ts";

/** What a verb came to: data for `--json`, and the same as text. */
export interface CommandResult {
  /** The JSON document, without `command`, which is added. */
  document: Record<string, unknown>;
  /** Undefined where the verb has streamed its answer to standard output itself. */
  text: string | undefined;
  /** Default: fine. */
  exitCode?: ExitCode;
}

/** A connection to the target, closed when the command ends. */
export interface Connection extends MeteredClient {
  readonly target: Target;
}

/** What a command needs to know and to reach, made only when it is asked for. */
export interface CommandContext {
  readonly options: GlobalOptions;
  readonly environment: Environment;
  readonly log: Log;
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  /** The project around the working directory, or the one named with --project. */
  readonly project: Project;
  /** The settings of the stack named with --stack. */
  stackSettings(overrides?: ConfigOverrides): Promise<StackSettings>;
  /** The physical name of the table named with --table, in that stack. */
  physicalTable(): Promise<string>;
  /** The design of the model named with --table. */
  tableDesign(): Promise<TableDesign>;
  /** Where the command goes, by the rules of `chooseTarget`. */
  target(): Promise<Target>;
  /** Opens a connection to the target. `readOnly` for a plan, a dry run, or a verb that only looks. */
  connect(options?: { readOnly?: boolean; maxAttempts?: number }): Promise<Connection>;
  /**
   * Makes sure that something destructive is meant: `--yes` (on AWS with the table's name), or an
   * answer on a terminal.
   * @throws {UsageError} when it is not.
   */
  confirmDestruction(what: string, physicalName: string): Promise<void>;
}

/** A command's work: options in, result out. Progress goes to the context's log. */
export type Verb<Options> = (
  context: CommandContext,
  options: ArgumentsCamelCase<Options>,
) => Promise<CommandResult>;

function createContext(options: GlobalOptions, connections: Connection[]): CommandContext {
  const environment = readEnvironment();
  const color = options.color && !environment.noColor && process.stderr.isTTY === true;
  const live = process.stderr.isTTY === true && !environment.plainLines;
  const log = createLog({ verbose: options.verbose, color, live });
  let project: Project | undefined;

  const context: CommandContext = {
    options,
    environment,
    log,
    signal: interruptSignal(),
    get project() {
      project ??= findProject(options.project ?? process.cwd());
      return project;
    },
    async stackSettings(overrides) {
      const { readStackSettings } = await import("../project/stack-settings.ts");
      return readStackSettings(context.project, options.stack, overrides);
    },
    async physicalTable() {
      const { listModels } = await import("../project/models.ts");
      const known = listModels(context.project);
      if (!known.includes(options.table)) {
        const { ModelNotFoundError } = await import("../project/errors.ts");
        throw new ModelNotFoundError(options.table, known);
      }
      return (await context.stackSettings()).tableName(options.table);
    },
    async tableDesign() {
      const { importTableDesign } = await import("../project/models.ts");
      return (await importTableDesign(context.project, options.table)) as TableDesign;
    },
    async target() {
      const { chooseTarget } = await import("../dynamo/target.ts");
      const endpoint = options.endpoint ?? environment.endpoint;
      const { aws, region, dummyCredentials } = options;
      if (endpoint !== undefined || aws) return chooseTarget({ endpoint, aws, region, dummyCredentials });
      const { findKeptEngine } = await import("../engine/kept-engine.ts");
      return chooseTarget({ running: await findKeptEngine(context.project) });
    },
    async connect(clientOptions) {
      const target = await context.target();
      const { createClient } = await import("../dynamo/client.ts");
      const connection: Connection = { ...createClient(target, clientOptions), target };
      connections.push(connection);
      return connection;
    },
    async confirmDestruction(what, physicalName) {
      const { confirmDestruction } = await import("./confirm.ts");
      await confirmDestruction(what, physicalName, options, await context.target());
    },
  };
  return context;
}

async function explain(
  error: unknown,
  connections: readonly Connection[],
  signal: AbortSignal,
): Promise<unknown> {
  if (signal.aborted && !(error instanceof TablewrightError)) return signal.reason;
  const target = connections.at(-1)?.target;
  if (!target || error instanceof TablewrightError) return error;
  const { explainFailure } = await import("../dynamo/classify.ts");
  return explainFailure(error, target);
}

/** Prints a failure: as one JSON document with `--json`, else as a message on standard error. */
export async function printFailure(command: string, error: unknown, options: GlobalOptions): Promise<void> {
  const document = toErrorDocument(error);
  if (options.json) {
    await printResult(JSON.stringify({ command, error: document }, null, 2));
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
  name: string,
  verb: Verb<Options>,
  options: ArgumentsCamelCase<Options>,
): Promise<void> {
  silenceSdkVersionWarning();
  const connections: Connection[] = [];
  const signal = interruptSignal();
  try {
    const result = await verb(createContext(options, connections), options);
    const document = { command: name, ...result.document };
    const output = options.json ? JSON.stringify(document, null, 2) : result.text;
    if (output !== undefined) await printResult(output);
    process.exitCode = result.exitCode ?? ExitCode.fine;
  } catch (thrown) {
    const error = await explain(thrown, connections, signal);
    await printFailure(name, error, options);
    process.exitCode = exitCodeOf(error);
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
    builder: (yargs) => (definition.options?.(yargs) ?? yargs) as Argv<GlobalOptions>,
    handler: (options) => runVerb(definition.name, definition.run, options as ArgumentsCamelCase<Options>),
  };
}

/** Makes a command that only groups others, such as `table list` and `table count`. */
export function defineGroup(
  command: string,
  describe: string,
  members: readonly CommandModule<GlobalOptions, GlobalOptions>[],
): CommandModule<GlobalOptions, GlobalOptions> {
  return {
    command,
    describe,
    builder: (yargs) => {
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
