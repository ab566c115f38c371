import { expect, test } from "vitest";
import { readProofTable } from "../support/proof-table.ts";

test("docs/seeding-proofs.md has a test for each way to lose data, and each of them exists", () => {
  const { rows, unknown } = readProofTable("seeding-proofs.md", "test/seed");
  expect(rows).toBeGreaterThan(25);
  expect(unknown).toEqual([]);
});
