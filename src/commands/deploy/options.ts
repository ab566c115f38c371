import { UsageError } from "../../errors.ts";
import type { ConfigOverrides, IndexOwner } from "../../project/stack-settings.ts";
import type { GlobalOptions } from "../options.ts";

/** The options of `deploy`; undefined where they were not given. */
export interface DeployCommandOptions extends GlobalOptions {
  dryRun?: boolean | undefined;
  prune?: boolean | undefined;
  indexOwner?: IndexOwner | undefined;
  plan?: boolean | undefined;
  diff?: boolean | undefined;
  graph?: boolean | undefined;
  readsPerSecond?: number | undefined;
  writesPerSecond?: number | undefined;
  storageGb?: number | undefined;
  out?: string | undefined;
}

/** What a small app needs, for an estimate without numbers of one's own. */
export const DEFAULT_TRAFFIC = { readsPerSecond: 10, writesPerSecond: 2, storageGb: 10 };

/** What the command line says of the stack's configuration. */
export const overridesOf = ({ indexOwner }: DeployCommandOptions): ConfigOverrides =>
  indexOwner ? { indexOwner } : {};

/** What `deploy` is asked to do. */
export type DeployMode = "apply" | "plan" | "diff" | "graph";

/** The options that only some modes take. */
const BELONGS: Readonly<Record<string, readonly DeployMode[]>> = {
  "dry-run": ["apply"],
  prune: ["apply"],
  "reads-per-second": ["plan"],
  "writes-per-second": ["plan"],
  "storage-gb": ["plan"],
  out: ["graph"],
  aws: ["apply", "diff"],
  endpoint: ["apply", "diff"],
};

/** An option by its name on the command line, as yargs hands it over. */
function isGiven(options: object, name: string): boolean {
  const key = name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const value = (options as Record<string, unknown>)[key];
  return value !== undefined && value !== false;
}

/**
 * What is asked for.
 * @throws {UsageError} for options that contradict each other.
 */
export function deployMode(options: DeployCommandOptions): DeployMode {
  const modes = (["plan", "diff", "graph"] as const).filter((mode) => options[mode]);
  const [mode = "apply", second] = modes;
  if (second !== undefined) {
    throw new UsageError({
      message: `--${mode} and --${second} do not go together: each is an answer of its own`,
      next: "Ask for one at a time.",
      facts: { options: modes },
    });
  }
  for (const [name, allowed] of Object.entries(BELONGS)) {
    if (allowed.includes(mode) || !isGiven(options, name)) continue;
    const wanted = allowed.filter((other) => other !== "apply").map((other) => `--${other}`);
    const belongs = wanted.length > 0 ? ` (it belongs to ${wanted.join(" and ")})` : "";
    throw new UsageError({
      message:
        mode === "apply"
          ? `--${name} says nothing here${belongs}`
          : `--${mode} and --${name} do not go together${belongs}`,
      next:
        mode === "apply"
          ? `Leave out --${name}, or add ${wanted.join(" or ")}.`
          : "Leave out one of the two.",
      facts: { options: mode === "apply" ? [name] : [mode, name] },
    });
  }
  return mode;
}
