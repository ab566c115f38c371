import type { Argv, CommandModule } from "yargs";
import { UsageError } from "../errors.ts";
import type { AnyAccessPattern, QuerySet } from "../query/access-pattern.ts";
import { closest } from "./closest.ts";
import type { CommandContext } from "./context.ts";
import type { GlobalOptions } from "./options.ts";
import { peekCommandLine } from "./peek-command-line.ts";
import { type CommandResult, defineCommand } from "./run.ts";

interface QueryOptions extends GlobalOptions {
  pattern?: string | undefined;
  list: boolean;
  explain: boolean;
  input?: string | undefined;
}

function findPattern(set: QuerySet, id: string | undefined): AnyAccessPattern {
  const pattern = set.patterns.find((candidate) => candidate.id === id);
  if (pattern) return pattern;
  const known = set.patterns.map((candidate) => candidate.id);
  const meant = id === undefined ? undefined : closest(id, known);
  throw new UsageError({
    message: id === undefined ? "no access pattern is named" : `${set.model} has no access pattern "${id}"`,
    next: meant
      ? `Did you mean ${meant}? \`tablewright query --list\` shows all.`
      : `Name one of: ${known.join(", ")}. \`tablewright query --list\` shows what they do.`,
    facts: { pattern: id, known },
  });
}

async function list(set: QuerySet): Promise<CommandResult> {
  const { describePattern, queryListText } = await import("./query-list.ts");
  return {
    document: { model: set.model, patterns: set.patterns.map(describePattern) },
    text: queryListText(set),
  };
}

async function query(context: CommandContext, options: QueryOptions): Promise<CommandResult> {
  const { loadQuerySet } = await import("../query/load-queries.ts");
  const set = await loadQuerySet(context.project, options.table);
  if (options.list) return list(set);
  const pattern = findPattern(set, options.pattern);
  const { readArguments } = await import("./query-arguments.ts");
  const input = await readArguments(pattern, { ...options });
  const table = await context.physicalTable();
  if (options.explain) return explain(context, set, pattern, input, table);
  const { openDatabase } = await import("../query/database.ts");
  const { client } = await context.connect({ readOnly: pattern.kind === "read" });
  const result = await pattern.run(openDatabase(client, table, context.signal), input);
  return {
    document: { model: set.model, table, pattern: pattern.id, input, result },
    text: pattern.text(result, input).join("\n"),
  };
}

/** Shows the first request of a pattern; nothing is sent. */
async function explain(
  { project }: CommandContext,
  { model }: QuerySet,
  pattern: AnyAccessPattern,
  input: Record<string, unknown>,
  table: string,
): Promise<CommandResult> {
  const { explainPattern, explainText } = await import("./query-explain.ts");
  const { join } = await import("node:path");
  const { lockName, readLock } = await import("../verify/cost/lock-file.ts");
  const lock = await readLock(join(project.root, lockName(model)), lockName(model));
  const explanation = explainPattern(pattern, input, table, lock);
  return {
    document: { model, table, pattern: pattern.id, input, ...explanation },
    text: explainText(pattern, explanation),
  };
}

/** The pattern that the command line names, where it loads; why it does not is for the verb to say. */
async function peekPattern(args: readonly string[]): Promise<AnyAccessPattern | undefined> {
  try {
    const typed = peekCommandLine(args, ["list", "explain"]);
    const { findProject } = await import("../project/find-project.ts");
    const { loadQuerySet } = await import("../query/load-queries.ts");
    const set = await loadQuerySet(findProject(typed.project ?? "."), typed.table);
    return set.patterns.find(({ id }) => id === typed._[1]);
  } catch {
    return undefined;
  }
}

async function withPatternOptions(args: readonly string[], parser: Argv<GlobalOptions>) {
  parser
    // Unknown options are refused by the verb, together with every other mistake of the input.
    .strict(false)
    .positional("pattern", { type: "string", describe: "the access pattern's id" })
    .option("list", { type: "boolean", default: false, describe: "show the access patterns" })
    .option("explain", {
      type: "boolean",
      default: false,
      describe: "show the request and what it costs; nothing is sent",
    })
    .option("input", { type: "string", requiresArg: true, describe: "the input as JSON: a file, or -" });
  const pattern = await peekPattern(args);
  if (!pattern) return parser;
  const { optionsOf } = await import("../query/pattern-options.ts");
  const { describeOption } = await import("./query-arguments.ts");
  for (const option of optionsOf(pattern)) {
    const describe = describeOption(option);
    parser.option(option.name, { type: "string", requiresArg: true, describe, group: `${pattern.id}:` });
  }
  return parser.usage(`$0 query ${pattern.id}\n\n${pattern.description}`);
}

/**
 * Makes the command `query`, whose options depend on the pattern that the command line names.
 * @param args the command line, without node and script
 */
export function queryCommand(args: readonly string[]): CommandModule<GlobalOptions, GlobalOptions> {
  const command = defineCommand<QueryOptions>({
    name: "query",
    command: "query [pattern]",
    describe: "run one access pattern by hand",
    run: query,
  });
  return { ...command, builder: (parser) => withPatternOptions(args, parser) };
}
