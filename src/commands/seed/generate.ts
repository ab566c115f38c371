import type { Argv, CommandModule } from "yargs";
import { UsageError } from "../../errors.ts";
import { ContentError } from "../../project/errors.ts";
import type { Project } from "../../project/find-project.ts";
import type { GenerateOptions, ModelGenerator } from "../../seed/generate/generate-items.ts";
import type { CommandContext } from "../context.ts";
import type { GlobalOptions } from "../options.ts";
import { peekCommandLine } from "../peek-command-line.ts";
import { type CommandResult, defineCommand } from "../run.ts";
import { wholeNumber } from "../whole-number.ts";

interface GenerateCommandOptions extends GlobalOptions {
  users?: number | undefined;
  seed?: number | undefined;
  out?: string | undefined;
}

const OWN_OPTIONS = ["users", "seed", "out"];

/** @throws {ContentError} where the generator does not load, or claims an option of the command line. */
async function loadGenerator(project: Project, model: string): Promise<ModelGenerator> {
  const { importGenerator } = await import("../../seed/generate/generate-items.ts");
  const { RESERVED_OPTION_NAMES } = await import("../../query/reserved-option-names.ts");
  const generator = await importGenerator(project, model);
  const taken = [...OWN_OPTIONS, ...RESERVED_OPTION_NAMES];
  const claimed = Object.keys(generator.options).filter((name) => taken.includes(name));
  if (claimed.length === 0) return generator;
  const problem = `its export \`options\` claims --${claimed.join(", --")}, which belongs to the command line`;
  throw new ContentError(`seeds/${model}/generate.ts`, problem, "Give it another name.");
}

/** What the command line asks for: the generator's own options where they are given. */
function requestedOptions(
  { options: declared }: ModelGenerator,
  options: Readonly<Record<string, unknown>>,
  { users, seed }: Pick<GenerateOptions, "users" | "seed">,
): GenerateOptions {
  const given = Object.keys(declared).filter((name) => options[name] !== undefined);
  return {
    users: wholeNumber("users", Number(options.users ?? users), 1),
    seed: wholeNumber("seed", Number(options.seed ?? seed), 0),
    ...Object.fromEntries(given.map((name) => [name, wholeNumber(name, Number(options[name]), 0)])),
  };
}

async function generate(context: CommandContext, options: GenerateCommandOptions): Promise<CommandResult> {
  const { DEFAULT_GENERATE_OPTIONS } = await import("../../seed/generate/generate-items.ts");
  const { streamItems, writeItems } = await import("../../seed/generate/write-items.ts");
  const { seedFilePath } = await import("./seed-file.ts");
  const { writeNamedFile } = await import("../write-named-file.ts");
  const generator = await loadGenerator(context.project, options.table);
  const asked = requestedOptions(generator, { ...options }, DEFAULT_GENERATE_OPTIONS);
  const items = generatedItems(generator, asked);
  if (options.out === "-") {
    if (options.json) {
      throw new UsageError({
        message: "--json and --out - both want standard output",
        next: "Leave out one of the two.",
      });
    }
    await streamItems(items, process.stdout, context.signal);
    return { document: {}, text: undefined };
  }
  const { path, shown } = seedFilePath(context, options.out);
  const kind = { what: "items", option: "out", log: context.log };
  const made = await writeNamedFile(path, (file) => writeItems(items, file, context.signal), kind);
  const { users, seed, ...own } = asked;
  const others = Object.entries(own).map(([name, number]) => `, ${number} ${name}`);
  return {
    document: { model: options.table, out: shown, ...asked, ...made },
    text: `wrote ${made.items} items (${made.bytes} bytes) to ${shown}: ${users} users${others.join("")}, seed ${seed}`,
  };
}

/** A generator says what it cannot make with a RangeError. */
function* generatedItems(generator: ModelGenerator, options: GenerateOptions): Generator<object> {
  try {
    yield* generator.generate(options);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const names = ["users", ...Object.keys(generator.options)].map((name) => `--${name}`);
    const next = `Ask for another number with ${names.join(" or ")}.`;
    throw new UsageError({ message: error.message, next, facts: { ...options }, cause: error });
  }
}

/** The generator of the command line's table, where it loads; why it does not is for the verb to say. */
async function peekGenerator(args: readonly string[]): Promise<ModelGenerator | undefined> {
  try {
    const { project, table } = peekCommandLine(args);
    const { findProject } = await import("../../project/find-project.ts");
    return await loadGenerator(findProject(project ?? "."), table);
  } catch {
    return undefined;
  }
}

async function withGeneratorOptions(args: readonly string[], parser: Argv<GlobalOptions>) {
  const generator = await peekGenerator(args);
  // Which options there are is not known: that it does not load is to be told, not that one is unknown.
  if (!generator) return parser.strict(false);
  const { table } = peekCommandLine(args);
  for (const [name, describe] of Object.entries(generator.options)) {
    parser.option(name, { type: "number", describe, requiresArg: true, group: `${table}:` });
  }
  return parser;
}

/**
 * Makes the command `seed generate`, whose options depend on the generator of the table's model.
 * @param args the command line, without node and script
 */
export function generateCommand(args: readonly string[]): CommandModule<GlobalOptions, GlobalOptions> {
  const command = defineCommand<GenerateCommandOptions>({
    name: "seed generate",
    command: "generate",
    describe: "make seed data: the same options, the same bytes",
    options: (yargs) =>
      yargs
        .option("users", { type: "number", describe: "how many users; default 54", requiresArg: true })
        .option("seed", { type: "number", describe: "which data; default 1", requiresArg: true })
        .option("out", {
          type: "string",
          describe:
            "a file (compressed if it ends in .gz), or - for standard output; default seeds/<model>/items.json",
          requiresArg: true,
        }),
    run: generate,
  });
  const { builder: ownOptions } = command as {
    builder: (parser: Argv<GlobalOptions>) => Argv<GlobalOptions>;
  };
  return { ...command, builder: (parser) => withGeneratorOptions(args, ownOptions(parser)) };
}
