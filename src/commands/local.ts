import { UsageError } from "../errors.ts";
import type { CommandContext } from "./context.ts";
import { ENGINE_OPTION, type GlobalOptions } from "./options.ts";
import { type CommandResult, defineCommand, defineGroup } from "./run.ts";
import { onSameStack } from "./same-stack.ts";
import { wholeNumber } from "./whole-number.ts";

const HIGHEST_PORT = 65_535;

interface StartOptions extends GlobalOptions {
  engine?: "dynamodb-local" | "dynoxide" | undefined;
  port?: number | undefined;
}
interface StopOptions extends GlobalOptions {
  removeData: boolean;
}

async function start(context: CommandContext, options: StartOptions): Promise<CommandResult> {
  const { startKeptEngine } = await import("../engine/kept-engine.ts");
  const { engine } = options;
  const port = options.port === undefined ? undefined : wholeNumber("port", options.port, 1, HIGHEST_PORT);
  const { engine: kept, alreadyRunning } = await startKeptEngine(context.project, {
    engine,
    port,
    signal: context.signal,
  });
  const state = alreadyRunning ? "was already running" : "is running";
  return {
    document: { ...kept, alreadyRunning },
    text: [
      `${kept.title} ${state} at ${kept.endpoint} (process ${kept.pid}); data in ${kept.dataFolder}`,
      `Next: ${onSameStack("npx tablewright deploy", options.stack)}`,
    ].join("\n"),
  };
}

async function stop(context: CommandContext, options: StopOptions): Promise<CommandResult> {
  const { removeKeptData, stopKeptEngine } = await import("../engine/kept-engine.ts");
  if (options.removeData && options.yes === undefined) {
    throw new UsageError({
      message: "--remove-data deletes the local engine's tables",
      next: "Say so with --yes as well.",
    });
  }
  const stopped = await stopKeptEngine(context.project);
  if (options.removeData) removeKeptData(context.project);
  const data = options.removeData ? "its data are removed" : "its data are kept";
  return {
    document: { stopped: stopped !== undefined, engine: stopped?.engine, dataRemoved: options.removeData },
    text: stopped
      ? `${stopped.title} at ${stopped.endpoint} has stopped; ${data}`
      : `no local engine was running; ${data}`,
  };
}

async function status(context: CommandContext): Promise<CommandResult> {
  const { findKeptEngine } = await import("../engine/kept-engine.ts");
  const kept = await findKeptEngine(context.project);
  return {
    document: { running: kept !== undefined, ...kept },
    text: kept
      ? `${kept.title} is running at ${kept.endpoint} (process ${kept.pid}) since ${kept.startedAt}; data in ${kept.dataFolder}`
      : "no local engine is running; start one with `tablewright local start`",
  };
}

export const localCommand = defineGroup("local", "start, stop and show a kept local engine", [
  defineCommand<StartOptions>({
    name: "local start",
    command: "start",
    describe: "start a local engine that keeps its data in .tablewright/",
    options: (yargs) =>
      yargs
        .option("engine", ENGINE_OPTION)
        .option("port", { type: "number", describe: "its port; default: a free one", requiresArg: true }),
    run: start,
  }),
  defineCommand<StopOptions>({
    name: "local stop",
    command: "stop",
    describe: "stop it",
    options: (yargs) =>
      yargs.option("remove-data", { type: "boolean", default: false, describe: "and delete its tables" }),
    run: stop,
  }),
  defineCommand({ name: "local status", command: "status", describe: "say whether it runs", run: status }),
]);
