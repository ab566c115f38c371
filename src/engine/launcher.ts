import type { EngineName } from "../dynamo/target.ts";

/** Where an engine keeps its data. */
export type Storage = { readonly kind: "memory" } | { readonly kind: "folder"; readonly folder: string };

/** What an engine is asked for. */
export interface LaunchRequest {
  readonly port: number;
  readonly storage: Storage;
  /** True for an engine that lives for seconds: starts sooner, runs slower for long work. */
  readonly shortLived: boolean;
}

/** A program and its arguments. */
export interface LaunchCommand {
  readonly program: string;
  readonly args: readonly string[];
}

/** One kind of embedded engine: whether it can run here, and how. */
export interface Launcher {
  readonly name: EngineName;
  /** For people: "DynamoDB Local 3.3.0". */
  readonly title: string;
  /** Undefined when the engine can run here; else why it cannot, in one line. */
  unavailable(): Promise<string | undefined>;
  command(request: LaunchRequest): LaunchCommand;
}
