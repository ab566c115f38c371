import { UsageError } from "../errors.ts";

const MILLISECONDS = { s: 1000, m: 60_000, h: 3600_000 } as const;

/** An option's value such as `90s`, `10m` or `2h`, in milliseconds. @throws {UsageError} */
export function duration(name: string, value: string): number {
  const [, digits, unit] = /^(\d+)([smh])$/.exec(value) ?? [];
  if (digits !== undefined) return Number(digits) * MILLISECONDS[unit as keyof typeof MILLISECONDS];
  throw new UsageError({
    message: `--${name} ${value} is no length of time`,
    next: `Write it as a whole number and a unit, s, m or h: --${name} 10m.`,
    facts: { option: name, value },
  });
}
