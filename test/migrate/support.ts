import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { onTestFinished } from "vitest";
import quickPhotos from "../../infra/tables/quick-photos.ts";
import { canonicalItem } from "../../src/dynamo/canonical-item.ts";
import { describeTable, type Sender } from "../../src/dynamo/describe.ts";
import { OPEN_VIEW } from "../../src/dynamo/item-view.ts";
import type { StoredItem } from "../../src/dynamo/scan.ts";
import { localTarget } from "../../src/dynamo/target.ts";
import {
  type Clock,
  type Fence,
  type History,
  joinLease,
  type Ledger,
  openLedger,
  readHistory,
  readLease,
  systemClock,
} from "../../src/ledger/index.ts";
import { claimLease } from "../../src/ledger/lease-record.ts";
import { silentLog } from "../../src/log.ts";
import type { MigrationEnvironment } from "../../src/migrate/environment.ts";
import {
  type MigrateResult,
  MigrationFilesError,
  type MigrationStep,
  migrationsOf,
  writeSum,
} from "../../src/migrate/index.ts";
import { ForeseenTable, readItems } from "../../src/migrate/plan/foreseen-table.ts";
import { Progress } from "../../src/migrate/progress.ts";
import { kindOf } from "../../src/migrate/steps/index.ts";
import type { FoundPlan, StepContext } from "../../src/migrate/steps/step-context.ts";
import type { Project } from "../../src/project/find-project.ts";
import { readIdentity } from "../ledger/support.ts";
import { ROOT } from "../support/processes.ts";
import {
  type AtEnd,
  allItems,
  createTestTable,
  putItems,
  sharedTarget,
  testClient,
  uniqueName,
} from "../support/tables.ts";

export const REPOSITORY: Project = { root: ROOT, stateFolder: join(ROOT, ".tablewright") };

/** A fresh Quick Photos table with a ledger of its own. */
export interface TestBed {
  readonly client: DynamoDBClient;
  readonly environment: MigrationEnvironment;
  /** Where steps outside any run keep their records. */
  readonly held: Pick<Fence, "ledger" | "owner" | "term">;
  items(): Promise<StoredItem[]>;
  history(): Promise<History>;
  /** The same, through another client. */
  through(client: Sender): MigrationEnvironment;
}

/** What a {@link TestBed} may differ in. */
export type BedOptions = Partial<Omit<MigrationEnvironment, "client" | "table" | "migrations">> & {
  /** Whose migrations of Quick Photos are run. Default: this repository's. */
  project?: Project;
  items?: readonly StoredItem[];
  /** Make the index with the table. Default false. */
  indexes?: boolean;
  /** The table's physical name. Default: one of its own. */
  name?: string;
  atEnd?: AtEnd;
};

/** Makes a {@link TestBed}; `indexOwner` is `migration` unless said otherwise. */
export async function testBed({
  items = [],
  indexes = false,
  name,
  atEnd,
  project = REPOSITORY,
  ...options
}: BedOptions = {}): Promise<TestBed> {
  const { client } = testClient(undefined, {}, atEnd);
  const table = await createTestTable(client, quickPhotos, { indexes, ...(name && { name }) });
  await putItems(client, table, items);
  const environment: MigrationEnvironment = {
    target: sharedTarget(),
    migrations: migrationsOf(project, "quick-photos"),
    model: "quick-photos",
    ledgerTable: uniqueName("ledger"),
    indexOwner: "migration",
    log: silentLog(),
    ...options,
    client,
    table,
  };
  return {
    client,
    environment,
    held: await takeLease(await ledgerOfSteps(client, table)),
    items: () => allItems(client, table),
    history: async () => {
      const identity = await readIdentity(client, table);
      const { ledgerTable } = environment;
      return readHistory(
        await openLedger({ client, ledgerTable, table: identity, mayCreate: false, readOnly: true }),
      );
    },
    through: (other) => ({ ...environment, client: other }),
  };
}

let stepLedger: Promise<Ledger> | undefined;

/** A ledger for steps outside any run, one for all test files of a process; each table has records of its own. */
async function ledgerOfSteps(client: DynamoDBClient, table: string): Promise<Ledger> {
  const options = { client, ledgerTable: `steps-${randomUUID()}`, mayCreate: true };
  stepLedger ??= readIdentity(client, table).then((identity) => openLedger({ ...options, table: identity }));
  return { ...(await stepLedger), client, scope: `STEPS#${table}` };
}

/** Takes the lease for a run that never ends. */
async function takeLease(ledger: Ledger): Promise<TestBed["held"]> {
  const owner = randomUUID();
  const seen = await readLease(ledger);
  await claimLease(ledger, { owner, command: "test", leaseMs: 10_000 }, seen);
  return { ledger, owner, term: (seen?.term ?? 0) + 1 };
}

