import { UsageError } from "../errors.ts";

/** An option's value, which must be a whole number. @throws {UsageError} */
export function wholeNumber(name: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new UsageError({
    message: `--${name} must be a whole number from ${least} up`,
    next: `Write it like --${name} 100.`,
    facts: { option: name, value },
  });
}
