import { itemsIn } from "../wire/answered-items.ts";
import { leavesOf } from "../wire/values.ts";
import type { Exchange } from "../wire/wire.ts";
import { actionsOf, isWrite, valuesOf } from "./write-actions.ts";

/** What patterns have read or written, as far as it decides which mistakes there can be. */
export type WireFact = "number" | "value" | "condition" | "put" | "severalWrites";

function factsOf({ operation, input, output = {} }: Exchange): WireFact[] {
  const actions = isWrite(operation) ? actionsOf(operation, input) : [];
  const leaves = [...actions.map(valuesOf), ...itemsIn(output)].flatMap((values) => leavesOf(values));
  const writing = actions.filter(({ kind }) => kind !== "ConditionCheck");
  return [
    ...(leaves.some(({ value }) => typeof value === "number") ? (["number"] as const) : []),
    ...(actions.some((action) => leavesOf(valuesOf(action)).length > 0) ? (["value"] as const) : []),
    ...(actions.some(({ body }) => body.ConditionExpression !== undefined) ? (["condition"] as const) : []),
    ...(actions.some(({ kind }) => kind === "Put") ? (["put"] as const) : []),
    ...(writing.length > 1 ? (["severalWrites"] as const) : []),
  ];
}

/** What is seen in what went over the wire. */
export const wireFacts = (exchanges: readonly Exchange[]): ReadonlySet<WireFact> =>
  new Set(exchanges.flatMap(factsOf));
