import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { type ConsoleStep, consoleBlocks, normalize, withOutputs } from "./support/console-blocks.ts";
import { launch, ROOT } from "./support/processes.ts";
import { CLI, cleanEnvironment, copyProject } from "./support/project-copy.ts";

const README = join(ROOT, "README.md");
/** `UPDATE_README=1 npx vitest run test/readme.test.ts` writes what the commands print today. */
const update = process.env.UPDATE_README !== undefined;

/** `start` alone takes as long as half of the rest, and CI runs it besides the tests (.ci/run). */
const isStart = (block: readonly ConsoleStep[]) =>
  block.every(({ command }) => command === "npx tablewright start");

it("every command of the README prints what the README says", { timeout: 180_000 }, async () => {
  const readme = readFileSync(README, "utf8");
  const blocks = consoleBlocks(readme).filter((block) => update || !isStart(block));
  expect(blocks.flat().length).toBeGreaterThan(10);
  // What the README shows is as fast as the disk.
  const project = update ? copyProject(onTestFinished, tmpdir()) : copyProject();
  const ran: ConsoleStep[][] = [];
  for (const block of blocks) {
    const steps: ConsoleStep[] = [];
    for (const { command } of block) {
      const shell = command.replace("npx tablewright", `node ${CLI}`);
      const { stdout, stderr } = await launch("bash", ["-c", shell], {
        cwd: project.root,
        env: cleanEnvironment,
      }).finished;
      // What a command tells in passing depends on how long it takes; the README shows what it came to.
      steps.push({ command, output: (stdout || stderr).trimEnd() });
    }
    ran.push(steps);
  }
  if (update)
    writeFileSync(README, withOutputs(readme, ran).replaceAll(project.root, "/home/you/tablewright"));
  const clean = (all: readonly ConsoleStep[][]) =>
    all.flat().map(({ command, output }) => `$ ${command}\n${normalize(output, project.root)}`);
  const shown = consoleBlocks(readFileSync(README, "utf8")).filter((block) => update || !isStart(block));
  expect(clean(shown)).toEqual(clean(ran));
});
