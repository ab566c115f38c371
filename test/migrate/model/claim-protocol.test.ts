import { expect, test } from "vitest";
import { type Cast, claimProtocol, type Flaw } from "./claim-protocol.ts";
import { explore } from "./explore.ts";

const casts: Readonly<Record<string, Cast>> = {
  "two backfills, one of them killed, requests sent again": [
    { kind: "backfill", crashes: 1, resends: 1 },
    { kind: "backfill", resends: 1 },
  ],
  "a backfill that is killed, beside a create and a delete": [
    { kind: "backfill", crashes: 1, resends: 1 },
    { kind: "create", member: 1 },
    { kind: "delete", member: 0, resends: 1 },
  ],
  "two backfills beside a delete": [
    { kind: "backfill", crashes: 1 },
    { kind: "backfill" },
    { kind: "delete", member: 0 },
  ],
  "create, delete and create again, sent twice, beside a backfill": [
    { kind: "create", member: 1, resends: 1 },
    { kind: "delete", member: 1, resends: 1 },
    { kind: "backfill", resends: 1 },
  ],
  "an old creator that does not mark": [
    { kind: "oldCreate", member: 1 },
    { kind: "delete", member: 1 },
    { kind: "backfill", crashes: 1 },
    { kind: "create", member: 1 },
  ],
  "down against a backfill that comes back, and a delete": [
    { kind: "takeBack", crashes: 1 },
    { kind: "backfill", resends: 1 },
    { kind: "delete", member: 0 },
  ],
};

test.each(Object.entries(casts))("in every interleaving of %s the counters equal the marks", (_, cast) => {
  const { states, wrong } = explore(claimProtocol(cast));
  expect(wrong).toBeUndefined();
  // A model that hardly moves proves nothing.
  expect(states).toBeGreaterThan(100);
});

const flaws: Readonly<Record<Exclude<Flaw, "none">, Cast>> = {
  "mark and ADD apart": [{ kind: "backfill", crashes: 1 }],
  "delete ignores the mark, and subtracts": [{ kind: "backfill" }, { kind: "delete", member: 0 }],
  "delete ignores the mark, and does not subtract": [{ kind: "backfill" }, { kind: "delete", member: 0 }],
  "no not-marked condition": [{ kind: "backfill", resends: 1 }],
  "delete of the unmarked without a condition": [{ kind: "backfill" }, { kind: "delete", member: 0 }],
};

test.each(Object.entries(flaws) as [Flaw, Cast][])(
  "the checker finds what is wrong with: %s",
  (flaw, cast) => {
    const { wrong } = explore(claimProtocol(cast, flaw));
    expect(wrong?.problem).toMatch(/are marked, counted are/);
    expect(wrong?.trace.length).toBeGreaterThan(1);
    expect(explore(claimProtocol(cast)).wrong).toBeUndefined();
  },
);
