import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";

/** One import of a file. */
export interface Import {
  /** What the code says: "./client.ts", "yargs". */
  readonly specifier: string;
  /** For a relative import, the file it names, from the root of the repository; else undefined. */
  readonly file: string | undefined;
  /** True where only types cross. */
  readonly typeOnly: boolean;
}

/** A file's imports, and its code with comments and texts blanked. */
export interface SourceModule {
  readonly file: string;
  readonly imports: readonly Import[];
  /** Property accesses and calls by name, such as "process.env" and "console.log". */
  readonly accesses: ReadonlySet<string>;
}

function specifierOf(node: ts.Node): { text: string; typeOnly: boolean } | undefined {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    const clause = node.importClause;
    const named = clause?.namedBindings;
    const everyNameIsType =
      !clause?.name &&
      named !== undefined &&
      ts.isNamedImports(named) &&
      named.elements.every((name) => name.isTypeOnly);
    return { text: node.moduleSpecifier.text, typeOnly: clause?.isTypeOnly === true || everyNameIsType };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
    return { text: node.moduleSpecifier.text, typeOnly: node.isTypeOnly };
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [argument] = node.arguments;
    if (argument && ts.isStringLiteral(argument)) return { text: argument.text, typeOnly: false };
  }
  if (
    ts.isImportTypeNode(node) &&
    ts.isLiteralTypeNode(node.argument) &&
    ts.isStringLiteral(node.argument.literal)
  ) {
    return { text: node.argument.literal.text, typeOnly: true };
  }
  return undefined;
}

/** Reads what a file imports and touches, by TypeScript's own parser. */
export function parseModule(file: string, code: string): SourceModule {
  const imports: Import[] = [];
  const accesses = new Set<string>();
  const visit = (node: ts.Node) => {
    const found = specifierOf(node);
    if (found) {
      const target = found.text.startsWith(".") ? join(file, "..", found.text) : undefined;
      imports.push({ specifier: found.text, file: target, typeOnly: found.typeOnly });
    }
    if (ts.isPropertyAccessExpression(node)) accesses.add(node.getText(tree));
    ts.forEachChild(node, visit);
  };
  const tree = ts.createSourceFile(file, code, ts.ScriptTarget.Latest, true);
  visit(tree);
  return { file, imports, accesses };
}

/** Every TypeScript and JavaScript file below some folders of the repository. */
export function readModules(root: string, folders: readonly string[]): SourceModule[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.m?[jt]s$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => parseModule(relative(root, path), readFileSync(path, "utf8"))),
  );
}
