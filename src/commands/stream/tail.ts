import { ExitCode } from "../../errors.ts";
import { printResult } from "../../log.ts";
import type { StreamImage, StreamRecord } from "../../stream/event.ts";
import type { ReadStreamOptions } from "../../stream/read-stream.ts";
import type { StartingPosition } from "../../stream/run-consumer.ts";
import type { CommandContext } from "../context.ts";
import type { GlobalOptions } from "../options.ts";
import { type CommandResult, defineCommand } from "../run.ts";
import { type OpenStream, withStream } from "./open-stream.ts";
import { FROM_OPTION } from "./run.ts";

interface TailOptions extends GlobalOptions {
  from: StartingPosition;
  once: boolean;
}

/** Records on one page: as many as DynamoDB gives. */
const PAGE = 1000;

/** A key as text: `PK=USER#ann SK=#METADATA#ann`. */
const showKey = (keys: StreamImage) =>
  Object.entries(keys)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${name}=${Object.values(value).join()}`)
    .join(" ");

/** The attributes that a change touched, where the stream tells. */
function changedNames({ OldImage: before, NewImage: after }: StreamRecord["dynamodb"]): string[] {
  if (!before || !after) return [];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name])).sort();
}

function toLine({ eventName, dynamodb, userIdentity }: StreamRecord): string {
  const time = new Date(dynamodb.ApproximateCreationDateTime * 1000).toISOString();
  const expired = userIdentity?.type === "Service" ? " (expired)" : "";
  const line = [time, `${eventName}${expired}`, showKey(dynamodb.Keys), changedNames(dynamodb).join(", ")];
  return line.join("  ").trimEnd();
}

/** Where reading begins: "latest" leaves out what is there, shards that have been split or merged wholly. */
async function startOf(
  { client, streamArn }: OpenStream,
  from: StartingPosition,
  signal: AbortSignal,
): Promise<Pick<ReadStreamOptions, "positions" | "finished">> {
  if (from === "trim-horizon") return { positions: new Map(), finished: new Set() };
  const { describeStream, parentShards } = await import("../../stream/shards.ts");
  const { shards } = await describeStream(client, streamArn, signal);
  const open = shards.flatMap(({ ShardId: id }) => (id === undefined ? [] : [[id, "newest"] as const]));
  return { positions: new Map(open), finished: new Set(parentShards(shards)) };
}

async function tail(context: CommandContext, options: TailOptions): Promise<CommandResult> {
  const { readStream } = await import("../../stream/read-stream.ts");
  const { toStreamRecord } = await import("../../stream/event.ts");
  const { log, signal } = context;
  return withStream(context, async (stream) => {
    const { client, streamArn, table } = stream;
    await readStream({
      client,
      streamArn,
      ...(await startOf(stream, options.from, signal)),
      limit: PAGE,
      once: options.once,
      signal,
      onGap: (shardId) => log.warn(`${shardId}: records were trimmed before they could be read`),
      async onPage({ records }) {
        const changes = records.map((record) => toStreamRecord(record, streamArn));
        const lines = changes.map((change) => (options.json ? JSON.stringify(change) : toLine(change)));
        if (lines.length > 0) await printResult(lines.join("\n"));
      },
    });
    return { document: { model: context.options.table, table, streamArn }, text: undefined };
  });
}

export const tailCommand = defineCommand<TailOptions>({
  name: "stream tail",
  command: "tail",
  describe: "print the changes of the table as they come; with --json, one line of JSON each",
  printsLines: true,
  options: (yargs) =>
    yargs
      .option("from", { ...FROM_OPTION, default: "latest", describe: "where to begin" })
      .option("once", { type: "boolean", default: false, describe: "stop where the stream stands now" }),
  exits: {
    [ExitCode.fine]: "with --once: all that there is was printed",
    [ExitCode.no]: null,
    [ExitCode.notYet]: null,
    [ExitCode.couldNotRun]: "could not run (no engine, table or stream; network, credentials)",
    [ExitCode.interrupted]: "stopped by Ctrl-C",
  },
  run: tail,
});
