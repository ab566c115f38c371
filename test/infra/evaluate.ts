import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Evaluation, evaluateProgram } from "../../src/deploy/evaluate-program.ts";
import type { DeclaredResource } from "../../src/deploy/monitor.ts";
import { silentLog } from "../../src/log.ts";
import { findProject } from "../../src/project/find-project.ts";
import { readStackSettings } from "../../src/project/stack-settings.ts";
import { ROOT } from "../support/processes.ts";

/** Values of the configuration by bare key, as the stack's file would have them. */
export type Overrides = Readonly<Record<string, string>>;

export const project = findProject(ROOT);

/** Each takes seconds, and the same configuration declares the same: what several files ask for is run once. */
const evaluations = new Map<string, Promise<Evaluation>>();

/** Runs the project's own program for a stack, from the sources. */
export async function evaluate(stack: string, overrides: Overrides = {}): Promise<Evaluation> {
  const name = JSON.stringify([stack, overrides]);
  const settings = readStackSettings(project, stack, overrides);
  const evaluation = evaluations.get(name) ?? evaluateProgram({ project, settings, log: silentLog() });
  evaluations.set(name, evaluation);
  return evaluation;
}

/**
 * Runs the program for a stack `prod` that has nothing but Pulumi.yaml's defaults and these values: what an
 * example's file says would not go with each of them.
 */
export async function evaluateBare(overrides: Overrides): Promise<Evaluation> {
  const root = mkdtempSync(join(tmpdir(), "bare-stack-"));
  try {
    copyFileSync(join(project.root, "Pulumi.yaml"), join(root, "Pulumi.yaml"));
    writeFileSync(join(root, "Pulumi.prod.yaml"), "config:\n  aws:region: us-east-1\n");
    const settings = readStackSettings({ ...project, root }, "prod", overrides);
    return await evaluateProgram({ project, settings, log: silentLog() });
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** The resources of one type, such as `dynamodb/table:Table`. */
export const ofType = ({ resources }: Evaluation, type: string): DeclaredResource[] =>
  resources.filter((resource) => resource.type === `aws:${type}`);

/** What is declared under a name, which must be one. */
export function named(evaluation: Evaluation, type: string, name: string): DeclaredResource {
  const found = ofType(evaluation, type).filter((resource) => resource.name === name);
  if (found.length !== 1) throw new Error(`${found.length} resources aws:${type} are called ${name}`);
  return found[0] as DeclaredResource;
}

/** The inputs of the only resource of a type. */
export function inputsOf(evaluation: Evaluation, type: string): DeclaredResource["inputs"] {
  const [only, ...others] = ofType(evaluation, type);
  if (!only || others.length > 0) throw new Error(`the stack has none, or several, of aws:${type}`);
  return only.inputs;
}