/** The same step in a later run, which has taken over from the one before. */
export async function laterRun(
  context: StepContext,
  changes: Partial<StepContext> = {},
): Promise<StepContext> {
  const { ledger, clock } = context.fence;
  const held = await takeLease(ledger);
  return { ...context, fence: joinLease(ledger, held, { clock }), ...changes };
}

let steps = 0;

/** What a step of the bed's table works on, outside any run: each context is of a step of its own. */
export function stepContext(
  bed: TestBed,
  client: Sender = bed.client,
  clock: Clock = systemClock,
): StepContext {
  const { table, log, indexOwner, scan } = bed.environment;
  const nothing = () => Promise.resolve();
  steps += 1;
  return {
    client,
    table,
    log,
    clock: systemClock,
    indexOwner,
    progress: new Progress(),
    show: OPEN_VIEW,
    keyNames: ["PK", "SK"],
    pollMs: 20,
    graceMs: 2_000,
    patienceMs: 20_000,
    identity: { migration: `0001-test-${steps}`, step: "step", hash: "1:a" },
    fence: joinLease(bed.held.ledger, bed.held, { clock }),
    tableBytes: 0,
    scanSettings: scan ?? {},
    waitMs: 60_000,
    detach: false,
    notes: {},
    remember: nothing,
    forget: nothing,
  };
}

/** A client of a fault proxy. The SDK sends nothing twice: each further attempt is the code's own. */
export function clientOf(endpoint: string, atEnd?: AtEnd): DynamoDBClient {
  return testClient(localTarget(endpoint).endpoint, { maxAttempts: 1 }, atEnd).client;
}

/** The same, with a new token for each attempt, so that exactness cannot come from the token. */
export function forgetfulClientOf(endpoint: string): DynamoDBClient {
  const client = clientOf(endpoint);
  client.middlewareStack.add(
    (next, { commandName }) =>
      (args) =>
        commandName === "TransactWriteItemsCommand"
          ? next({ ...args, input: { ...args.input, ClientRequestToken: randomUUID() } as never })
          : next(args),
    { step: "initialize", name: "forgetful" },
  );
  return client;
}

/** A project folder with these files, gone when the test ends. It lies in the repository, so that `tablewright/migrate` resolves. */
export async function projectWith(files: Readonly<Record<string, string>>): Promise<Project> {
  const parent = join(REPOSITORY.stateFolder, "tests");
  mkdirSync(parent, { recursive: true });
  const root = mkdtempSync(join(parent, "migrate-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, "migrations", "quick-photos"), { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(root, "migrations", "quick-photos", name), text);
  }
  const project = { root, stateFolder: join(root, ".tablewright") };
  // Files with mistakes have no sum.
  await writeSum(migrationsOf(project, "quick-photos")).catch((error: unknown) => {
    if (!(error instanceof MigrationFilesError)) throw error;
  });
  return project;
}

/** The text of a migration with one backfill of users: `set` as code. */
export function backfillFile(id: string, set = "{ level: 1 }"): string {
  return `import { backfill, defineMigration } from "tablewright/migrate";
export default defineMigration({
  id: ${JSON.stringify(id)},
  description: "fills",
  steps: [backfill({ id: "fill", where: { SK: { beginsWith: "#METADATA#" } }, set: ${set}, undo: "remove" })],
});
`;
}

/** Items in one spelling and order, to compare whole tables. */
export const spelled = (items: readonly StoredItem[]) => items.map(canonicalItem).sort();

/** What happened to each migration: `{"0001-a": "applied"}`. */
export const resultsOf = ({ results }: Pick<MigrateResult, "results">) =>
  Object.fromEntries(results.map(({ id, result }) => [id, result]));

/** Where each migration stands. */
export const statesOf = ({ migrations }: Pick<MigrateResult, "migrations">) =>
  Object.fromEntries(migrations.map(({ id, state }) => [id, state]));

/** What a step that was planned by itself, on all items of the bed's table, is said to do. */
export async function planStep<Step extends MigrationStep>(
  step: Step,
  bed: TestBed,
  client: Sender = bed.client,
): Promise<FoundPlan> {
  const context = stepContext(bed, client);
  const description = await describeTable(client, context.table);
  if (!description) throw new Error(`no table ${context.table}`);
  const read = await readItems(context, description, { progress: context.progress });
  const table = new ForeseenTable(read, description, context.keyNames);
  const { migration } = context.identity;
  return kindOf(step).plan(step, { ...context, migration, ledger: context.fence.ledger }, table);
}
