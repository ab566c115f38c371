import { UsageError } from "../errors.ts";

/** An option's value, which must be a whole number from `least` to `most`. @throws {UsageError} */
export function wholeNumber(
  name: string,
  value: number,
  least: number,
  most: number = Number.MAX_SAFE_INTEGER,
): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} up` : `from ${least} to ${most}`;
  throw new UsageError({
    message: `--${name} must be a whole number ${range}`,
    next: `Write it like --${name} ${Math.min(Math.max(least, 100), most)}.`,
    facts: { option: name, value },
  });
}
