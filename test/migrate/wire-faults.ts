import { expect } from "vitest";
import type { StoredItem } from "../../src/dynamo/scan.ts";
import { migrateUp } from "../../src/migrate/up.ts";
import { type Fault, type FaultRule, startFaultProxy } from "../faults/proxy.ts";
import { sharedTarget, testClient } from "../support/tables.ts";
import { expectSameOutcome } from "./outcome.ts";
import { testBed } from "./support.ts";

/** Runs that may fail, one after the other: what is left is for the next one, as a user would have it. */
const MAX_RUNS = 20;

const WRITES = ["TransactWriteItems", "UpdateItem"];

const throttled = (reason: string): Fault => ({
  kind: "error",
  name: "ProvisionedThroughputExceededException",
  extra: { ThrottlingReasons: [{ reason, resource: "arn:aws:dynamodb:us-east-1:1:table/t" }] },
});

/** What the network and DynamoDB do to requests, and the operations that it befalls; to all, where none are named. */
const FAULTS: readonly Pick<FaultRule, "operation" | "fault">[] = [
  { fault: { kind: "throttle" } },
  { operation: WRITES, fault: throttled("TableWriteProvisionedThroughputExceeded") },
  { operation: ["Scan", "Query"], fault: throttled("TableReadAccountLimitExceeded") },
  { fault: { kind: "failBefore" } },
  { fault: { kind: "failAfter" } },
  { fault: { kind: "resetBefore" } },
  { fault: { kind: "loseAnswer" } },
  { operation: WRITES, fault: { kind: "applyLate", milliseconds: 200 } },
  { operation: WRITES, fault: { kind: "conflict" } },
];

/** How a run is disturbed. */
export interface Disturbance {
  readonly items: readonly StoredItem[];
  readonly seed: number;
  /** The chance of each fault at each request that it may befall. */
  readonly probability: number;
  /** The most throttles of each kind: every one slows a run for seconds, as it is to. Default: any number. */
  readonly throttles?: number;
}

/** The kinds of fault that there are. */
export const KINDS = new Set(FAULTS.map(({ fault }) => fault.kind));

/**
 * Runs all migrations of Quick Photos through a proxy that deals every fault at random, as often as it takes,
 * and expects table and history as an undisturbed run leaves them.
 * @returns the kinds of fault that were dealt
 */
export async function proveFaultyUp({
  items,
  seed,
  probability,
  throttles = Number.POSITIVE_INFINITY,
}: Disturbance): Promise<Set<Fault["kind"]>> {
  const undisturbed = await testBed({ items, lease: { leaseMs: 120_000 } });
  expect((await migrateUp(undisturbed.environment)).error).toBeUndefined();

  const rules = FAULTS.map((rule): FaultRule => {
    const isThrottle = ["throttle", "error"].includes(rule.fault.kind);
    return { ...rule, probability, ...(isThrottle && { times: throttles }) };
  });
  const proxy = await startFaultProxy(sharedTarget().endpoint ?? "", { seed, rules });
  const bed = await testBed({ items });
  const { client } = testClient(proxy.endpoint);
  // Short, as the next run waits for it where a failed one could not give the lock back.
  const environment = { ...bed.through(client), lease: { leaseMs: 1_000, heartbeatMs: 200 } };
  let isDone = false;
  for (let run = 0; run < MAX_RUNS && !isDone; run += 1) {
    isDone = await migrateUp(environment).then(
      ({ error }) => error === undefined,
      () => false,
    );
  }
  await proxy.settled();
  expect(isDone, `seed ${seed}: one of ${MAX_RUNS} runs comes to its end`).toBe(true);
  await expectSameOutcome(bed, undisturbed);
  return new Set(proxy.requests.flatMap(({ fault }) => fault ?? []));
}
