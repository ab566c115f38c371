import type { Fault, RandomSource, RequestBody, SeenRequest } from "./rules.ts";

/** An HTTP answer in DynamoDB's JSON protocol. */
export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

const NAMESPACE = "com.amazonaws.dynamodb.v20120810";

/** An error as DynamoDB words it on the wire. */
export function errorAnswer(
  name: string,
  status = 400,
  message = `${name}, made by the fault proxy`,
  extra: Record<string, unknown> = {},
): Answer {
  return { status, body: { __type: `${NAMESPACE}#${name}`, message, Message: message, ...extra } };
}

/** The answer to a write that met a transaction in flight. */
export function conflictAnswer(request: SeenRequest, at = 0): Answer {
  const actions = request.body.TransactItems;
  if (!actions) return errorAnswer("TransactionConflictException", 400);
  const CancellationReasons = actions.map((_, index) =>
    index === at
      ? { Code: "TransactionConflict", Message: "Transaction is ongoing for the item" }
      : { Code: "None" },
  );
  const codes = CancellationReasons.map((reason) => reason.Code).join(", ");
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
  return errorAnswer("TransactionCanceledException", 400, message, { CancellationReasons });
}

/** A request divided into what goes through and what comes back unprocessed; undefined where nothing is left. */
export interface Division {
  readonly forward: RequestBody | undefined;
  readonly unprocessed: Record<string, unknown> | undefined;
}

interface KeysOfTable {
  Keys: unknown[];
  [name: string]: unknown;
}

function split<T>(list: readonly T[], isHeldBack: (entry: T) => boolean): [T[], T[]] {
  const through: T[] = [];
  const held: T[] = [];
  for (const entry of list) (isHeldBack(entry) ? held : through).push(entry);
  return [through, held];
}

const orUndefined = (entries: Record<string, unknown>) =>
  Object.keys(entries).length > 0 ? entries : undefined;

/** Divides a BatchWriteItem or BatchGetItem by the fault's share. */
export function divide(
  request: SeenRequest,
  fault: Extract<Fault, { kind: "unprocessedItems" | "unprocessedKeys" }>,
  random: RandomSource,
): Division {
  const { share = 1 } = fault;
  const which = "which" in fault ? fault.which : undefined;
  const isHeldBack = (entry: unknown) => (which ? which(entry) : random() < share);
  const through: Record<string, unknown> = {};
  const held: Record<string, unknown> = {};
  for (const [table, entries] of Object.entries(request.body.RequestItems ?? {})) {
    if (fault.kind === "unprocessedItems") {
      const [passed, back] = split(entries as unknown[], isHeldBack);
      if (passed.length > 0) through[table] = passed;
      if (back.length > 0) held[table] = back;
    } else {
      const asked = entries as KeysOfTable;
      const [passed, back] = split(asked.Keys, isHeldBack);
      if (passed.length > 0) through[table] = { ...asked, Keys: passed };
      if (back.length > 0) held[table] = { ...asked, Keys: back };
    }
  }
  const forwarded = orUndefined(through);
  return {
    forward: forwarded ? { ...request.body, RequestItems: forwarded } : undefined,
    unprocessed: orUndefined(held),
  };
}
