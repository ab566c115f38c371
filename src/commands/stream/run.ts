import type { DeclaredConsumer } from "../../deploy/declared-consumers.ts";
import { ExitCode, UsageError } from "../../errors.ts";
import type { ConsumerCounts, StartingPosition } from "../../stream/run-consumer.ts";
import type { CommandContext } from "../context.ts";
import type { GlobalOptions } from "../options.ts";
import { type CommandResult, defineCommand } from "../run.ts";
import { type OpenStream, withStream } from "./open-stream.ts";

interface RunOptions extends GlobalOptions {
  function?: string | undefined;
  from?: StartingPosition | undefined;
  once: boolean;
}

/** Where a stream begins to be read; the same for every command on streams. */
export const FROM_OPTION = { choices: ["trim-horizon", "latest"] as const, requiresArg: true };

/** The files that a consumer's run keeps in the project's state folder. */
async function runFiles({ project }: CommandContext, table: string, name: string) {
  const { join } = await import("node:path");
  const file = (ending: string) => join(project.stateFolder, "streams", `${table}.${name}${ending}`);
  return { checkpoint: file(".json"), deadLetters: file(".dead-letters.ndjson") };
}

async function consume(
  context: CommandContext,
  { connection, client, streamArn }: OpenStream,
  consumer: DeclaredConsumer,
  files: { readonly checkpoint: string; readonly deadLetters: string },
  { from, once }: Pick<RunOptions, "from" | "once">,
): Promise<ConsumerCounts> {
  const { Checkpoint } = await import("../../stream/checkpoint.ts");
  const { deadLetterFile } = await import("../../stream/dead-letters.ts");
  const { recordFilter } = await import("../../stream/filter.ts");
  const { functionEnvironment } = await import("../../stream/function-environment.ts");
  const { LocalFunction } = await import("../../stream/local-function.ts");
  const { runConsumer } = await import("../../stream/run-consumer.ts");
  const { project, log, signal } = context;
  const accepts = recordFilter(consumer.filters);
  // Said by hand, it means: begin anew.
  const checkpoint = from
    ? Checkpoint.none(files.checkpoint, streamArn)
    : Checkpoint.open(files.checkpoint, streamArn);
  const declared = consumer.startingPosition === "LATEST" ? "latest" : "trim-horizon";
  const loaded = await LocalFunction.load({
    project,
    name: consumer.name,
    environment: functionEnvironment(
      { name: consumer.physicalName, variables: consumer.environment },
      connection.target,
    ),
    timeoutSeconds: consumer.timeoutSeconds,
    onLine: (line) => log.info(line),
  });
  try {
    return await runConsumer({
      client,
      streamArn,
      checkpoint,
      startingPosition: from ?? declared,
      batchSize: consumer.batchSize,
      rules: consumer,
      accepts,
      invoke: (records) => loaded.invoke({ Records: records }),
      deadLetters: deadLetterFile(files.deadLetters, consumer.physicalName),
      once,
      log,
      signal,
    });
  } finally {
    await loaded.stop();
  }
}

function toText(table: string, counts: ConsumerCounts, deadLetterFile: string): string {
  const { records, delivered, filtered, deadLetters, invocations, gaps } = counts;
  return [
    `${table}: ${records} records = ${delivered} delivered + ${filtered} filtered + ${deadLetters} dead letters, in ${invocations} calls`,
    ...(deadLetters > 0 ? [`dead letters: ${deadLetterFile}`] : []),
    ...(gaps > 0 ? [`records were trimmed before they could be read: ${gaps} times`] : []),
  ].join("\n");
}

async function run(context: CommandContext, options: RunOptions): Promise<CommandResult> {
  if ((await context.target()).kind === "aws") {
    throw new UsageError({
      message: "stream run is for a local engine: on AWS, Lambda runs the function that the stack declares",
      next: "Leave out --aws; `stream tail --aws` shows the changes of a table on AWS.",
    });
  }
  const { findConsumer } = await import("./find-consumer.ts");
  const { claimCheckpoint } = await import("../../stream/only-run.ts");
  return withStream(context, async (stream) => {
    const { table, streamArn, connection } = stream;
    const consumer = await findConsumer(context, stream, options.function);
    const files = await runFiles(context, table, consumer.name);
    const release = claimCheckpoint(files.checkpoint);
    context.log.info(
      `${consumer.name} reads the stream of ${table} at ${connection.target.description}${options.once ? "" : "; Ctrl-C stops it"}`,
    );
    const counts = await consume(context, stream, consumer, files, options).finally(release);
    const lost = counts.deadLetters > 0 || counts.gaps > 0;
    return {
      document: {
        model: context.options.table,
        table,
        function: consumer.name,
        streamArn,
        ...counts,
        checkpoint: files.checkpoint,
        ...(counts.deadLetters > 0 && { deadLetterFile: files.deadLetters }),
      },
      text: toText(table, counts, files.deadLetters),
      exitCode: lost ? ExitCode.no : ExitCode.fine,
    };
  });
}

export const runCommand = defineCommand<RunOptions>({
  name: "stream run",
  command: "run",
  describe: "run the stack's stream consumer on the local engine, as Lambda does",
  options: (yargs) =>
    yargs
      .option("function", {
        type: "string",
        describe: "which, where several read the stream: a folder of infra/functions",
        requiresArg: true,
      })
      .option("from", { ...FROM_OPTION, describe: "begin anew, there; default: where the last run ended" })
      .option("once", { type: "boolean", default: false, describe: "stop where the stream stands now" }),
  exits: {
    [ExitCode.fine]: "every record was handled or filtered out (with --once; else it runs until Ctrl-C)",
    [ExitCode.no]: "records were given up (dead letters), or gone before they could be read",
    [ExitCode.notYet]: null,
    [ExitCode.couldNotRun]: "could not run (no engine, table or stream; the same consumer runs already)",
    [ExitCode.interrupted]: "stopped by Ctrl-C: the next run goes on from there",
  },
  refuses: ["aws"],
  run,
});
