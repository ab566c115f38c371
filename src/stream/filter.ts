import { UnsupportedFilterError } from "./errors.ts";

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether one value of a record is what one element of a pattern's list asks for. */
type ValueTest = (value: unknown) => boolean;

const OPERATORS: Readonly<Record<string, (operand: unknown) => ValueTest | undefined>> = {
  prefix: (operand) =>
    typeof operand === "string"
      ? (value) => typeof value === "string" && value.startsWith(operand)
      : undefined,
  suffix: (operand) =>
    typeof operand === "string" ? (value) => typeof value === "string" && value.endsWith(operand) : undefined,
  exists: (operand) =>
    typeof operand === "boolean" ? (value) => (value !== undefined) === operand : undefined,
  "anything-but": (operand) => {
    const unwanted = Array.isArray(operand) ? operand : [operand];
    return unwanted.every((value) => typeof value === "string" || typeof value === "number")
      ? (value) => value !== undefined && !unwanted.some((other) => other === value)
      : undefined;
  },
};

function valueTest(element: unknown, pattern: string): ValueTest {
  if (!isObject(element)) return (value) => value === element;
  const [[operator = "", operand] = [], ...more] = Object.entries(element);
  const test = more.length === 0 ? OPERATORS[operator]?.(operand) : undefined;
  if (!test) throw new UnsupportedFilterError(pattern, `${JSON.stringify(element)} is unknown`);
  return test;
}

/** A record fits an object that fits in every field, and a list that has one element which fits. */
function compile(part: unknown, pattern: string): ValueTest {
  if (Array.isArray(part)) {
    const tests = part.map((element) => valueTest(element, pattern));
    return (value) => tests.some((test) => test(value));
  }
  if (!isObject(part)) {
    throw new UnsupportedFilterError(pattern, `${JSON.stringify(part)} is neither an object nor a list`);
  }
  const fields = Object.entries(part).map(([name, inner]) => [name, compile(inner, pattern)] as const);
  return (value) => fields.every(([name, test]) => test(isObject(value) ? value[name] : undefined));
}

/**
 * Makes what decides whether a record reaches a function, from the filter patterns of its event source
 * mapping: one that fits is enough, and without any all records do (Lambda developer guide, "Filter rule syntax").
 * @throws {UnsupportedFilterError} for an operator that is not known here.
 */
export function recordFilter(patterns: readonly string[]): (record: object) => boolean {
  const tests = patterns.map((pattern) => {
    let parsed: unknown;
    try {
      parsed = JSON.parse(pattern);
    } catch {
      throw new UnsupportedFilterError(pattern, "it is no JSON");
    }
    return compile(parsed, pattern);
  });
  return (record) => tests.length === 0 || tests.some((test) => test(record));
}
