export { type Clock, systemClock } from "../dynamo/clock.ts";
export { breakLease, type HeldLease } from "./break-lease.ts";
export { type ControlChange, type ControlOutcome, giveOrder, watchControl } from "./control.ts";
export {
  type ControlRecord,
  describeGiver,
  type OrderFacts,
  orderFacts,
  readControl,
} from "./control-record.ts";
export {
  type DeadLetterRecord,
  deleteDeadLetter,
  putDeadLetter,
  readDeadLetters,
  updateDeadLetter,
} from "./dead-letters.ts";
export {
  describeHolder,
  type HolderFacts,
  JoinedRunEndedError,
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
  putStep,
  readHistory,
  startedWrites,
} from "./history.ts";
export { type JoinOptions, joinLease } from "./join-lease.ts";
export {
  deleteJournal,
  JOURNAL_PARTS,
  type JournalRecord,
  putJournal,
  readJournal,
} from "./journal.ts";
export { readKey, writeKey } from "./key-text.ts";
export {
  type Fence,
  HOLDER_SHARE,
  type Lease,
  type LeaseOptions,
  refusedActions,
  withLease,
} from "./lease.ts";
export { type LeaseRecord, readLease, silenceOf } from "./lease-record.ts";
export { type LeaseNews, logLeaseNews } from "./news.ts";
export { type Observation, observe } from "./observation.ts";
export { LEDGER_SCHEMA_VERSION, type Ledger, type OpenLedgerOptions, openLedger } from "./open-ledger.ts";
export type { EventRecord, MigrationRecord, StepRecord } from "./records.ts";
export {
  checkPass,
  claimSegment,
  countFailure,
  deleteScan,
  deleteSegment,
  putScan,
  readScan,
  readScans,
  readSegments,
  type ScanName,
  type ScanRecord,
  type SegmentRecord,
  saveSegment,
  updateScan,
} from "./scan-records.ts";
export { identityOf, type TableIdentity } from "./table-identity.ts";
