import { expect, it } from "vitest";
import { runMeasured } from "../support/peak-memory.ts";

const generated = (users: number) =>
  runMeasured(["seed", "generate", "--users", String(users), "--out", "/dev/null"]);

it("a million users take hardly more memory than a thousand", async () => {
  const few = await generated(1_000);
  const many = await generated(1_000_000);
  expect(few.document.items).toBeGreaterThan(15_000);
  expect(many.document.items).toBeGreaterThan(15_000_000);
  expect(many.megabytes).toBeLessThan(few.megabytes + 120);
});
