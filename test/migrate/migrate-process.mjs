// `migrate up`, or `up --join`, as a process of its own from the compiled sources, with a short lease and small
// segments, so that a test can stop and kill it. Its one argument is JSON: {verb, endpoint, table, ledgerTable, root}.
// Prints what it did for each step; the exit status is that of the command.
import { createClient } from "../../dist/dynamo/client.js";
import { localTarget } from "../../dist/dynamo/target.js";
import { exitCodeOf } from "../../dist/errors.js";
import { silentLog } from "../../dist/log.js";
import { migrateJoin } from "../../dist/migrate/join.js";
import { migrateUp } from "../../dist/migrate/up.js";

const { verb, endpoint, table, ledgerTable, migrations } = JSON.parse(process.argv[2]);
const target = localTarget(endpoint);
const { client } = createClient(target);
const environment = {
  client,
  target,
  migrations,
  model: "quick-photos",
  table,
  ledgerTable,
  indexOwner: "migration",
  log: silentLog(),
  lease: { leaseMs: 3_000, heartbeatMs: 500 },
  // One segment after the other, of many: there is something to share.
  scan: { segments: 24, workers: 1, pageItems: 5, gather: 5, checkpointMs: 200 },
};
const counts = {};
const addUp = (step) => {
  for (const [name, count] of Object.entries(step.counts)) counts[name] = (counts[name] ?? 0) + count;
};
try {
  if (verb === "join") for (const step of (await migrateJoin(environment)).helped) addUp(step);
  else {
    const { results, error } = await migrateUp(environment);
    for (const step of results.flatMap(({ steps }) => steps)) addUp(step);
    if (error) throw error;
  }
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = exitCodeOf(error);
}
process.stdout.write(JSON.stringify(counts));
client.destroy();
