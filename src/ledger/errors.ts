import { ExitCode, TablewrightError } from "../errors.ts";

/** There is no ledger table, and this command may not make one. */
export class LedgerMissingError extends TablewrightError {
  readonly code = "ledger-missing";
  readonly exitCode = ExitCode.couldNotRun;

  /** @param createOption the option by which the command that runs would make it, if it has one */
  constructor(ledgerTable: string, createOption?: string) {
    const other = createOption === undefined ? "" : `, or let this command make it with ${createOption}`;
    super({
      message: `there is no ledger table ${ledgerTable}, so history and lock have no place`,
      next: `Run \`pulumi up\`, which makes it${other}.`,
      facts: { ledgerTable },
    });
  }
}

/** The table named as the ledger is some other table. */
export class LedgerKeysError extends TablewrightError {
  readonly code = "ledger-keys";
  readonly exitCode = ExitCode.usage;

  constructor(ledgerTable: string, found: string) {
    super({
      message: `the table ${ledgerTable} is no ledger: its keys are ${found}, a ledger's are PK (S), SK (S)`,
      next: "Name another table with ledgerTableName in the stack's configuration.",
      facts: { ledgerTable, found },
    });
  }
}

/** The ledger was written by a later version of this program. */
export class LedgerVersionError extends TablewrightError {
  readonly code = "ledger-version";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(ledgerTable: string, found: number, supported: number) {
    super({
      message: `the ledger ${ledgerTable} has schema version ${found}; this program knows ${supported}`,
      next: "Install the version of tablewright that the rest of the team uses.",
      facts: { ledgerTable, found, supported },
    });
  }
}

/** A record of the ledger is not what this program writes. */
export class LedgerRecordError extends TablewrightError {
  readonly code = "ledger-record";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(ledgerTable: string, key: string, cause: Error) {
    super({
      message: `the record ${key} of the ledger ${ledgerTable} cannot be read: ${cause.message}`,
      next: "Somebody changed it by hand: restore it, or remove it if its migration never ran.",
      facts: { ledgerTable, key },
      cause,
    });
  }
}

/** Who has a lease, as it stands in messages. */
export interface HolderFacts {
  readonly owner?: string | undefined;
  readonly command?: string | undefined;
  readonly user?: string | undefined;
  readonly host?: string | undefined;
  readonly pid?: number | undefined;
  readonly term?: number | undefined;
}

/** A lease holder in words. */
export function describeHolder(holder: HolderFacts): string {
  return `${holder.command ?? "a run"} of ${holder.user ?? "someone"} on ${holder.host ?? "an unknown host"} (process ${holder.pid ?? "unknown"})`;
}

/** This run no longer holds the table's lease: everything it would still do must stop. */
export class LeaseLostError extends TablewrightError {
  readonly code = "lease-lost";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(table: string, holder: HolderFacts | undefined, cause?: unknown) {
    const now = holder?.owner ? `it is held by ${describeHolder(holder)}` : "nobody is known to hold it now";
    super({
      message: `this run lost the lock on ${table}: ${now}`,
      next: "See `tablewright migrate status`; run the command again when the other run has ended.",
      facts: { table, holder },
      cause,
    });
  }
}

/** The run that this process helped is over, or another run has taken its place: there is nothing left to help. */
export class JoinedRunEndedError extends TablewrightError {
  readonly code = "joined-run-ended";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(table: string, holder: HolderFacts | undefined, cause?: unknown) {
    const now = holder?.owner ? `the lock is held by ${describeHolder(holder)}` : "nobody holds the lock now";
    super({
      message: `the run on ${table} that this process helped is over: ${now}`,
      next: "See `tablewright migrate status`; run the command again to help another run.",
      facts: { table, holder },
      cause,
    });
  }
}

/** Another run kept the lease for as long as this one was ready to wait. */
export class LeaseHeldError extends TablewrightError {
  readonly code = "lease-held";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(table: string, holder: HolderFacts, waitedSeconds: number) {
    super({
      message: `the lock on ${table} is held by ${describeHolder(holder)}; waited ${waitedSeconds} s`,
      next: "Run the command again when the other run has ended.",
      facts: { table, holder, waitedSeconds },
    });
  }
}
