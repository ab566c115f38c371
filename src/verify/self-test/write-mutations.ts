import { primaryKeyNames, type TableDesign } from "../../dynamo/table-design.ts";
import { alter, leavesOf, pathText, valueAt, withValueAt } from "../wire/values.ts";
import { type Exchange, failedConditions, type Tampering } from "../wire/wire.ts";
import type { Mutation } from "./mutant.ts";
import {
  type ActionKind,
  actionsOf,
  changeActions,
  isWrite,
  valuesOf,
  type WriteAction,
  withoutCondition,
  withValues,
} from "./write-actions.ts";

/** What a writing pattern has sent in all cases of its check, all of which were right. */
export interface WriteKnowledge {
  readonly design: TableDesign;
  readonly exchanges: readonly Exchange[];
}

/** Changes every action of one kind at one place, as a mistake in the pattern would. */
const changing = (
  { kind, place }: Pick<WriteAction, "kind" | "place">,
  change: (action: WriteAction) => WriteAction | undefined,
): Tampering => ({
  request: ({ operation, input }) =>
    changeActions(operation, input, (action) =>
      action.kind === kind && action.place === place ? change(action) : action,
    ),
});

const named = (action: WriteAction, what: string) => `${action.kind} ${action.place + 1}: ${what}`;

/** Each value that an action writes is changed, and each attribute of a put left out. */
function valueMutations(action: WriteAction, keys: readonly string[]): Mutation[] {
  const values = valuesOf(action);
  const changed = leavesOf(values)
    .filter(({ path: [name = ""] }) => !keys.includes(name))
    .map(
      ({ path, value }): Mutation => ({
        kind: typeof value === "number" ? "offByOne" : "valueChanged",
        what: named(action, pathText(path)),
        tampering: changing(action, (other) => {
          const there = valueAt(valuesOf(other), path);
          return there === undefined
            ? other
            : withValues(other, withValueAt(valuesOf(other), path, alter(there)));
        }),
      }),
    );
  if (action.kind !== "Put") return changed;
  const lost = Object.keys(values)
    .filter((name) => values[name] !== undefined && !keys.includes(name))
    .map(
      (name): Mutation => ({
        kind: "attributeLost",
        what: named(action, name),
        tampering: changing(action, (other) =>
          withValues(other, withValueAt(valuesOf(other), [name], undefined)),
        ),
      }),
    );
  const misplaced = keys.map(
    (name): Mutation => ({
      kind: "wrongKey",
      what: named(action, name),
      tampering: changing(action, (other) =>
        withValues(other, withValueAt(valuesOf(other), [name], alter(valueAt(valuesOf(other), [name])))),
      ),
    }),
  );
  return [...changed, ...lost, ...misplaced];
}

const WRITING: readonly ActionKind[] = ["Put", "Update", "Delete"];

/** Of several writes that belong together, one is not done. */
function lostWrites(actions: readonly WriteAction[]): Mutation[] {
  const writing = actions.filter(({ kind }) => WRITING.includes(kind));
  if (writing.length < 2) return [];
  return writing.map((action) => ({
    kind: "writeLost",
    what: `${action.kind} ${action.place + 1}`,
    tampering: changing(action, () => undefined),
  }));
}

/** The conditions that have refused a request hold always: with it done, or with it done and refused all the same. */
function lostRefusals({ operation, input, error }: Exchange, partitionKey: string): Mutation[] {
  const actions = actionsOf(operation, input);
  const failed = failedConditions(error).flatMap((place) => actions[place] ?? []);
  const lost = failed.map(
    (action): Mutation => ({
      kind: "refusalLost",
      what: named(action, "its condition"),
      tampering: changing(action, (other) => withoutCondition(other, partitionKey)),
    }),
  );
  const anyway: Mutation = {
    kind: "traceLeft",
    what: "every condition",
    tampering: {
      afterRefusal: (request) =>
        changeActions(request.operation, request.input, (action) => withoutCondition(action, partitionKey)),
    },
  };
  return failed.length > 0 ? [...lost, anyway] : [];
}

/** The mistakes in writing that can be tried on a pattern, each once. */
export function writeMutations({ design, exchanges }: WriteKnowledge): Mutation[] {
  const keys = primaryKeyNames(design);
  const found = exchanges
    .filter(({ operation }) => isWrite(operation))
    .flatMap((exchange) => {
      if (exchange.error) return lostRefusals(exchange, design.partitionKey.name);
      const actions = actionsOf(exchange.operation, exchange.input);
      return [...actions.flatMap((action) => valueMutations(action, keys)), ...lostWrites(actions)];
    });
  return [...new Map(found.map((mutation) => [`${mutation.kind} ${mutation.what}`, mutation])).values()];
}
