import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ContentError } from "../../project/errors.ts";
import type { Project } from "../../project/find-project.ts";
import { importDefault } from "../../project/import-content.ts";

/** What `seed generate` makes when nothing else is said: about a thousand items of Quick Photos. */
export const DEFAULT_GENERATE_OPTIONS: GenerateOptions = { users: 54, seed: 1 };

/** How much is made, and which. */
export interface GenerateOptions {
  readonly users: number;
  /** The same seed makes the same bytes. */
  readonly seed: number;
}

/** What seeds/<model>/generate.ts exports by default: plain items in a fixed order, one after the other. */
export type ItemGenerator = (options: GenerateOptions) => Iterable<object>;

/**
 * Loads a model's generator.
 * @throws {ContentError} when there is none, or it is no function.
 */
export async function importGenerator(project: Project, model: string): Promise<ItemGenerator> {
  const file = join(project.root, "seeds", model, "generate.ts");
  const generator = await importDefault(file, project.root);
  if (typeof generator !== "function") {
    const next = "Export a function ({users, seed}) => Iterable of plain items.";
    throw new ContentError(`seeds/${model}/generate.ts`, "its default export is no function", next);
  }
  return generator as ItemGenerator;
}

/** What was made. */
export interface Generated {
  items: number;
  bytes: number;
}

/** The items as JSON lines, made as they are asked for; counts into `made`. */
export function* itemLines(items: Iterable<object>, made: Generated): Generator<string> {
  for (const item of items) {
    const line = `${JSON.stringify(item)}\n`;
    made.items += 1;
    made.bytes += Buffer.byteLength(line);
    yield line;
  }
}

/** Writes lines to a file, which changes only when all of them are written; its folder must be there. */
export async function writeLines(lines: Iterable<string>, file: string): Promise<void> {
  const temporary = `${file}.${process.pid}.partial`;
  try {
    await pipeline(Readable.from(lines), createWriteStream(temporary));
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
