import type { Argv } from "yargs";

/** The options that every command takes, as yargs hands them over. */
export interface GlobalOptions {
  table: string;
  stack: string;
  project?: string | undefined;
  endpoint?: string | undefined;
  region?: string | undefined;
  aws: boolean;
  dummyCredentials: boolean;
  json: boolean;
  /** Undefined: not given. Empty: given bare. Else the table name that was typed to confirm. */
  yes?: string | undefined;
  verbose: boolean;
  color: boolean;
  /** Of the commands that show items, by {@link REDACT_OPTION}. */
  redact?: boolean | undefined;
}

/** The option of the commands that start an engine. */
export const ENGINE_OPTION = {
  choices: ["dynamodb-local", "dynoxide"] as const,
  describe: "which engine",
  requiresArg: true,
};

/** The option of the commands that show items. */
export const REDACT_OPTION = {
  type: "boolean",
  describe: "hide keys and values of items; the default with --aws (--no-redact shows them)",
} as const;

/** Whether keys and values of items are to be hidden. */
export const isRedacted = ({ redact, aws }: Pick<GlobalOptions, "redact" | "aws">): boolean => redact ?? aws;

const GROUP = "Everywhere:";

/** The stack that is meant where none is named. */
export const DEFAULT_STACK = "dev";

/** Adds the options that every command takes. */
export function withGlobalOptions(yargs: Argv): Argv<GlobalOptions> {
  return yargs.options({
    table: {
      type: "string",
      default: "quick-photos",
      group: GROUP,
      describe: "the table model",
      requiresArg: true,
    },
    stack: {
      type: "string",
      default: DEFAULT_STACK,
      group: GROUP,
      describe: "the Pulumi stack",
      requiresArg: true,
    },
    project: { type: "string", group: GROUP, describe: "the folder with Pulumi.yaml", requiresArg: true },
    endpoint: { type: "string", group: GROUP, describe: "where to go, as a URL", requiresArg: true },
    region: { type: "string", group: GROUP, describe: "the AWS region", requiresArg: true },
    aws: { type: "boolean", default: false, group: GROUP, describe: "go to AWS, with your credentials" },
    "dummy-credentials": {
      type: "boolean",
      default: false,
      group: GROUP,
      describe: "send made-up keys to an engine on another host",
    },
    json: { type: "boolean", default: false, group: GROUP, describe: "print one JSON document" },
    yes: { type: "string", group: GROUP, describe: "do not ask; on AWS, followed by the table's name" },
    verbose: { type: "boolean", default: false, group: GROUP, describe: "say more" },
    color: {
      type: "boolean",
      default: true,
      group: GROUP,
      describe: "colour the text (--no-color, NO_COLOR)",
    },
  }) as unknown as Argv<GlobalOptions>;
}
