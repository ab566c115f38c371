/**
 * Judges patterns once, in a process that ends afterwards, so that every file of the project is read as it is now.
 * The process is started ahead and loads all that does not change; then it waits for its job.
 */
import { toErrorDocument } from "../../errors.ts";
import { prepareToImport } from "../../project/import-content.ts";
import { silenceSdkVersionWarning } from "../../settings.ts";
import { type Connection, createContext } from "../context.ts";
import type { WatchAnswer, WatchJob } from "./watch-process.ts";

silenceSdkVersionWarning();
const [{ runVerify }] = await Promise.all([
  import("../verify.ts"),
  import("../../query/load-queries.ts"),
  import("../../verify/load-oracles.ts"),
  import("../../verify/verify.ts"),
  import("../../verify/read-source.ts"),
  import("../../verify/cost/lock-file.ts"),
  import("../../dynamo/client.ts"),
  import("../../project/stack-settings.ts"),
  prepareToImport(),
]);

async function work({ options, request }: WatchJob): Promise<WatchAnswer> {
  const connections: Connection[] = [];
  try {
    return { report: await runVerify(createContext(options, connections), request) };
  } catch (error) {
    return { error: toErrorDocument(error) };
  } finally {
    for (const { client } of connections) client.destroy();
  }
}

process.once("message", async (job: WatchJob) => {
  const answer = await work(job);
  // Without its channel nothing keeps the process.
  process.send?.(answer, () => process.disconnect?.());
});
