import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { glob } from "tinyglobby";

/** Where a pattern is defined. */
export interface PatternPlace {
  /** Relative to the project, with `/`. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** A pattern's id where it is given its name: `id: "find-followers"`, `const id = "find-followers"`. */
const ID = /\bid\s*[:=]\s*(["'`])([a-z0-9-]+)\1/;

/**
 * Finds where the patterns of a model are defined: the lines of its modules that give them their ids. Oracles are
 * not looked at.
 * @param root the project's folder
 * @returns by the pattern's id; one that a module computes is not among them
 */
export async function findPatternPlaces(root: string, model: string): Promise<Map<string, PatternPlace>> {
  const folder = `queries/${model}`;
  const files = await glob(["**/*.ts"], { cwd: join(root, folder), ignore: ["oracles/**"] });
  const places = new Map<string, PatternPlace>();
  for (const name of files.sort()) {
    const text = await readFile(join(root, folder, name), "utf8");
    for (const [index, line] of text.split("\n").entries()) {
      const id = ID.exec(line)?.[2];
      if (id !== undefined && !places.has(id)) {
        places.set(id, { file: `${folder}/${name.replaceAll("\\", "/")}`, line: index + 1 });
      }
    }
  }
  return places;
}
