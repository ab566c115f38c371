import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { writeReport } from "../../src/commands/write-report.ts";
import { UsageError } from "../../src/errors.ts";

it("a report is written with the folders above it, or it is said that it cannot be", async () => {
  const root = mkdtempSync(join(tmpdir(), "tablewright-report-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const kind = { what: "diagram", option: "out" };
  await writeReport(join(root, "a", "b.mmd"), "text", kind);
  expect(readFileSync(join(root, "a", "b.mmd"), "utf8")).toBe("text");
  const refused = writeReport(root, "text", kind);
  await expect(refused).rejects.toThrow(UsageError);
  await expect(refused).rejects.toMatchObject({ next: "Name a file that can be written with --out." });
});
