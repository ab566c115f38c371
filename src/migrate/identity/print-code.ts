import { dirname } from "node:path";
import { build } from "esbuild";

/** A module as one pinned printer prints it: what it does, without how it is written. */
export interface PrintedCode {
  /** Without comments, white space, types and quotes that nothing needs. */
  readonly code: string;
  /** What it imports, types aside: packages by name, files by path. */
  readonly imports: readonly string[];
}

/**
 * Prints a TypeScript module in one spelling, so that a comment, another formatter or other line ends make
 * no difference. esbuild is pinned to an exact version, as another one may print the same code otherwise.
 * @throws esbuild's BuildFailure where the text does not parse
 */
export async function printCode(path: string, text: string): Promise<PrintedCode> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: text, loader: "ts", resolveDir: dirname(path), sourcefile: "migration.ts" },
    bundle: true,
    external: ["*"],
    treeShaking: false,
    format: "esm",
    target: "esnext",
    platform: "node",
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    tsconfigRaw: {},
    metafile: true,
    write: false,
    logLevel: "silent",
  });
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports.map(({ path }) => path));
  return { code: outputFiles[0]?.text.trimEnd() ?? "", imports: [...new Set(imports)].sort() };
}
