import type { EngineName } from "../dynamo/target.ts";
import { ExitCode, UsageError } from "../errors.ts";
import { createStyle, type Log } from "../log.ts";
import type { IndexOwner } from "../project/stack-settings.ts";
import type { CommandContext } from "./context.ts";
import { evaluateReading } from "./evaluate-stack.ts";
import { ENGINE_OPTION, type GlobalOptions } from "./options.ts";
import { type CommandResult, defineCommand } from "./run.ts";
import type { PhaseResult } from "./start/run-phases.ts";

interface StartOptions extends GlobalOptions {
  engine?: EngineName | undefined;
  indexOwner: IndexOwner;
}

/** Who makes the indexes, in words: a choice of this command that the stack's own files need not share. */
const INDEX_MAKERS: Record<IndexOwner, string> = {
  migration: "a migration, as on a table that grew without them (--index-owner)",
  pulumi: "the Pulumi program (--index-owner)",
};

const NEXT = [
  "Next",
  "  npx tablewright local start     an engine that keeps its data; then",
  "                                  deploy, seed, migrate up, verify",
  "  npx tablewright query --list    the access patterns, to run by hand",
  "  npx pulumi up --stack dev       the same tables on AWS",
];

function refuseOtherTargets(options: StartOptions): void {
  if (!options.aws && options.endpoint === undefined) return;
  throw new UsageError({
    message: "start makes a throw-away engine of its own, and goes nowhere else",
    next: "For another target run deploy (or `pulumi up`), seed, migrate up and verify one by one.",
  });
}

/** The log of the phases: what they have to say in passing is for --verbose, a warning is for everyone. */
const quietLog = (log: Log): Log => ({ ...log, live: false, info: log.debug });

interface Life {
  readonly engine: string;
  readonly phases: readonly PhaseResult[];
}

async function live(context: CommandContext, options: StartOptions): Promise<Life> {
  const [{ startEngine }, { localTarget }, { runPhases }, { lifePhases }] = await Promise.all([
    import("../engine/start-engine.ts"),
    import("../dynamo/target.ts"),
    import("./start/run-phases.ts"),
    import("./start/phases.ts"),
  ]);
  const { signal, log } = context;
  const overrides = { indexOwner: options.indexOwner };
  const reading = await context.readStack(overrides);
  // The program is evaluated while the engine starts. Whoever fails first, the other is ended too.
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const evaluation = evaluateReading(context, reading, { log: quietLog(log), signal: both });
  evaluation.catch(() => {});
  if (reading.mistakes.length > 0) await evaluation;
  try {
    const engine = await startEngine({ engine: options.engine, shortLived: true, signal: both });
    try {
      log.info(`${engine.title} is up at ${engine.endpoint}, in memory`);
      log.info(`stack ${options.stack}; the indexes are made by ${INDEX_MAKERS[options.indexOwner]}`);
      const place = { target: localTarget(engine.endpoint), overrides, log: quietLog(log) };
      const phases = await runPhases(lifePhases(context.redirect(place), evaluation), log);
      return { engine: engine.engine, phases };
    } finally {
      await engine.stop();
    }
  } finally {
    stop.abort();
    await evaluation.catch(() => {});
  }
}

async function start(context: CommandContext, options: StartOptions): Promise<CommandResult> {
  refuseOtherTargets(options);
  const startedAt = performance.now();
  const { engine, phases } = await live(context, options);
  const seconds = (performance.now() - startedAt) / 1000;
  const { phaseLine } = await import("./start/run-phases.ts");
  const failed = phases.find(({ status }) => status === "failed");
  const style = createStyle(options.color && !context.environment.noColor && process.stdout.isTTY === true);
  const verdict = failed ? style.red(`${failed.name} says no`) : style.green("everything holds");
  return {
    document: {
      model: options.table,
      stack: options.stack,
      engine,
      indexOwner: options.indexOwner,
      phases: phases.map(({ name, status, seconds: took, outcome }) => ({
        name,
        status,
        seconds: took,
        ...outcome?.document,
      })),
      seconds,
    },
    text: [
      ...(failed?.outcome?.details ? [failed.outcome.details, ""] : []),
      style.bold(`${options.table}: ${verdict}`),
      ...phases.map((phase) => `  ${phaseLine(phase)}`),
      `  ${"total".padEnd(8)}${`${seconds.toFixed(1)} s`.padStart(7)}  with the engine, which is gone, as are its data`,
      "",
      ...NEXT,
    ].join("\n"),
    exitCode: failed?.outcome?.exitCode ?? ExitCode.fine,
  };
}

export const startCommand = defineCommand<StartOptions>({
  name: "start",
  command: "start",
  describe: "the whole life of a table on a throw-away engine, from nothing to verified",
  options: (yargs) =>
    yargs.option("engine", ENGINE_OPTION).option("index-owner", {
      choices: ["pulumi", "migration"],
      default: "migration",
      describe: "who makes the indexes: a migration, as on a table that grew without them, or the program",
      requiresArg: true,
    }),
  refuses: ["aws", "endpoint"],
  run: start,
});
