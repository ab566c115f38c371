import { join } from "node:path";
import { expect, it } from "vitest";
import { verifyCommand } from "../../../src/commands/verify.ts";
import { ROOT } from "../../support/processes.ts";
import { runCommand } from "../../support/run-command.ts";

const README = join(ROOT, "README.md");

it.each([
  [["--check"], "usage", "--markdown"],
  [["--history", "reports"], "usage", "--html"],
  [["--markdown", README, "--pattern", "find-followers"], "usage", "every pattern"],
  [["--markdown", join(ROOT, "package.json")], "file-unmarked", "tablewright:patterns"],
  [["--markdown", join(ROOT, "none.md")], "usage", "none.md"],
  [["--html", "a.html", "--history", join(ROOT, "docs/schemas")], "earlier-report", "verify-report.v1.json"],
])("%s is refused before anything is run", async (args, code, words) => {
  // Nothing answers there, and nobody asks.
  const nowhere = ["--endpoint", "http://127.0.0.1:9", "--json", "--project", ROOT];
  const { status, stdout } = await runCommand(verifyCommand, ["verify", ...args, ...nowhere]);
  expect(status).toBe(4);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code, message: expect.stringContaining(words) } });
});
