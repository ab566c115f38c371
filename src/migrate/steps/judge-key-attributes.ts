import type { PlanContext } from "./step-context.ts";

/** What is wrong with attributes that a step is to write: those of the table's key cannot be. */
export function judgeKeyAttributes(attributes: readonly string[], { keyNames }: PlanContext): string[] {
  const keys = attributes.filter((name) => keyNames.includes(name));
  return keys.length > 0 ? [`gives ${keys.join(", ")}, of the table's key, which no update can change`] : [];
}
