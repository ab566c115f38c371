import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { UsageError } from "../../errors.ts";
import type { CommandContext } from "../context.ts";
import type { GlobalOptions } from "../options.ts";
import { type CommandResult, defineCommand } from "../run.ts";
import { wholeNumber } from "../whole-number.ts";

interface GenerateCommandOptions extends GlobalOptions {
  users?: number | undefined;
  seed?: number | undefined;
  out?: string | undefined;
}

async function generate(context: CommandContext, options: GenerateCommandOptions): Promise<CommandResult> {
  const { DEFAULT_GENERATE_OPTIONS, importGenerator, itemLines, writeLines } = await import(
    "../../seed/generate/generate-items.ts"
  );
  const { seedFilePath } = await import("./seed-file.ts");
  const { writeNamedFile } = await import("../write-named-file.ts");
  const users = wholeNumber("users", options.users ?? DEFAULT_GENERATE_OPTIONS.users, 1);
  const seed = wholeNumber("seed", options.seed ?? DEFAULT_GENERATE_OPTIONS.seed, 0);
  const generator = await importGenerator(context.project, options.table);
  const made = { items: 0, bytes: 0 };
  const lines = itemLines(generatedItems(generator, { users, seed }), made);
  if (options.out === "-") {
    if (options.json) {
      throw new UsageError({
        message: "--json and --out - both want standard output",
        next: "Leave out one of the two.",
      });
    }
    await pipeline(Readable.from(lines), process.stdout, { end: false });
    return { document: {}, text: undefined };
  }
  const { path, shown } = seedFilePath(context, options.out);
  const kind = { what: "items", option: "out", log: context.log };
  await writeNamedFile(path, (file) => writeLines(lines, file), kind);
  return {
    document: { model: options.table, out: shown, users, seed, ...made },
    text: `wrote ${made.items} items (${made.bytes} bytes) to ${shown}: ${users} users, seed ${seed}`,
  };
}

/** A generator says what it cannot make with a RangeError. */
function* generatedItems(
  generator: (options: { users: number; seed: number }) => Iterable<object>,
  options: { users: number; seed: number },
): Generator<object> {
  try {
    yield* generator(options);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError({ message: error.message, next: "Ask for more with --users.", cause: error });
  }
}

export const generateCommand = defineCommand<GenerateCommandOptions>({
  name: "seed generate",
  command: "generate",
  describe: "make seed data: the same seed, the same bytes",
  options: (yargs) =>
    yargs
      .option("users", { type: "number", describe: "how many users; default 54", requiresArg: true })
      .option("seed", { type: "number", describe: "which data; default 1", requiresArg: true })
      .option("out", {
        type: "string",
        describe: "a file, or - for standard output; default seeds/<model>/items.json",
        requiresArg: true,
      }),
  run: generate,
});
