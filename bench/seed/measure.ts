import { spawn } from "node:child_process";
import { cpus } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { DUMMY_CREDENTIALS } from "../../src/dynamo/client.ts";
import { type Contestant, type Load, WINDOW } from "./contestants.ts";
import { HERE, ROOT } from "./prepare.ts";
import type { SinkReport, SinkSettings } from "./sink/sink.ts";
import type { SinkProcess } from "./sink/sink-process.ts";

/** What the kernel counted of a process and those that it waited for. */
interface Usage {
  readonly seconds: number;
  /** User and system. */
  readonly cpuSeconds: number;
  /** The largest resident set of any one process. */
  readonly peakBytes: number;
  /** Negative: the signal that ended it. */
  readonly exitCode: number;
}

/** One run of a contestant, from its process's start to its end. */
export interface Measurement extends Usage {
  readonly sink: SinkReport;
  /** The share of the machine's CPU that other processes took meanwhile: above a few percent, wall times say little. */
  readonly takenByOthers: number;
  /** The end of what it printed. */
  readonly printed: string;
}

const PRINTED_BYTES = 2_000;

/** Nothing of this shell's AWS settings: the contestants are to see the same. */
const environment = (load: Load) => ({
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  AWS_ACCESS_KEY_ID: DUMMY_CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: DUMMY_CREDENTIALS.secretAccessKey,
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
  ENDPOINT: load.endpoint,
  TABLE: load.table,
  ITEMS_FILE: load.itemsFile,
  REQUESTS_FILE: load.requestsFile,
  WINDOW: String(WINDOW),
});

/** CPU seconds that the machine's cores have been busy for. */
const busySeconds = () =>
  cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0) / 1000;

/**
 * Lets a contestant load into a sink that forgot all before.
 * @throws {Error} where python3, which does the measuring, is not to be had
 */
export async function measure(
  contestant: Contestant,
  load: Load,
  sink: SinkProcess,
  settings: SinkSettings,
): Promise<Measurement> {
  await sink.reset(settings);
  const busyBefore = busySeconds();
  const command = contestant.command(load);
  const child = spawn("python3", [join(HERE, "measure.py"), ...command], {
    cwd: ROOT,
    env: environment(load),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const failed = new Promise<never>((_, reject) => child.once("error", reject));
  const [measured, printed] = await Promise.race([
    Promise.all([text(child.stdout), text(child.stderr)]),
    failed,
  ]);
  const usage: Usage = JSON.parse(measured);
  const busy = busySeconds() - busyBefore;
  const report = await sink.report(settings.keepItems ? load.itemsFile : undefined);
  const foreign = busy - usage.cpuSeconds - report.cpuMicros / 1e6;
  const takenByOthers = Math.max(0, foreign / (usage.seconds * cpus().length));
  return { ...usage, sink: report, takenByOthers, printed: printed.slice(-PRINTED_BYTES) };
}
