import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createClient } from "../../src/dynamo/client.ts";
import { localTarget } from "../../src/dynamo/target.ts";
import { silentLog } from "../../src/log.ts";
import { migrationsOf } from "../../src/migrate/load-migrations.ts";
import { migrateUp } from "../../src/migrate/up.ts";
import { silenceSdkVersionWarning } from "../../src/settings.ts";

/**
 * Migrates a table in a process of its own, and prints what memory it held while it was at it: the heap
 * after a garbage collection, looked at again and again, and the most that the process ever had.
 */
const [endpoint = "", table = "", root = ""] = process.argv.slice(2);
const LOOK_EVERY = 200;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;
silenceSdkVersionWarning();

const target = localTarget(endpoint);
const { client } = createClient(target);
let answers = 0;
let heapBytes = 0;
const requests: Record<string, number> = {};
client.middlewareStack.add(
  (next, { commandName = "" }) =>
    async (args) => {
      const answer = await next(args);
      answers += 1;
      requests[commandName] = (requests[commandName] ?? 0) + 1;
      if (answers % LOOK_EVERY === 0) {
        collectGarbage();
        heapBytes = Math.max(heapBytes, process.memoryUsage().heapUsed);
      }
      return answer;
    },
  { step: "initialize", name: "memory" },
);

const start = performance.now();
const result = await migrateUp({
  client,
  target,
  migrations: migrationsOf({ root }, "quick-photos"),
  model: "quick-photos",
  table,
  ledgerTable: `ledger-of-${table}`,
  indexOwner: "migration",
  log: silentLog(),
  // Collecting garbage all the time, on a busy machine, may hold a sign of life back for long.
  lease: { leaseMs: 120_000 },
});
const seconds = (performance.now() - start) / 1000;
const [step] = result.results[0]?.steps ?? [];
const peakRssBytes = process.resourceUsage().maxRSS * 1024;
process.stdout.write(
  JSON.stringify({
    counts: step?.counts,
    heapBytes,
    peakRssBytes,
    seconds,
    requests,
    error: result.error?.message,
  }),
);
client.destroy();
