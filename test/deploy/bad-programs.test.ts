import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import {
  DuplicateResourceError,
  ProgramFailedError,
  ProgramLoggedErrorsError,
  ProgramSetupError,
  ProgramTimeoutError,
  ProgramUnfinishedError,
} from "../../src/deploy/errors.ts";
import type { TablewrightError } from "../../src/errors.ts";
import { StackConfigError } from "../../src/project/errors.ts";
import type { Project } from "../../src/project/find-project.ts";
import { readStackSettings } from "../../src/project/stack-settings.ts";
import { eventually, launch, processesWith, ROOT } from "../support/processes.ts";
import { evaluate, keepingLog, writeProject } from "./programs.ts";

/** Evaluates a program that must fail; fails itself where a process is left, or where it takes too long. */
async function failureOf(project: Project, timeoutSeconds?: number): Promise<TablewrightError> {
  const startedAt = performance.now();
  const error = await evaluate(project, timeoutSeconds === undefined ? {} : { timeoutSeconds }).then(
    () => {
      throw new Error("the program passed");
    },
    (reason: TablewrightError) => reason,
  );
  expect(performance.now() - startedAt).toBeLessThan(30_000);
  await eventually(() => processesWith(project.root).length === 0, "the program's processes are gone");
  expect(error.message).not.toMatch(/^\s+at /m);
  return error;
}

describe("a program that", () => {
  const BAD: [string, string, new (...args: never[]) => TablewrightError, string][] = [
    [
      "throws",
      'table("a"); throw new Error("broken on purpose");',
      ProgramFailedError,
      "infra/index.ts failed: broken on purpose (at index.ts:",
    ],
    [
      "throws later",
      'table("a"); setTimeout(() => { throw new Error("too late"); }, 20);',
      ProgramFailedError,
      "too late",
    ],
    [
      "leaves a promise rejected",
      'table("a"); Promise.reject(new Error("nobody caught it"));',
      ProgramFailedError,
      "nobody caught it",
    ],
    [
      "gives a table an input that is rejected",
      'table("a", { hashKey: Promise.reject(new Error("bad input")) });',
      ProgramFailedError,
      "bad input",
    ],
    [
      "gives a table an input that never comes",
      'table("a", { hashKey: new Promise(() => {}) });',
      ProgramUnfinishedError,
      "ended before it was finished",
    ],
    [
      "ends its process",
      'table("a"); process.exit(0);',
      ProgramUnfinishedError,
      "ended before it was finished",
    ],
    [
      "ends its process before it declared anything",
      "process.exitCode = 3;",
      ProgramFailedError,
      "its process ended with 3",
    ],
    [
      "declares a table twice",
      'table("a"); table("a");',
      DuplicateResourceError,
      "urn:pulumi:dev::other::aws:dynamodb/table:Table::a",
    ],
    [
      "logs an error",
      'table("a"); pulumi.log.error("not good");',
      ProgramLoggedErrorsError,
      "logged an error: not good",
    ],
    [
      "wants a value that is not configured",
      'table("a"); new pulumi.Config().require("size");',
      ProgramFailedError,
      "'other:size'",
    ],
    [
      "asks AWS",
      'import { getAvailabilityZones } from "@pulumi/aws"; await getAvailabilityZones();',
      ProgramFailedError,
      "only AWS can answer aws:index/getAvailabilityZones:getAvailabilityZones",
    ],
    [
      "reads another stack's outputs",
      'new pulumi.StackReference("a/b/c").getOutput("x");',
      ProgramFailedError,
      "kept by Pulumi",
    ],
    [
      "transforms resources behind our back",
      'pulumi.runtime.registerResourceTransform(() => undefined); table("a");',
      ProgramFailedError,
      "does not support transforms",
    ],
  ];

  it.each(BAD)("%s is refused", async (_title, code, kind, message) => {
    const error = await failureOf(writeProject(code));
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toContain(message);
    expect(error.exitCode).toBe(4);
    expect(error.next).not.toBe("");
  });

  it("never finishes is ended in time, and so is what it started", async () => {
    const code = `table("a");
      import { spawn } from "node:child_process";
      spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", import.meta.dirname]);
      setInterval(() => {}, 1000);`;
    const error = await failureOf(writeProject(code), 8);
    expect(error).toBeInstanceOf(ProgramTimeoutError);
    expect(error.message).toContain("infra/index.ts was still running after 8 s");
  });

  it("never lets go of the processor is ended in time", async () => {
    const error = await failureOf(writeProject('table("a"); console.error("spinning"); for (;;);'), 8);
    expect(error).toBeInstanceOf(ProgramTimeoutError);
    expect(error.message).toContain("spinning");
  });
});

