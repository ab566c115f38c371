import { existsSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

/** Which content files a model's patterns and oracles are made of, by paths from the project's folder. */
export interface ModuleGraph {
  /** Each file's own imports; those of types alone do not count. */
  readonly imports: ReadonlyMap<string, readonly string[]>;
  /** The lists of patterns and of oracles, where everything begins. */
  readonly roots: readonly string[];
}

/** The module of a pattern and that of its oracle are called by its id (see `AccessPattern.id`). */
const modulesOf = (model: string, id: string) => [
  `queries/${model}/${id}.ts`,
  `queries/${model}/oracles/${id}.ts`,
];

/**
 * Reads the imports of a model's patterns and oracles, from the files as they are now.
 * @param root the project's folder
 * @returns undefined where a file cannot be read as a module
 */
export async function readModuleGraph(root: string, model: string): Promise<ModuleGraph | undefined> {
  const roots = [`queries/${model}/index.ts`, `queries/${model}/oracles/index.ts`];
  if (!roots.every((file) => existsSync(join(root, file)))) return undefined;
  try {
    const { metafile } = await build({
      absWorkingDir: root,
      entryPoints: roots,
      bundle: true,
      packages: "external",
      format: "esm",
      platform: "node",
      write: false,
      outdir: "unwritten",
      metafile: true,
      logLevel: "silent",
    });
    const entries = Object.entries(metafile.inputs);
    const imports = new Map(
      entries.map(([file, input]) => [
        file,
        input.imports.filter(({ external }) => !external).map(({ path }) => path),
      ]),
    );
    return { imports, roots };
  } catch {
    // What is wrong with it is told by whoever imports it.
    return undefined;
  }
}

/** Everything that these files import, themselves included, not going through `borders`. */
function closure(
  graph: ModuleGraph,
  from: readonly string[],
  borders: ReadonlySet<string> = new Set(),
): Set<string> {
  const found = new Set<string>();
  const waiting = from.filter((file) => graph.imports.has(file));
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (found.has(file) || borders.has(file)) continue;
    found.add(file);
    waiting.push(...(graph.imports.get(file) ?? []));
  }
  return found;
}

/**
 * The patterns that a change of files may change: those whose module or oracle imports one of them. What the lists
 * import besides the patterns is everybody's, and so is a pattern whose module is not called by its id.
 * @param ids of the model's patterns
 * @param changed paths from the project's folder
 */
export function affectedPatterns(
  graph: ModuleGraph,
  model: string,
  ids: readonly string[],
  changed: readonly string[],
): string[] {
  const own = new Set(ids.flatMap((id) => modulesOf(model, id)));
  const shared = closure(graph, graph.roots, own);
  if (changed.some((file) => shared.has(file))) return [...ids];
  return ids.filter((id) => {
    const modules = modulesOf(model, id);
    if (!graph.imports.has(modules[0] as string)) return true;
    const files = closure(graph, modules);
    return changed.some((file) => files.has(file));
  });
}
