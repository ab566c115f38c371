import { expect, inject, test } from "vitest";
import { localTarget } from "../../src/dynamo/target.ts";
import { exitCodeOfReport } from "../../src/verify/report.ts";
import { type Fault, startFaultProxy } from "../faults/proxy.ts";
import { fileTable, resultOf, verifyTable } from "./quick-photos.ts";

const { items, table } = await fileTable();

/** A run that is given up sooner than any retry, in milliseconds. */
const TIMEOUT_MS = 250;

/** What a fault comes to that befalls every request, and one that befalls the first alone. */
interface Expected {
  readonly fault: Fault;
  readonly always: "fail" | "indeterminate";
  /** `pass` where a retry gets the right answer: such a fault is invisible by design, as AWS makes it every day. */
  readonly once: "pass" | "fail" | "indeterminate";
}

type Faults = Record<Fault["kind"], Expected>;

const UNKNOWN = { always: "indeterminate", once: "pass" } as const;
const WRONG = { always: "fail", once: "fail" } as const;

/** What happens to requests that are asked again, whether they read or write. */
const RETRIED = {
  throttle: { fault: { kind: "throttle" }, ...UNKNOWN },
  failBefore: { fault: { kind: "failBefore" }, ...UNKNOWN },
  // Writes that were applied are sent again under the same token, and are written once.
  failAfter: { fault: { kind: "failAfter" }, ...UNKNOWN },
  resetBefore: { fault: { kind: "resetBefore" }, ...UNKNOWN },
  loseAnswer: { fault: { kind: "loseAnswer" }, ...UNKNOWN },
  cutAnswer: { fault: { kind: "cutAnswer" }, ...UNKNOWN },
  applyLate: { fault: { kind: "applyLate", milliseconds: 5 }, ...UNKNOWN },
  conflict: { fault: { kind: "conflict" }, ...UNKNOWN },
  // Slow is not wrong, up to the clock of a run: a delay within it is a pass, and this one is not.
  delay: {
    fault: { kind: "delay", milliseconds: TIMEOUT_MS * 2 },
    always: "indeterminate",
    once: "indeterminate",
  },
  // What nobody may ask, nobody is answered: it is not asked again.
  error: {
    fault: { kind: "error", name: "AccessDeniedException" },
    always: "indeterminate",
    once: "indeterminate",
  },
} as const satisfies Partial<Faults>;

const LEFT_OVER: Pick<Faults, "unprocessedItems" | "unprocessedKeys"> = {
  // The scratch table is filled by batches: what they leave over is written again. That they always leave
  // something over takes half a minute to be sure of, so it is not tried here.
  unprocessedItems: { fault: { kind: "unprocessedItems", share: 0.5 }, ...UNKNOWN },
  unprocessedKeys: { fault: { kind: "unprocessedKeys" }, ...UNKNOWN },
};

const READ_FAULTS: Faults = {
  ...RETRIED,
  ...LEFT_OVER,
  answer: { fault: { kind: "answer", answer: () => ({ Items: [], Count: 0 }) }, ...WRONG },
  rewrite: {
    fault: {
      kind: "rewrite",
      change: ({ status, body }) => ({ status, body: { ...body, Items: (body.Items as object[]).slice(1) } }),
    },
    ...WRONG,
  },
};

const WRITE_FAULTS: Faults = {
  ...RETRIED,
  ...LEFT_OVER,
  // A success of which nothing is in the table.
  answer: { fault: { kind: "answer", answer: () => ({}) }, ...WRONG },
  // An answer that says of a write that was done that it was refused.
  rewrite: {
    fault: {
      kind: "rewrite",
      change: () => ({
        status: 400,
        body: {
          __type: "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
          Message: "cancelled",
          CancellationReasons: [{ Code: "ConditionalCheckFailed" }, { Code: "None" }, { Code: "None" }],
        },
      }),
    },
    ...WRONG,
  },
};

/** The requests that a fault befalls: those of the pattern, and for what comes in batches, the batches'. */
function operationOf(kind: Fault["kind"], pattern: string): string {
  if (kind === "unprocessedKeys") return "BatchGetItem";
  if (kind === "unprocessedItems") return "BatchWriteItem";
  return pattern === "follow-user" ? "TransactWriteItems" : "Query";
}

const CASES = [
  ...Object.entries(READ_FAULTS).map(([kind, one]) => ({ pattern: "find-followers", kind, ...one })),
  ...Object.entries(WRITE_FAULTS).map(([kind, one]) => ({ pattern: "follow-user", kind, ...one })),
].flatMap(({ pattern, kind, fault, always, once }) => {
  // Only one pattern reads batches, and only a scratch table is filled by them.
  const by = kind === "unprocessedKeys" ? "find-and-enrich-following" : pattern;
  const isElsewhere =
    (kind === "unprocessedKeys" && pattern === "follow-user") ||
    (kind === "unprocessedItems" && pattern === "find-followers");
  if (isElsewhere) return [];
  const first = { kind, pattern: by, fault, how: "once", times: 1, expected: once };
  const every = { kind, pattern: by, fault, how: "always", times: undefined, expected: always };
  return kind === "unprocessedItems" ? [first] : [first, every];
});

test.each(CASES)(
  "$kind $how behind $pattern: $expected",
  async ({ kind, pattern, fault, times, expected }) => {
    const operation = operationOf(kind as Fault["kind"], pattern);
    const proxy = await startFaultProxy(inject("endpoint"), {
      rules: [{ operation, fault, ...(times !== undefined && { times }) }],
    });
    const report = await verifyTable(table, {
      items,
      target: localTarget(proxy.endpoint),
      maxAttempts: 1,
      selected: [pattern],
      inputCount: 1,
      indexDeadlineMs: 0,
      // A run that is asked again needs its time on a busy machine; one that never comes through need not.
      timeoutMs: expected === "pass" ? 20_000 : TIMEOUT_MS,
    });
    expect(proxy.requests.some((request) => request.fault === fault.kind)).toBe(true);
    const { status, message } = resultOf(report, pattern);
    expect({ status, message }).toMatchObject({ status: expected });
    expect(exitCodeOfReport(report)).toBe({ pass: 0, fail: 1, indeterminate: 3 }[expected]);
  },
);

test("the tables name every fault of the proxy", () => {
  const kinds = new Set(CASES.map(({ kind }) => kind));
  expect([...kinds].sort()).toEqual(Object.keys(READ_FAULTS).sort());
});
