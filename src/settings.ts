import { readFileSync } from "node:fs";

/** This program's version, from its package.json. */
export function programVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return (manifest as { version: string }).version;
}

/** What the environment says, read in one place; every other module takes it as an argument. */
export interface Environment {
  /** `AWS_ENDPOINT_URL_DYNAMODB`, else `AWS_ENDPOINT_URL`: counts as `--endpoint`. */
  readonly endpoint: string | undefined;
  /** True where `NO_COLOR` is set to anything (https://no-color.org) or the terminal is `dumb`. */
  readonly noColor: boolean;
  /** True on a continuous-integration machine or a `dumb` terminal: plain lines, no live display. */
  readonly plainLines: boolean;
  /** True in a job of GitHub Actions, which sets `GITHUB_ACTIONS`. */
  readonly githubActions: boolean;
  /** Set on GitHub Actions: the folder of the repository. */
  readonly githubWorkspace: string | undefined;
  /** Set on GitHub Actions: where to append the job's summary. */
  readonly githubStepSummary: string | undefined;
}

/** Reads the settings this program takes from environment variables. */
export function readEnvironment(variables: NodeJS.ProcessEnv = process.env): Environment {
  const nonEmpty = (name: string) => variables[name] || undefined;
  return {
    endpoint: nonEmpty("AWS_ENDPOINT_URL_DYNAMODB") ?? nonEmpty("AWS_ENDPOINT_URL"),
    noColor: nonEmpty("NO_COLOR") !== undefined || variables.TERM === "dumb",
    plainLines: (nonEmpty("CI") !== undefined && variables.CI !== "false") || variables.TERM === "dumb",
    githubActions: variables.GITHUB_ACTIONS === "true",
    githubWorkspace: nonEmpty("GITHUB_WORKSPACE"),
    githubStepSummary: nonEmpty("GITHUB_STEP_SUMMARY"),
  };
}

/** The environment that a child process of ours starts with: the caller's own, with `extra` on top. */
export function childEnvironment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  return { ...process.env, ...extra };
}

/**
 * Tells the AWS SDK not to warn about Node 20 on every start: which Node versions this
 * program supports is its own decision, checked in CI. Must run before the SDK is loaded.
 */
export function silenceSdkVersionWarning(): void {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
}
