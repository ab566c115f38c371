import { expect, test } from "vitest";
import { readProofTable } from "../support/proof-table.ts";

test("docs/migrations-proofs.md has a test for each way to lose data, and each of them exists", () => {
  const { rows, unknown } = readProofTable("migrations-proofs.md", "test/migrate");
  expect(rows).toBeGreaterThan(25);
  expect(unknown).toEqual([]);
});
