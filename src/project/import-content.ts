import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { ContentError } from "./errors.ts";
import { STATE_FOLDER } from "./find-project.ts";

let typescriptLoader: Promise<void> | undefined;

/**
 * Node 20 does not run TypeScript by itself: tsx is registered once, at the first content file.
 * Under vitest the import below goes through vitest's own loader, which leaves nothing for tsx to do.
 */
function loadTypescript(): Promise<void> {
  typescriptLoader ??= import("tsx/esm/api").then(({ register }) => {
    register();
  });
  return typescriptLoader;
}

/** Makes ready to import content, for a process that will have to be quick about it. */
export const prepareToImport = (): Promise<void> => loadTypescript();

async function importModule(file: string, root: string): Promise<unknown> {
  const { standaloneModule } = await import("./standalone-module.ts");
  const compiled = await standaloneModule(file, join(root, STATE_FOLDER));
  if (!compiled) await loadTypescript();
  return import(pathToFileURL(compiled ?? file).href);
}

/**
 * Imports a module of the project and returns all that it exports.
 * @param file absolute path of a .ts or .js module
 * @param root the project's folder, to name the file in messages
 * @throws {ContentError} when the file is missing or does not load.
 */
export async function importExports(file: string, root: string): Promise<Readonly<Record<string, unknown>>> {
  const name = relative(root, file);
  if (!existsSync(file)) throw new ContentError(name, "the file does not exist", `Create ${name}.`);
  try {
    return (await importModule(file, root)) as Record<string, unknown>;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ContentError(name, `does not load: ${reason}`, "Correct the file; tsc says where.", cause);
  }
}

/**
 * Imports a content file of the project (a table design, a migration, a query list) and returns what it
 * exports.
 * @throws {ContentError} as {@link importExports} does, and when it has no default export.
 */
export async function importContent(file: string, root: string): Promise<Readonly<Record<string, unknown>>> {
  const module = await importExports(file, root);
  if (module.default === undefined) {
    const name = relative(root, file);
    throw new ContentError(name, "has no default export", "Export its value with `export default`.");
  }
  return module;
}

/** The default export of a content file; see {@link importContent}. @throws {ContentError} */
export async function importDefault(file: string, root: string): Promise<unknown> {
  return (await importContent(file, root)).default;
}
