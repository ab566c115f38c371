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
import { StackConfigError } from "../../src/project/errors.ts";
import { readStackSettings } from "../../src/project/stack-settings.ts";
import { CLI, eventually, launch, processesWith, ROOT } from "../support/processes.ts";
import { failureOf, testRefusals } from "./bad-programs.ts";
import { evaluate, inJavaScript, inTypeScript, keepingLog, withoutPulumi, writeProject } from "./programs.ts";

/** Holds the only thread for good: no timer runs and no signal is heard. */
const BLOCK = "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);";
/** Time to start on a busy machine, for a program that must be ended by its time limit. */
const LIMIT_SECONDS = 5;

// test/deploy/bad-programs.long.test.ts has more of them.
testRefusals([
  [
    "throws",
    inTypeScript('table("a"); throw new Error("broken on purpose");'),
    ProgramFailedError,
    "infra/index.ts failed: broken on purpose (at index.ts:",
  ],
  [
    "gives a table an input that never comes",
    inJavaScript('table("a", { hashKey: new Promise(() => {}) });'),
    ProgramUnfinishedError,
    "ended before it was finished",
  ],
  [
    "ends its process before it declared anything",
    withoutPulumi("process.exitCode = 3;"),
    ProgramFailedError,
    "its process ended with 3",
  ],
  [
    "declares a table twice",
    inJavaScript('table("a"); table("a");'),
    DuplicateResourceError,
    "urn:pulumi:dev::other::aws:dynamodb/table:Table::a",
  ],
  [
    "logs an error",
    inJavaScript('table("a"); pulumi.log.error("not good");'),
    ProgramLoggedErrorsError,
    "logged an error: not good",
  ],
  [
    "asks AWS",
    inJavaScript('import { getAvailabilityZones } from "@pulumi/aws"; await getAvailabilityZones();'),
    ProgramFailedError,
    "only AWS can answer aws:index/getAvailabilityZones:getAvailabilityZones",
  ],
]);

// At the same time: each starts a process or two and waits for them.
describe.concurrent("a program that", () => {
  // First, as they take longest and use no processor.
  it("never finishes is ended in time, and so is what it started", async ({ onTestFinished }) => {
    const code = `import { spawn } from "node:child_process";
      const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", import.meta.dirname]);
      child.on("spawn", () => console.error("started another"));
      setInterval(() => {}, 1000);`;
    const error = await failureOf(writeProject(withoutPulumi(code), onTestFinished), LIMIT_SECONDS);
    expect(error).toBeInstanceOf(ProgramTimeoutError);
    // A slow machine looks the same, so it is no fault of the configuration.
    expect(error.exitCode).toBe(3);
    expect(error.message).toContain(`infra/index.js was still running after ${LIMIT_SECONDS} s`);
    expect(error.message).toContain("started another");
  });

  it("never lets go of its thread is ended in time", async ({ onTestFinished }) => {
    const files = withoutPulumi(`console.error("blocked"); ${BLOCK}`);
    const error = await failureOf(writeProject(files, onTestFinished), LIMIT_SECONDS);
    expect(error).toBeInstanceOf(ProgramTimeoutError);
    expect(error.message).toContain("blocked");
  });
});

describe.concurrent("no process is left", () => {
  it("when a good program started something that goes on", async ({ onTestFinished }) => {
    const files = inJavaScript(`table("a");
      import { spawn } from "node:child_process";
      const args = ["-e", "setInterval(() => {}, 1000)", import.meta.dirname];
      spawn(process.execPath, args, { stdio: "inherit" }).unref();`);
    const project = writeProject(files, onTestFinished);
    const { resources } = await evaluate(project);
    expect(resources.map(({ name }) => name)).toEqual(["a"]);
    expect(processesWith(project.root)).toEqual([]);
  });

  const BLOCKED = withoutPulumi(`console.log("blocked"); ${BLOCK}`);

  it("when the deploy is interrupted", async ({ onTestFinished }) => {
    const project = writeProject(BLOCKED, onTestFinished);
    const log = keepingLog();
    const controller = new AbortController();
    const running = evaluate(project, { log, signal: controller.signal });
    await eventually(() => log.lines.includes("blocked"), "the program runs");
    expect(processesWith(project.root).length).toBeGreaterThan(0);
    controller.abort(new Error("enough"));
    await expect(running).rejects.toThrow("enough");
    expect(processesWith(project.root)).toEqual([]);
  });

  it("when the command is killed, even where the program never lets go of its thread", async ({
    onTestFinished,
  }) => {
    const project = writeProject(BLOCKED, onTestFinished);
    const args = ["deploy", "--endpoint", "http://127.0.0.1:9", "--project", project.root];
    const cli = launch(process.execPath, [CLI, ...args]);
    await eventually(() => cli.stderr().includes("blocked"), "the program runs", 20);
    cli.child.kill("SIGKILL");
    await cli.finished;
    await eventually(() => processesWith(project.root).length === 0, "the program's processes are gone");
  });
});

describe("a project", () => {
  it("of a runtime other than nodejs is refused", async () => {
    const project = writeProject({ "Pulumi.yaml": "name: other\nruntime: python\n" });
    await expect(evaluate(project)).rejects.toThrow(ProgramSetupError);
  });

  it("whose main is missing is refused", async () => {
    const yaml = "name: other\nruntime: nodejs\nmain: infra/other.ts\n";
    await expect(evaluate(writeProject({ "Pulumi.yaml": yaml }))).rejects.toThrow(
      "there is no infra/other.ts",
    );
  });

  it("without that stack, or with a value that only the CLI can open, is refused before anything runs", () => {
    const secure = "config:\n  other:key:\n    secure: v1:abc\n";
    const project = writeProject({ ...withoutPulumi(""), "Pulumi.dev.yaml": secure });
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

  const preload = join(ROOT, "src/deploy/pulumi-preload.mjs");
  const finished = (...args: string[]) =>
    // A folder without Pulumi: what the preload brings in is not needed there.
    launch(process.execPath, args, { timeout: 10_000, cwd: tmpdir() }).finished;

  it("turns colours off, so that printing an error ends on every Node", async () => {
    const { status, stdout } = await finished("--import", preload, ...script);
    expect(status).toBe(0);
    expect(stdout).toContain("resource.ts:1598:22");
    expect(stdout).not.toContain("\u001b[");
    expect(stdout).toContain("{ a: 1 }");
  });

  it("loads Pulumi's library, so that tsx, which comes after it, has nothing to look into", async () => {
    const loaded = "process.stdout.write(Object.keys(require.cache).join())";
    const { stdout } = await launch(process.execPath, ["--import", preload, "-e", loaded]).finished;
    expect(stdout).toContain(join(ROOT, "node_modules/@pulumi/pulumi/index.js"));
  });

  it("is needed where the bug is, on Node 20.20", async ({ skip }) => {
    if (!process.version.startsWith("v20.20.")) return skip("only Node 20.20 is known to have the bug");
    const run = launch(process.execPath, script);
    // As long as it takes with the preload, and a second more.
    await finished("--import", preload, ...script);
    const ended = await Promise.race([run.finished.then(() => true), delay(1_000, false)]);
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
