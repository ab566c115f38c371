import type { TestProject } from "vitest/node";
import { startEngine } from "../../src/engine/start-engine.ts";
import { silenceSdkVersionWarning } from "../../src/settings.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** A DynamoDB Local in memory, shared by every test file: use tables of your own, never a fixed name. */
    endpoint: string;
  }
}

/** Starts one engine for the whole run; vitest ends it by the returned function. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  silenceSdkVersionWarning();
  const engine = await startEngine({ engine: "dynamodb-local", storage: { kind: "memory" } });
  project.provide("endpoint", engine.endpoint);
  return () => engine.stop();
}
