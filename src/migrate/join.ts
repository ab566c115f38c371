import {
  type Fence,
  JoinedRunEndedError,
  joinLease,
  type LeaseRecord,
  readLease,
  readScan,
  readScans,
  type ScanRecord,
} from "../ledger/index.ts";
import { type MigrationEnvironment, type OpenTable, openTable, runEnvironment } from "./environment.ts";
import {
  JoinedFileError,
  MigrationFailedError,
  MigrationFilesError,
  type RunAbortedError,
} from "./errors.ts";
import { type LoadedMigration, loadMigrations } from "./load-migrations.ts";
import { addCounts } from "./scan/batch.ts";
import type { ScanWork } from "./scan/scan-work.ts";
import { workPass } from "./scan/work-pass.ts";
import { kindOf } from "./steps/index.ts";
import type { StepContext } from "./steps/step-context.ts";
import { type Underway, whileUnderway } from "./underway.ts";

/** What this process did for a step of the run that it helped. */
export interface HelpedStep {
  readonly migration: string;
  readonly step: string;
  readonly counts: Readonly<Record<string, number>>;
}

/** What helping a run came to. */
export interface JoinResult {
  readonly model: string;
  readonly table: string;
  /** The run that was helped; undefined where there was none. */
  readonly run: Pick<LeaseRecord, "command" | "user" | "host" | "pid" | "term"> | undefined;
  readonly helped: readonly HelpedStep[];
}

/** Time between two looks for a scan to help with, in milliseconds. */
const POLL_MS = 1_000;

/** A process that helps a run. */
interface Helper extends Underway {
  readonly environment: MigrationEnvironment;
  readonly open: OpenTable;
  readonly migrations: readonly LoadedMigration[];
  readonly fence: Fence;
  readonly helped: Map<string, HelpedStep>;
}

/** The step that a scan is of, by the files here; undefined where it does not scan that way. */
function findWork(scan: ScanRecord, helper: Helper) {
  const migration = helper.migrations.find(({ id }) => id === scan.migration);
  const step = migration?.steps.find(({ id }) => id === scan.step);
  if (migration?.hash !== scan.hash || !step) throw new JoinedFileError(scan.migration, scan.step);
  const identity = { migration: scan.migration, step: scan.step, hash: scan.hash };
  // Notes are the leader's: a scan's work takes none.
  const refuse = () => Promise.reject(new TypeError("a helper takes no notes"));
  const context: StepContext = {
    ...runEnvironment(helper.environment, helper.open, helper.fence, helper, identity),
    notes: {},
    remember: refuse,
    forget: refuse,
  };
  const work = kindOf(step).scanWork?.(step, scan.direction, context);
  return work && { work, context };
}

/** The same work, and what is done of it here is added up. */
function counted(work: ScanWork, { migration, step }: ScanRecord, helped: Helper["helped"]): ScanWork {
  const name = `${migration} ${step}`;
  return {
    ...work,
    handle: async (items, batch) => {
      try {
        await work.handle(items, batch);
      } finally {
        const before = helped.get(name)?.counts ?? {};
        helped.set(name, { migration, step, counts: addCounts(before, batch.counts) });
      }
    },
  };
}

/** Works on a pass until it is over, or the run has gone on to another. */
async function helpScan(scan: ScanRecord, helper: Helper): Promise<void> {
  const found = findWork(scan, helper);
  if (!found) return;
  const { migration, step, pass, direction } = scan;
  const { fence, open, pacer, helped } = helper;
  const isStale = async () => {
    const now = await readScan(fence.ledger, scan);
    return now?.pass !== pass || now.direction !== direction || now.hash !== scan.hash;
  };
  helper.progress.begin({ migration, step, direction, pacer, items: open.description.ItemCount });
  try {
    await workPass(scan, { work: counted(found.work, scan, helped), step: found.context, isStale });
  } catch (error) {
    fence.signal.throwIfAborted();
    throw new MigrationFailedError(migration, direction, step, error);
  }
}

/** Helps with one scan after the other until the run is over. */
async function helpRun(helper: Helper): Promise<void> {
  const { ledger, clock, signal, owner, term } = helper.fence;
  for (;;) {
    signal.throwIfAborted();
    const lease = await readLease(ledger);
    if (lease?.owner !== owner || lease.term !== term) return;
    const scans = await readScans(ledger);
    for (const scan of scans) await helpScan(scan, helper);
    // Its leader sums a pass up, or is at a step that does not scan.
    await clock.sleep(POLL_MS, signal);
  }
}

/**
 * Helps the run that holds the table's lease: works on segments of its scans, beside it, until it is over.
 * Runs nothing by itself, and writes nothing where nobody runs. Each process has the whole of its rate for
 * itself; `migrate pause`, `rate` and `abort` reach all of them.
 * @throws {JoinedFileError} where the run goes by other files; {@link MigrationFilesError} where files here
 * are wrong.
 */
export async function migrateJoin(environment: MigrationEnvironment): Promise<JoinResult> {
  const { migrations: place, model, table, clock, log } = environment;
  const { migrations, mistakes } = await loadMigrations(place);
  if (mistakes.length > 0) throw new MigrationFilesError(mistakes);
  const open = await openTable(environment, true);
  const lease = open.ledger.exists ? await readLease(open.ledger) : undefined;
  if (lease?.owner === undefined) return { model, table, run: undefined, helped: [] };
  const { owner, term, command, user, host, pid } = lease;
  log.info(`helping ${command} of ${user} on ${host} (process ${pid})`);
  const aborted = new AbortController();
  const signal = AbortSignal.any([environment.signal ?? [], aborted.signal].flat());
  const fence = joinLease(open.ledger, { owner, term }, { clock, ...environment.lease, signal });
  const helped: Helper["helped"] = new Map();
  const abort = (reason: RunAbortedError) => aborted.abort(reason);
  try {
    await whileUnderway(environment, open, fence, abort, (underway) =>
      helpRun({ environment, open, migrations, fence, helped, ...underway }),
    );
  } catch (error) {
    if (!(error instanceof JoinedRunEndedError)) throw error;
  }
  return { model, table, run: { command, user, host, pid, term }, helped: [...helped.values()] };
}