describe("no process is left", () => {
  it("when a good program started something that goes on", async () => {
    const project = writeProject(`table("a");
      import { spawn } from "node:child_process";
      const args = ["-e", "setInterval(() => {}, 1000)", import.meta.dirname];
      spawn(process.execPath, args, { stdio: "inherit" }).unref();`);
    const { resources } = await evaluate(project);
    expect(resources.map(({ name }) => name)).toEqual(["a"]);
    expect(processesWith(project.root)).toEqual([]);
  });

  const SPIN = 'table("a"); console.log("spinning"); for (;;);';

  it("when the deploy is interrupted", async () => {
    const project = writeProject(SPIN);
    const log = keepingLog();
    const controller = new AbortController();
    const running = evaluate(project, { log, signal: controller.signal });
    await eventually(() => log.lines.includes("spinning"), "the program runs");
    expect(processesWith(project.root).length).toBeGreaterThan(0);
    controller.abort(new Error("enough"));
    await expect(running).rejects.toThrow("enough");
    expect(processesWith(project.root)).toEqual([]);
  });

  it("when this process is killed, even where the program never lets go of the processor", async () => {
    const project = writeProject(SPIN);
    const args = ["--conditions=tablewright-source", "--import", "tsx", "src/cli.ts", "deploy", "--endpoint"];
    const cli = launch(process.execPath, [...args, "http://127.0.0.1:9", "--project", project.root]);
    await eventually(() => cli.stderr().includes("spinning"), "the program runs", 20);
    cli.child.kill("SIGKILL");
    await cli.finished;
    await eventually(() => processesWith(project.root).length === 0, "the program's processes are gone");
  });
});

describe("a project", () => {
  it("of a runtime other than nodejs is refused", async () => {
    const project = writeProject("", { "Pulumi.yaml": "name: other\nruntime: python\n" });
    await expect(evaluate(project)).rejects.toThrow(ProgramSetupError);
  });

  it("whose main is missing is refused", async () => {
    const yaml = "name: other\nruntime: nodejs\nmain: infra/other.ts\n";
    await expect(evaluate(writeProject("", { "Pulumi.yaml": yaml }))).rejects.toThrow(
      "there is no infra/other.ts",
    );
  });

  it("without that stack, or with a value that only the CLI can open, is refused before anything runs", () => {
    const secure = "config:\n  other:key:\n    secure: v1:abc\n";
    const project = writeProject("", { "Pulumi.dev.yaml": secure });
    expect(() => readStackSettings(project, "dev")).toThrow(StackConfigError);
    expect(() => readStackSettings(project, "dev")).toThrow("is encrypted");
    expect(() => readStackSettings(project, "nowhere")).toThrow('no stack "nowhere"');
  });
});

describe("the preload", () => {
  // What Pulumi's runner does with every error, on a stack line as its source maps make them.
  const HANGS = `import util from "node:util";
    const error = new Error("x");
    error.stack = "Error: x\\n    at f (/a/node_modules/@pulumi/resource.ts:1598:22)\\n    at g (/a/node_modules/x)";
    process.stdout.write(util.inspect(error, { colors: true }) + util.inspect({ a: 1 }, false, 2, true));`;
  const script = ["--input-type=module", "-e", HANGS];

  it("turns colours off, so that printing an error ends on every Node", async () => {
    const preload = join(ROOT, "src/deploy/pulumi-preload.mjs");
    // A folder without Pulumi: what the preload brings in is not needed there.
    const options = { timeout: 10_000, cwd: tmpdir() };
    const { status, stdout } = await launch(process.execPath, ["--import", preload, ...script], options)
      .finished;
    expect(status).toBe(0);
    expect(stdout).toContain("resource.ts:1598:22");
    expect(stdout).not.toContain("\u001b[");
    expect(stdout).toContain("{ a: 1 }");
  });

  it("loads Pulumi's library, so that tsx, which comes after it, has nothing to look into", async () => {
    const preload = join(ROOT, "src/deploy/pulumi-preload.mjs");
    const loaded = "process.stdout.write(Object.keys(require.cache).join())";
    const { stdout } = await launch(process.execPath, ["--import", preload, "-e", loaded]).finished;
    expect(stdout).toContain(join(ROOT, "node_modules/@pulumi/pulumi/index.js"));
  });

  it("is needed where the bug is, on Node 20.20", async ({ skip }) => {
    if (!process.version.startsWith("v20.20.")) return skip("only Node 20.20 is known to have the bug");
    const run = launch(process.execPath, script);
    const ended = await Promise.race([run.finished.then(() => true), delay(3_000, false)]);
    run.child.kill("SIGKILL");
    await run.finished;
    expect(ended).toBe(false);
  });

  it("is what Pulumi.yaml names, and what package.json exports to a built package", () => {
    const yaml = readFileSync(join(ROOT, "Pulumi.yaml"), "utf8");
    expect(yaml).toContain('nodeargs: "--import tablewright/pulumi-preload --import tsx"');
    const { exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    expect(exports["./pulumi-preload"].default).toBe("./dist/deploy/pulumi-preload.mjs");
  });
});
