import { expect, it } from "vitest";
import { launch, ROOT } from "../support/processes.ts";
import { CLI } from "../support/project-copy.ts";

/** The most memory that the command held, in MB, and what it made. */
async function generated(users: number): Promise<{ megabytes: number; items: number }> {
  const program = `process.on("exit", () => console.error(process.resourceUsage().maxRSS));`;
  const preload = `data:text/javascript,${encodeURIComponent(program)}`;
  const command = [CLI, "seed", "generate", "--users", String(users), "--out", "/dev/null", "--json"];
  const { stdout, stderr } = await launch(process.execPath, ["--import", preload, ...command], { cwd: ROOT })
    .finished;
  return { megabytes: Number(stderr.trim()) / 1024, items: JSON.parse(stdout).items };
}

it("a million users take hardly more memory than a thousand", async () => {
  const few = await generated(1_000);
  const many = await generated(1_000_000);
  expect(few.items).toBeGreaterThan(15_000);
  expect(many.items).toBeGreaterThan(15_000_000);
  expect(many.megabytes).toBeLessThan(few.megabytes + 120);
});
