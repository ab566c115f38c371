import { expect, onTestFinished, test } from "vitest";
import { localTarget } from "../../src/dynamo/target.ts";
import { startEngine } from "../../src/engine/start-engine.ts";
import { readSourceFile } from "../../src/verify/read-source.ts";
import { testClient } from "../support/tables.ts";
import { migratedTable, SEEDS, verifyTable } from "./quick-photos.ts";

test("every pattern passes on the second engine as well", async () => {
  const engine = await startEngine({ engine: "dynoxide" });
  onTestFinished(() => engine.stop());
  const items = await readSourceFile(SEEDS);
  const table = await migratedTable(testClient(engine.endpoint).client, items);
  const report = await verifyTable(table, { items, target: localTarget(engine.endpoint), inputCount: 1 });
  expect(report.patterns.filter(({ status }) => status !== "pass")).toEqual([]);
});
