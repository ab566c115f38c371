import { type Evaluation, evaluateProgram } from "../../src/deploy/evaluate-program.ts";
import type { DeclaredResource } from "../../src/deploy/monitor.ts";
import { silentLog } from "../../src/log.ts";
import { findProject } from "../../src/project/find-project.ts";
import { readStackSettings } from "../../src/project/stack-settings.ts";
import { ROOT } from "../support/processes.ts";

/** Values of the configuration by bare key, as the stack's file would have them. */
export type Overrides = Readonly<Record<string, string>>;

export const project = findProject(ROOT);

/** Runs the project's own program for a stack, from the sources. */
export async function evaluate(stack: string, overrides: Overrides = {}): Promise<Evaluation> {
  const settings = readStackSettings(project, stack, overrides);
  return evaluateProgram({ project, settings, log: silentLog() });
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
