import { readFileSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { parse } from "yaml";
import type { Project } from "../project/find-project.ts";
import { ProgramSetupError } from "./errors.ts";

/** How Pulumi.yaml says that the program is run. */
export interface ProgramFile {
  /** The working directory: the folder of `main`, as the Pulumi CLI has it. */
  readonly folder: string;
  /** What the runner is asked to load, relative to {@link folder}. */
  readonly entry: string;
  /** For messages, relative to the project's folder. */
  readonly name: string;
  /** `runtime.options.nodeargs`, split as a shell would. */
  readonly nodeArgs: readonly string[];
  /** `runtime.options.typescript`: whether the runner compiles TypeScript itself. The CLI's default is true. */
  readonly typescript: boolean;
}

const WORD = /(?:[^\s"']+|"[^"]*"|'[^']*')+/g;

/** Splits a command line into words; quotes hold a word together and are taken off. */
export function splitWords(line: string): string[] {
  return (line.match(WORD) ?? []).map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, "$1$2"));
}

interface PulumiYaml {
  main?: unknown;
  runtime?: unknown;
}

function readRuntime(runtime: unknown): { nodeargs: string; typescript: boolean } {
  const { name, options } = (typeof runtime === "string" ? { name: runtime } : (runtime ?? {})) as {
    name?: unknown;
    options?: { nodeargs?: unknown; typescript?: unknown };
  };
  if (name !== "nodejs") {
    throw new ProgramSetupError(
      `Pulumi.yaml: runtime is ${JSON.stringify(name)}, and only nodejs can be evaluated`,
      "Deploy this project to AWS with `npx pulumi up`.",
    );
  }
  return { nodeargs: String(options?.nodeargs ?? ""), typescript: options?.typescript !== false };
}

/**
 * Reads from Pulumi.yaml how the program is run.
 * @throws {ProgramSetupError} when the runtime is not nodejs or `main` does not exist.
 */
export function readProgramFile(project: Project): ProgramFile {
  const { main, runtime } = parse(readFileSync(join(project.root, "Pulumi.yaml"), "utf8")) as PulumiYaml;
  const { nodeargs, typescript } = readRuntime(runtime);
  const path = resolve(project.root, String(main ?? "."));
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) {
    throw new ProgramSetupError(
      `Pulumi.yaml: main is ${JSON.stringify(main)}, but there is no ${relative(project.root, path)}`,
      "Correct `main`, or write the program there.",
    );
  }
  const isFolder = stats.isDirectory();
  return {
    folder: isFolder ? path : dirname(path),
    entry: isFolder ? "." : basename(path),
    name: relative(project.root, path) || ".",
    nodeArgs: splitWords(nodeargs),
    typescript,
  };
}
