import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { type EvaluateOptions, type Evaluation, evaluateProgram } from "../../src/deploy/evaluate-program.ts";
import { type Log, silentLog } from "../../src/log.ts";
import { findProject, type Project } from "../../src/project/find-project.ts";
import { readStackSettings } from "../../src/project/stack-settings.ts";
import { ROOT } from "../support/processes.ts";
import type { AtEnd } from "../support/tables.ts";

/** Brings Pulumi into a program. `table` declares one. */
const PULUMI = `import * as pulumi from "@pulumi/pulumi";
import { Table } from "@pulumi/aws/dynamodb/table.js";
const table = (name, inputs = {}, options = {}) => new Table(name, {
  name, hashKey: "PK", attributes: [{ name: "PK", type: "S" }], billingMode: "PAY_PER_REQUEST", ...inputs,
}, options);
`;

const pulumiYaml = (main: string, nodeArguments: string) => `name: other
runtime:
  name: nodejs
  options:
    typescript: false
    nodeargs: "${nodeArguments}"
main: ${main}
`;

/** The files of a project, by their paths. */
export type ProjectFiles = Readonly<Record<string, string>>;

/** A project of another team, which has this package installed; removed when the test ends. */
export function writeProject(files: ProjectFiles, atEnd: AtEnd = onTestFinished): Project {
  const root = mkdtempSync(join(tmpdir(), "tablewright-program-"));
  atEnd(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, "node_modules"));
  for (const name of ["@pulumi", "tsx"]) {
    symlinkSync(join(ROOT, "node_modules", name), join(root, "node_modules", name));
  }
  symlinkSync(ROOT, join(root, "node_modules", "tablewright"));
  const all = {
    "package.json": '{ "name": "other", "type": "module" }',
    "Pulumi.dev.yaml": "config: {}",
    ...files,
  };
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return findProject(root);
}

/** A program in TypeScript, run as this project's own is; it can use `pulumi` and `table`. */
export const inTypeScript = (code: string): ProjectFiles => ({
  "Pulumi.yaml": pulumiYaml("infra/index.ts", "--import tablewright/pulumi-preload --import tsx"),
  "infra/index.ts": PULUMI + code,
});

/** A program in JavaScript, which starts sooner; it can use `pulumi` and `table`. */
export const inJavaScript = (code: string): ProjectFiles => ({
  "Pulumi.yaml": pulumiYaml("infra/index.js", "--import tablewright/pulumi-preload"),
  "infra/index.js": PULUMI + code,
});

/** A program without Pulumi's library and without the preload, which starts soonest. */
export const withoutPulumi = (code: string): ProjectFiles => ({
  "Pulumi.yaml": pulumiYaml("infra/index.js", ""),
  "infra/index.js": code,
});

/** Evaluates a project's program for the stack dev. */
export function evaluate(
  project: Project,
  options: Partial<Omit<EvaluateOptions, "project" | "settings">> = {},
): Promise<Evaluation> {
  const settings = readStackSettings(project, "dev");
  return evaluateProgram({ project, settings, log: silentLog(), ...options });
}

/** A log that keeps what it is told. */
export function keepingLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const keep = (line: string) => {
    lines.push(line);
  };
  return { ...silentLog(), lines, info: keep, warn: keep };
}
