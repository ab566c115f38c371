import { join, relative, resolve } from "node:path";
import type { CommandContext } from "../context.ts";

/** A seed file's absolute path, and the path by which messages call it. */
export interface SeedFilePath {
  readonly path: string;
  readonly shown: string;
}

/** How messages call a file: by its path from here, where it is below. */
export function shownPath(path: string): string {
  const shown = relative(process.cwd(), path);
  if (shown === "") return ".";
  return shown.startsWith("..") ? path : shown;
}

/** The file that the command line names, or the model's own: seeds/<model>/items.json. */
export function seedFilePath(
  context: Pick<CommandContext, "project" | "options">,
  named: string | undefined,
): SeedFilePath {
  const path = named
    ? resolve(named)
    : join(context.project.root, "seeds", context.options.table, "items.json");
  return { path, shown: shownPath(path) };
}
