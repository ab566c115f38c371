/**
 * Option names that belong to the command line itself, which no access pattern may claim for its input.
 * `set` and `unset` are open to updates only, in their one form: attributes to set, names to remove.
 */
export const RESERVED_OPTION_NAMES: readonly string[] = [
  "table",
  "stack",
  "project",
  "endpoint",
  "region",
  "aws",
  "dummy-credentials",
  "json",
  "dry-run",
  "yes",
  "verbose",
  "color",
  "help",
  "version",
  "input",
  "list",
  "explain",
  "set",
  "unset",
];
