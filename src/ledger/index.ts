export { type Clock, systemClock } from "../dynamo/clock.ts";
export { breakLease, type HeldLease } from "./break-lease.ts";
export {
  type ControlChange,
  type ControlOutcome,
  type ControlRecord,
  giveOrder,
  type OrderFacts,
  orderFacts,
  readControl,
  watchControl,
} from "./control.ts";
export {
  describeHolder,
  type HolderFacts,
  LeaseHeldError,
  LeaseLostError,
  LedgerKeysError,
  LedgerMissingError,
  LedgerRecordError,
  LedgerVersionError,
} from "./errors.ts";
export {
  appliedWrites,
  type EventFacts,
  type History,
  putEvent,
  readHistory,
  startedWrites,
} from "./history.ts";
export { type Lease, type LeaseOptions, withLease } from "./lease.ts";
export { type LeaseRecord, readLease } from "./lease-record.ts";
export { LEDGER_SCHEMA_VERSION, type Ledger, type OpenLedgerOptions, openLedger } from "./open-ledger.ts";
export type { EventRecord, MigrationRecord, StepRecord } from "./records.ts";
export { identityOf, type TableIdentity } from "./table-identity.ts";
