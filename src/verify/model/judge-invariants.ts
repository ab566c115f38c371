import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { Invariant, InvariantBreach } from "../../query/oracle.ts";
import { canonicalText, lineOf } from "../plain-value.ts";
import { openProbe } from "../probe.ts";
import type { ModelResult } from "../report.ts";
import { fail, HIDDEN, PASS, type Verdict } from "../verdict.ts";
import type { Run } from "../verify-run.ts";
import { indexesOf, judgeIndex, readAll, type TableReading } from "./judge-index.ts";
import { judgeModel } from "./model-result.ts";
import { shownLines } from "./shown-lines.ts";

/** Reads the whole table as the oracles understand it. */
type ReadSource = () => Promise<unknown>;

/** The breaches that two looks at the table agree on: the others came from writes in between. */
function lasting(first: readonly InvariantBreach[], second: readonly InvariantBreach[]): InvariantBreach[] {
  const seen = new Set(first.map(canonicalText));
  return second.filter((breach) => seen.has(canonicalText(breach)));
}

function failBreaches(breaches: readonly InvariantBreach[]): Verdict {
  const first = `${breaches.length} ${breaches.length === 1 ? "is" : "are"} not as they must be`;
  const lineFor = ({ what, expected, actual }: InvariantBreach) =>
    `${what}: expected ${lineOf(expected)}, got ${lineOf(actual)}`;
  return {
    ...fail(first, ...shownLines(breaches.map(lineFor))),
    masked: [first, ...shownLines(breaches.map(() => HIDDEN))],
  };
}

/** A scan is no snapshot: what looks wrong is looked at once more before it is told. */
async function judgeInvariant(
  { check }: Invariant<unknown>,
  known: unknown,
  read: ReadSource,
): Promise<Verdict> {
  const first = check(known);
  if (first.length === 0) return PASS;
  const breaches = lasting(first, check(await read()));
  return breaches.length === 0 ? PASS : failBreaches(breaches);
}

/** Judges what the model says must hold of its items. */
async function judgeItems(run: Run, reading: TableReading): Promise<ModelResult[]> {
  const { oracles } = run;
  const read: ReadSource = async () =>
    oracles.parseSource((await readAll(reading)).map((item) => unmarshall(item)));
  let known: Promise<unknown> | undefined;
  const results: ModelResult[] = [];
  for (const invariant of oracles.invariants ?? []) {
    const { id, title } = invariant;
    const judge = async () => {
      known ??= read();
      return judgeInvariant(invariant, await known, read);
    };
    results.push(await judgeModel({ id, kind: "invariant", title }, run, judge));
  }
  return results;
}

/**
 * Judges what must hold of the whole table: the invariants of the model, on a consistent scan, and that each index
 * holds what the table's items make. Scans the table once, once for each index, and each index.
 */
export async function judgeInvariants(run: Run): Promise<ModelResult[]> {
  const { target, table, design, maxAttempts, limits, signal } = run;
  const probe = openProbe(target, { readOnly: true, maxAttempts });
  try {
    const reading = { client: probe.client, table, design, signal, indexDeadlineMs: limits.indexDeadlineMs };
    const results = await judgeItems(run, reading);
    for (const [name, index] of indexesOf(design)) {
      const topic = {
        id: `index-${name}`,
        kind: "invariant",
        title: `${name} holds what the items make`,
      } as const;
      results.push(await judgeModel(topic, run, () => judgeIndex(reading, name, index)));
    }
    return results;
  } finally {
    probe.close();
  }
}
