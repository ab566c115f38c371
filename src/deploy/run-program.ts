import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { StackSettings } from "../project/stack-settings.ts";
import { childEnvironment } from "../settings.ts";
import { ProgramSetupError } from "./errors.ts";
import type { ProgramFile } from "./program-file.ts";

/** What the runner needs to know. */
export interface RunOptions {
  readonly program: ProgramFile;
  readonly settings: StackSettings;
  /** The project's folder. */
  readonly root: string;
  /** Where the monitor listens. */
  readonly address: string;
  /** Called with each line the program prints to its standard output. */
  readonly onLine: (line: string) => void;
  /** Ends the program's processes when it is aborted. */
  readonly signal: AbortSignal;
}

/** How the program's process ended. */
export interface RunEnd {
  readonly exitCode: number;
  /** The end of what it printed to its standard error. */
  readonly errorOutput: string;
}

const SUPERVISOR = fileURLToPath(new URL("../supervisor.mjs", import.meta.url));
const MAX_ERROR_OUTPUT = 8_000;

/** The runner of the Pulumi library that the program itself uses, as the CLI's language host looks for it. */
function findRunner({ folder }: ProgramFile): string {
  try {
    return createRequire(join(folder, "program.js")).resolve("@pulumi/pulumi/cmd/run");
  } catch (cause) {
    throw new ProgramSetupError(
      `@pulumi/pulumi is not installed where ${folder} can find it`,
      "Install the project's packages (npm ci) and run the command again.",
      cause,
    );
  }
}

/** How this process resolves packages, when it runs from sources; the program must do the same. */
const ownConditions = () => process.execArgv.filter((argument) => argument.startsWith("--conditions="));

function runnerArguments({ program, settings, root, address }: RunOptions): string[] {
  return [
    ...ownConditions(),
    ...program.nodeArgs,
    findRunner(program),
    `--monitor=${address}`,
    `--engine=${address}`,
    `--project=${settings.project}`,
    `--stack=${settings.stack}`,
    // The name that Pulumi's own file backends use.
    "--organization=organization",
    `--root-directory=${root}`,
    `--pwd=${program.folder}`,
    "--parallel=16",
    program.entry,
  ];
}

/** Ends whatever is left of the group that `child` leads. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // No process of the group is left.
  }
}

function forwardLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  });
  stream.on("end", () => {
    if (rest) onLine(rest);
  });
}

/**
 * Runs a Pulumi program in a process group of its own, with Pulumi's own runner and the arguments that
 * Pulumi.yaml gives to Node, and resolves when every process of the group has ended.
 */
export async function runProgram(options: RunOptions): Promise<RunEnd> {
  const { program, settings, signal } = options;
  const child = spawn(process.execPath, [SUPERVISOR, process.execPath, ...runnerArguments(options)], {
    cwd: program.folder,
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    env: childEnvironment({
      PULUMI_CONFIG: JSON.stringify(settings.config),
      PULUMI_CONFIG_SECRET_KEYS: "[]",
      PULUMI_NODEJS_TYPESCRIPT: String(program.typescript),
    }),
  });
  child.stdin.on("error", () => {});
  let errorOutput = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errorOutput = (errorOutput + text).slice(-MAX_ERROR_OUTPUT);
  });
  forwardLines(child.stdout, options.onLine);

  const kill = () => killGroup(child);
  signal.addEventListener("abort", kill, { once: true });
  if (signal.aborted) kill();
  try {
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      // What the program itself started may hold the output open, so it ends before "close" is awaited.
      child.once("exit", kill);
      child.once("close", (code) => resolve(code ?? 1));
    });
    return { exitCode, errorOutput: errorOutput.trim() };
  } finally {
    signal.removeEventListener("abort", kill);
  }
}
