export {
  type AccessPattern,
  type AnyAccessPattern,
  type Database,
  defineAccessPattern,
  type QuerySet,
} from "./access-pattern.ts";
export { MalformedItemError, QueryRefusal } from "./errors.ts";
export type { KeyRange } from "./key-range.ts";
export {
  type CheckInput,
  defineOracles,
  type Expectation,
  type OracleSet,
  type PlainItem,
  type Random,
  type ReadCheck,
  type WriteCheck,
  type WriteExpectation,
} from "./oracle.ts";
export { type ItemReader, parseItem } from "./parse-item.ts";
