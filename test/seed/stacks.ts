import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, inject, onTestFinished } from "vitest";
import quickPhotos from "../../infra/tables/quick-photos.ts";
import { userKey } from "../../queries/quick-photos/keys.ts";
import generate from "../../seeds/quick-photos/generate.ts";
import { type CommandContext, type Connection, createContext } from "../../src/commands/context.ts";
import { loadWatched } from "../../src/commands/seed/load.ts";
import { type PlanRequest, planSeed } from "../../src/commands/seed/plan.ts";
import { type ProveRequest, runProve } from "../../src/commands/seed/prove.ts";
import type { SeedRequest } from "../../src/commands/seed/run-seed.ts";
import type { WatchOptions } from "../../src/commands/seed/watch-run.ts";
import { localTarget } from "../../src/dynamo/target.ts";
import { exitCodeOf, toErrorDocument } from "../../src/errors.ts";
import { silentLog } from "../../src/log.ts";
import { migrationsOf } from "../../src/migrate/load-migrations.ts";
import { migrateStatus } from "../../src/migrate/status.ts";
import { migrateUp } from "../../src/migrate/up.ts";
import { findProject } from "../../src/project/find-project.ts";
import { type FaultRule, startFaultProxy } from "../faults/proxy.ts";
import { copyProject } from "../support/project-copy.ts";
import { createTestTable, sharedTarget, testClient, uniqueName } from "../support/tables.ts";

/** Fewer items than are committed: what is tested with them is the command, and it has many runs. */
export const lines = Array.from(generate({ users: 12, seed: 1 }), (item) => `${JSON.stringify(item)}\n`);

/** The primary key of a user. */
export const keyOf = (username: string) => {
  const { PK, SK } = userKey({ username });
  return { PK: { S: PK }, SK: { S: SK } };
};

/** A copy of the project for the whole test file, with these lines as its seed file. */
export function sharedProject(seedLines: readonly string[] = lines) {
  const project = copyProject(afterAll);
  writeFileSync(join(project.root, "seeds/quick-photos/items.json"), seedLines.join(""));
  return project;
}

/** What a test may say of its stack. */
interface StackOptions {
  /** Puts a fault proxy before the engine. */
  rules?: FaultRule[];
  /** Whether there is a table. Default true. */
  deployed?: boolean;
}

/** A stack of the running test's own: a table and a ledger, behind a proxy where there are rules. */
export async function makeStack(root: string, { rules, deployed = true }: StackOptions = {}) {
  const stack = uniqueName("s");
  const ledgerTable = `${stack}-ledger`;
  const config = `config:\n  tableNamePrefix: ${stack}-\n  ledgerTableName: ${ledgerTable}\n`;
  writeFileSync(join(root, `Pulumi.${stack}.yaml`), config);
  const { client } = testClient();
  const table = `${stack}-quick-photos`;
  if (deployed) await createTestTable(client, quickPhotos, { name: table });
  const proxy = rules && (await startFaultProxy(inject("endpoint"), { rules }));
  const endpoint = proxy?.endpoint ?? inject("endpoint");
  /** The command line of `seed …` for a process of its own. */
  const args = (...words: string[]) => ["seed", ...words, "--stack", stack, "--endpoint", endpoint];

  const logged: string[] = [];
  const connections: Connection[] = [];
  onTestFinished(() => {
    for (const connection of connections) connection.client.destroy();
  });
  const context = (
    given: Partial<Pick<CommandContext, "signal">> & { yes?: string; redact?: boolean } = {},
  ): CommandContext => {
    const { yes, redact, signal } = given;
    const flags = { aws: false, dummyCredentials: false, json: true, verbose: false, color: false };
    const options = { ...flags, table: "quick-photos", stack, project: root, yes, redact };
    const note = (line: string) => void logged.push(line);
    const log = { ...silentLog(), info: note, warn: note };
    const made = createContext(options, connections, { target: localTarget(endpoint), overrides: {}, log });
    return signal ? { ...made, project: made.project, signal } : made;
  };
  /** Runs `seed` in this process; what it throws is turned into the error of its document. */
  const seed = async (
    request: Partial<SeedRequest> = {},
    given: Parameters<typeof context>[0] & WatchOptions = {},
  ): Promise<{ document: Record<string, unknown>; text?: string | undefined; exitCode?: number }> => {
    try {
      const made = context(given);
      const { events, report } = given;
      const options = { ...made.options, stack: "dev", events, report };
      return await loadWatched(made, options, { proof: "full", ...request });
    } catch (error) {
      return { document: { error: toErrorDocument(error) }, exitCode: exitCodeOf(error) };
    }
  };
  const plan = (given: Parameters<typeof context>[0] = {}, request: Partial<PlanRequest> = {}) =>
    planSeed(context(given), { proof: "full", ...request });
  const prove = (request: Partial<ProveRequest> = {}) => runProve(context(), { exact: true, ...request });
  const names = { model: "quick-photos", table, ledgerTable, indexOwner: "pulumi" } as const;
  const migrations = migrationsOf(findProject(root), "quick-photos");
  const place = { client, target: sharedTarget(), migrations, log: silentLog() };
  const migrate = () => migrateUp({ ...place, ...names });
  const status = () => migrateStatus({ ...place, ...names });
  const made = { client, table, ledgerTable, stack, proxy, args, context, logged };
  return { ...made, seed, plan, prove, migrate, status };
}
