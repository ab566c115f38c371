import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { StoredItem } from "../../src/dynamo/scan.ts";
import { migrateDown, migrateUp } from "../../src/migrate/index.ts";
import { ROOT } from "../support/processes.ts";
import { projectWith, resultsOf, spelled, testBed } from "./support.ts";

const GUIDE = readFileSync(join(ROOT, "docs", "migrations.md"), "utf8");

/** The migrations of docs/migrations.md, by their file names. */
const EXAMPLES = Object.fromEntries(
  [...GUIDE.matchAll(/```ts\n([\s\S]*?)```/g)]
    .map(([, code = ""]) => [/\bid: "(\d{4}-[^"]+)"/.exec(code)?.[1], code])
    .filter(([id]) => id !== undefined)
    .map(([id, code]) => [`${id}.ts`, code ?? ""]),
);

const text = (attributes: Record<string, string>): StoredItem =>
  Object.fromEntries(Object.entries(attributes).map(([name, S]) => [name, { S }]));

const ITEMS = [
  text({ PK: "ORDER#1", SK: "ORDER#1", status: "paid", placedAt: "2026-01-01" }),
  text({ PK: "ORDER#2", SK: "ORDER#2", status: "open", placedAt: "2026-01-02" }),
  text({ PK: "USER#ann", SK: "USER#ann", email: "Ann@Example.com" }),
];

test("the migrations of the guide run, do what it says, and can be undone", async () => {
  expect(Object.keys(EXAMPLES)).toEqual(["0001-orders-by-status.ts", "0002-lower-case-emails.ts"]);
  const bed = await testBed({ items: ITEMS, project: await projectWith(EXAMPLES) });
  expect(resultsOf(await migrateUp(bed.environment))).toEqual({
    "0001-orders-by-status": "applied",
    "0002-lower-case-emails": "applied",
  });
  const items = await bed.items();
  expect(items).toContainEqual({ ...ITEMS[0], GSI1PK: { S: "STATUS#paid" }, GSI1SK: { S: "2026-01-01" } });
  expect(items).toContainEqual({ ...ITEMS[2], email: { S: "ann@example.com" } });
  for (let reverted = 0; reverted < 2; reverted += 1) await migrateDown(bed.environment);
  expect(spelled(await bed.items())).toEqual(spelled(ITEMS));
});
