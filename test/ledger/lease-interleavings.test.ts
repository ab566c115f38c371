import { randomUUID } from "node:crypto";
import { TransactionCanceledException, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Ledger } from "../../src/ledger/index.ts";
import {
  claimLease,
  holdingCheck,
  type LeaseRecord,
  readLease,
  releaseLease,
  renewLease,
} from "../../src/ledger/lease-record.ts";
import { testClient } from "../support/tables.ts";
import { freshLedger } from "./support.ts";

const RUNNERS = 3;
const ACTIONS = ["look", "claim", "renew", "write", "release"] as const;

/** A runner with what it knows, which may be long out of date: it can be paused between any two actions. */
interface Runner {
  readonly owner: string;
  seen: LeaseRecord | undefined;
  /** The term it believes to hold the lease for; 0 where it never did. */
  term: number;
}

/** What is true of the lease, kept beside the engine. */
interface Truth {
  owner: string | undefined;
  term: number;
  version: number;
}

const signal = () => AbortSignal.timeout(10_000);

/** One write under the lease, as a run sends it. */
async function write(ledger: Ledger, { owner, term }: Runner): Promise<boolean> {
  const Item = { PK: { S: `${ledger.scope}#written` }, SK: { S: randomUUID() } };
  const TransactItems = [
    { ConditionCheck: holdingCheck(ledger, { owner, term }) },
    { Put: { TableName: ledger.ledgerTable, Item } },
  ];
  try {
    await ledger.client.send(new TransactWriteItemsCommand({ TransactItems }));
    return true;
  } catch (error) {
    if (error instanceof TransactionCanceledException) return false;
    throw error;
  }
}

/** Carries an action out, holds the answer against the truth, and keeps the truth. */
async function act(ledger: Ledger, truth: Truth, runner: Runner, action: (typeof ACTIONS)[number]) {
  const holds = truth.owner === runner.owner && truth.term === runner.term;
  const moved = (changes: Partial<Truth>) => Object.assign(truth, { version: truth.version + 1 }, changes);
  switch (action) {
    case "look":
      runner.seen = await readLease(ledger);
      return;
    case "claim": {
      const fits = (runner.seen?.version ?? 0) === truth.version;
      const claimed = await claimLease(
        ledger,
        { owner: runner.owner, command: "migrate up", leaseMs: 1 },
        runner.seen,
      );
      expect(claimed).toBe(fits);
      if (!claimed) return;
      moved({ owner: runner.owner, term: truth.term + 1 });
      runner.term = truth.term;
      return;
    }
    case "renew":
      expect(await renewLease(ledger, runner, signal())).toBe(holds);
      if (holds) moved({});
      return;
    case "write":
      expect(await write(ledger, runner)).toBe(holds);
      return;
    case "release":
      expect(await releaseLease(ledger, runner, signal())).toBe(holds);
      if (holds) moved({ owner: undefined });
  }
}

test("whatever runners do on what they last saw, one can write, terms only grow, and a claim wants the last version", async () => {
  const { client } = testClient();
  const base = await freshLedger(client);
  const actions = fc.array(fc.record({ runner: fc.nat(RUNNERS - 1), action: fc.constantFrom(...ACTIONS) }), {
    minLength: 5,
    maxLength: 30,
  });
  await fc.assert(
    fc.asyncProperty(actions, async (steps) => {
      const ledger = { ...base, scope: `${base.scope}#${randomUUID()}` };
      const truth: Truth = { owner: undefined, term: 0, version: 0 };
      const runners = Array.from(
        { length: RUNNERS },
        (): Runner => ({ owner: randomUUID(), seen: undefined, term: 0 }),
      );
      for (const { runner, action } of steps) await act(ledger, truth, runners[runner] as Runner, action);
      const record = await readLease(ledger);
      expect([record?.owner, record?.term ?? 0, record?.version ?? 0]).toEqual([
        truth.owner,
        truth.term,
        truth.version,
      ]);
    }),
    { numRuns: 25 },
  );
});
