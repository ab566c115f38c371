import type { MeteredClient } from "../dynamo/client.ts";
import type { TableDesign } from "../dynamo/table-design.ts";
import type { Target } from "../dynamo/target.ts";
import { createLog, type Log } from "../log.ts";
import { findProject, type Project } from "../project/find-project.ts";
import type { ConfigOverrides, StackReading, StackSettings } from "../project/stack-settings.ts";
import { type Environment, readEnvironment } from "../settings.ts";
import { interruptSignal } from "./interruption.ts";
import type { GlobalOptions } from "./options.ts";

/** A connection to the target, closed when the command ends. */
export interface Connection extends MeteredClient {
  readonly target: Target;
}

/** What a redirected context takes instead of the command line's. */
export interface Redirection {
  readonly target: Target;
  /** Configuration values that win over the stack's files. */
  readonly overrides: ConfigOverrides;
  readonly log: Log;
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
  /** What the files of the stack named with --stack say, right or wrong. */
  readStack(overrides?: ConfigOverrides): Promise<StackReading>;
  /** The settings of that stack. */
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
  /** The same command, going elsewhere: how `start` runs other commands on an engine of its own. */
  redirect(place: Redirection): CommandContext;
}

function commandLog(options: GlobalOptions, environment: Environment): Log {
  const terminal = process.stderr.isTTY === true;
  return createLog({
    verbose: options.verbose,
    color: options.color && !environment.noColor && terminal,
    live: terminal && !environment.plainLines,
  });
}

/** Decides where a command goes, from its options, the environment and the running engine. */
async function chooseCommandTarget(context: CommandContext): Promise<Target> {
  const { chooseTarget } = await import("../dynamo/target.ts");
  const { options, environment, project } = context;
  const endpoint = options.endpoint ?? environment.endpoint;
  const { aws, region, dummyCredentials } = options;
  if (endpoint !== undefined || aws) return chooseTarget({ endpoint, aws, region, dummyCredentials });
  const { findKeptEngine } = await import("../engine/kept-engine.ts");
  return chooseTarget({ running: await findKeptEngine(project) });
}

/**
 * Makes a command's context.
 * @param connections takes every connection that is opened, for the caller to close
 * @param place where to go instead of where the options say
 */
export function createContext(
  options: GlobalOptions,
  connections: Connection[],
  place?: Redirection,
): CommandContext {
  const environment = readEnvironment();
  let project: Project | undefined;

  const context: CommandContext = {
    options,
    environment,
    log: place?.log ?? commandLog(options, environment),
    signal: interruptSignal(),
    get project() {
      project ??= findProject(options.project ?? process.cwd());
      return project;
    },
    async readStack(overrides) {
      const { readStack } = await import("../project/stack-settings.ts");
      return readStack(context.project, options.stack, { ...place?.overrides, ...overrides });
    },
    async stackSettings(overrides) {
      const { readStackSettings } = await import("../project/stack-settings.ts");
      return readStackSettings(context.project, options.stack, { ...place?.overrides, ...overrides });
    },
    async physicalTable() {
      const { requireModel } = await import("../project/models.ts");
      requireModel(context.project, options.table);
      return (await context.stackSettings()).tableName(options.table);
    },
    async tableDesign() {
      const { importTableDesign } = await import("../project/models.ts");
      return (await importTableDesign(context.project, options.table)) as TableDesign;
    },
    target: async () => place?.target ?? (await chooseCommandTarget(context)),
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
    redirect: (elsewhere) => createContext(options, connections, elsewhere),
  };
  return context;
}
