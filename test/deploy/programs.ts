import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished, vi } from "vitest";
import { type EvaluateOptions, type Evaluation, evaluateProgram } from "../../src/deploy/evaluate-program.ts";
import { type Log, silentLog } from "../../src/log.ts";
import { findProject, type Project } from "../../src/project/find-project.ts";
import { readStackSettings } from "../../src/project/stack-settings.ts";
import { ROOT } from "../support/processes.ts";

/** What every program here begins with. `table` declares one. */
const PRELUDE = `import * as pulumi from "@pulumi/pulumi";
import { Table } from "@pulumi/aws/dynamodb/table.js";
const table = (name, inputs = {}, options = {}) => new Table(name, {
  name, hashKey: "PK", attributes: [{ name: "PK", type: "S" }], billingMode: "PAY_PER_REQUEST", ...inputs,
}, options);
`;

const PULUMI_YAML = `name: other
runtime:
  name: nodejs
  options:
    typescript: false
    nodeargs: "--import tablewright/pulumi-preload --import tsx"
main: infra/index.ts
`;

/** Makes the program's processes resolve this package to its sources, as vitest does; dist/ may be stale. */
export function resolveToSources(): void {
  vi.stubEnv("NODE_OPTIONS", "--conditions=tablewright-source");
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
}

/** A project of another team, which has this package installed; removed when the test ends. */
export function writeProject(code: string, files: Readonly<Record<string, string>> = {}): Project {
  const root = mkdtempSync(join(tmpdir(), "tablewright-program-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, "infra"));
  mkdirSync(join(root, "node_modules"));
  for (const name of ["@pulumi", "tsx"]) {
    symlinkSync(join(ROOT, "node_modules", name), join(root, "node_modules", name));
  }
  symlinkSync(ROOT, join(root, "node_modules", "tablewright"));
  const all = {
    "package.json": '{ "name": "other", "type": "module" }',
    "Pulumi.yaml": PULUMI_YAML,
    "Pulumi.dev.yaml": "config: {}",
    "infra/index.ts": PRELUDE + code,
    ...files,
  };
  for (const [name, text] of Object.entries(all)) writeFileSync(join(root, name), text);
  return findProject(root);
}

/** Evaluates a project's program for the stack dev. */
export function evaluate(
  project: Project,
  options: Partial<Omit<EvaluateOptions, "project" | "settings">> = {},
): Promise<Evaluation> {
  resolveToSources();
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
