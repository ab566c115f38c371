export {
  type AccessPattern,
  type AnyAccessPattern,
  type Budget,
  type Database,
  defineAccessPattern,
  type Growth,
  type PatternRequest,
  type QuerySet,
} from "./access-pattern.ts";
export { batchGetAll } from "./batch-get-all.ts";
export { openDatabase } from "./database.ts";
export {
  ContendedError,
  InvalidCursorError,
  MalformedItemError,
  QueryRefusal,
  UnreadKeysError,
} from "./errors.ts";
export { getItem, getRequest } from "./get-item.ts";
export type { KeyRange } from "./key-range.ts";
export {
  type CheckInput,
  type Contention,
  type ContentionGroup,
  defineOracles,
  type Expectation,
  type Invariant,
  type InvariantBreach,
  type OracleSet,
  type PlainItem,
  type Random,
  type ReadCheck,
  type WriteCheck,
  type WriteExpectation,
} from "./oracle.ts";
export { type ItemReader, parseItem } from "./parse-item.ts";
export { type ItemPage, type PagedQuery, type PageInput, queryPages, queryRequest } from "./query-pages.ts";
export {
  type FailedConditions,
  isMissingPathError,
  type TransactAction,
  type TransactActions,
  transactRequest,
  transactWrite,
} from "./transact-write.ts";
export { type AttributeUpdate, updateAttributes, updateRequest } from "./update-attributes.ts";
export { compareUtf8 } from "./utf8-order.ts";
