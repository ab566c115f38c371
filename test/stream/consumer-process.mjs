// The project's stream consumer as a process of its own, from the compiled sources, so that a test can kill it.
// Its one argument is JSON: {endpoint, streamArn, activityTable, folder, batchSize}.
import { join } from "node:path";
import { createStreamsClient } from "../../dist/dynamo/streams-client.js";
import { localTarget } from "../../dist/dynamo/target.js";
import { silentLog } from "../../dist/log.js";
import { findProject } from "../../dist/project/find-project.js";
import { Checkpoint } from "../../dist/stream/checkpoint.js";
import { deadLetterFile } from "../../dist/stream/dead-letters.js";
import { functionEnvironment } from "../../dist/stream/function-environment.js";
import { LocalFunction } from "../../dist/stream/local-function.js";
import { runConsumer } from "../../dist/stream/run-consumer.js";

const { endpoint, streamArn, activityTable, folder, batchSize } = JSON.parse(process.argv[2]);
const target = localTarget(endpoint);
const loaded = await LocalFunction.load({
  project: findProject(import.meta.dirname),
  name: "stream-consumer",
  environment: functionEnvironment(
    { name: "stream-consumer", variables: { ACTIVITY_TABLE: activityTable } },
    target,
  ),
  timeoutSeconds: 60,
  onLine: (line) => process.stderr.write(`${line}\n`),
});
const counts = await runConsumer({
  client: createStreamsClient(target),
  streamArn,
  checkpoint: Checkpoint.open(join(folder, "checkpoint.json"), streamArn),
  startingPosition: "trim-horizon",
  batchSize,
  rules: { bisect: true, retryAttempts: 5, maximumRecordAgeSeconds: -1, reportsFailures: true },
  accepts: () => true,
  invoke: (Records) => loaded.invoke({ Records }),
  deadLetters: deadLetterFile(join(folder, "dead-letters.ndjson"), "stream-consumer"),
  once: true,
  log: silentLog(),
  signal: new AbortController().signal,
});
process.stdout.write(`${JSON.stringify(counts)}\n`);
process.exit();
