import { expect, test } from "vitest";
import { explore } from "./explore.ts";
import { type Cast, type Flaw, recountProtocol } from "./recount-protocol.ts";

const storage = { kind: "storage" } as const;
const casts: Readonly<Record<string, Cast>> = {
  "a recount, killed once, beside a create": [
    { kind: "recount", run: 1, crashes: 1, resends: 1 },
    { kind: "create", member: 1 },
    storage,
  ],
  "a recount beside a create and a delete": [
    { kind: "recount", run: 1, resends: 1 },
    { kind: "create", member: 1 },
    { kind: "delete", member: 0 },
    storage,
  ],
  "two recounts, one of them of a run that lost its lock, beside a delete": [
    { kind: "recount", run: 1 },
    { kind: "recount", run: 2, resends: 1 },
    { kind: "delete", member: 0 },
    storage,
  ],
  "a recount beside one who comes, goes and comes again": [
    { kind: "recount", run: 1 },
    { kind: "create", member: 1 },
    { kind: "delete", member: 1 },
    { kind: "create", member: 1 },
    storage,
  ],
};

test.each(Object.entries(casts))("in every interleaving of %s the error stays or goes", (_, cast) => {
  const { states, wrong } = explore(recountProtocol(cast));
  expect(wrong).toBeUndefined();
  expect(states).toBeGreaterThan(100);
});

const besideTwo: Cast = [
  { kind: "recount", run: 1, resends: 1 },
  { kind: "create", member: 1 },
  { kind: "delete", member: 0 },
  storage,
];
const flaws: readonly Exclude<Flaw, "none">[] = [
  "no tag, only the value is compared",
  "no time to settle",
  "no token on the tag",
  "live writes leave the tag",
];

test.each(flaws)("the checker finds what is wrong with: %s", (flaw) => {
  const { wrong } = explore(recountProtocol(besideTwo, flaw));
  expect(wrong?.problem).toMatch(/was wrong by 2, and is by -?\d/);
});
