/**
 * One process of the long proof: an application that writes until it is told to stop, or a migrate that the proof
 * kills. Arguments: traffic | up | down, the proxy's endpoint, the table, the ledger, a seed, how many users.
 */
import { createClient } from "../../src/dynamo/client.ts";
import { localTarget } from "../../src/dynamo/target.ts";
import { exitCodeOf } from "../../src/errors.ts";
import { silentLog } from "../../src/log.ts";
import { migrateDown } from "../../src/migrate/down.ts";
import type { MigrationEnvironment } from "../../src/migrate/environment.ts";
import { migrationsOf } from "../../src/migrate/load-migrations.ts";
import { migrateUp } from "../../src/migrate/up.ts";
import { openDatabase } from "../../src/query/database.ts";
import { seededRandom } from "../faults/rules.ts";
import { ROOT } from "../support/processes.ts";
import { castOf, goOn } from "./live-traffic.ts";

const [mode, endpoint = "", table = "", ledgerTable = "", seed = "", size = ""] = process.argv.slice(2);
const target = localTarget(endpoint);
const { client } = createClient(target);

if (mode === "traffic") {
  const stop = new AbortController();
  process.once("SIGTERM", () => stop.abort());
  const lanes = [0, 1].map((lane) =>
    goOn(
      { ...openDatabase(client, table), signal: stop.signal },
      castOf(Number(size)),
      seededRandom(Number(seed) + lane),
      stop.signal,
    ),
  );
  process.stdout.write(JSON.stringify(await Promise.all(lanes)));
} else {
  const environment: MigrationEnvironment = {
    client,
    target,
    migrations: migrationsOf({ root: ROOT }, "quick-photos"),
    model: "quick-photos",
    table,
    ledgerTable,
    indexOwner: "migration",
    log: silentLog(),
    // Short, as the proof waits for it after each kill.
    lease: { leaseMs: 2_000, heartbeatMs: 500 },
  };
  try {
    const run = mode === "up" ? migrateUp(environment) : migrateDown(environment, { steps: 2 });
    const { error } = await run;
    if (error) throw error;
  } catch (error) {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = exitCodeOf(error);
  }
}
client.destroy();
