import { join } from "node:path";
import ts from "typescript";
import type { DeclaredResource } from "../../src/deploy/monitor.ts";
import { ROOT } from "../support/processes.ts";

/** Where a resource's arguments are typed: `aws:dynamodb/table:Table` -> `@pulumi/aws/dynamodb/table.js`, `TableArgs`. */
function argumentsOf(type: string): { module: string; name: string } {
  const [provider = "", path = "", name = ""] = type.split(":");
  return { module: `@pulumi/${provider}/${path}.js`, name: `${name}Args` };
}

/**
 * What a resource's evaluated inputs have against the provider's own types, which the types of the program
 * do not see: a spread hides a property too many. Inputs are written as literals and type-checked.
 */
export function providerTypeProblems(resources: readonly DeclaredResource[]): string[] {
  const distinct = new Map(
    resources.map(({ type, inputs }) => [`${type} ${JSON.stringify(inputs)}`, { type, inputs }]),
  );
  const lines = [...distinct.values()].map(({ type, inputs }, index) => {
    const { module, name } = argumentsOf(type);
    return `export const resource${index}: import("${module}").${name} = ${JSON.stringify(inputs)};`;
  });
  const file = join(ROOT, "infra", "evaluated-inputs.ts");
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const source = ts.createSourceFile(file, lines.join("\n"), ts.ScriptTarget.ES2022);
  const { getSourceFile, fileExists } = host;
  host.getSourceFile = (name, ...rest) => (name === file ? source : getSourceFile.call(host, name, ...rest));
  host.fileExists = (name) => name === file || fileExists.call(host, name);
  return ts.getPreEmitDiagnostics(ts.createProgram([file], options, host)).map(({ messageText, start }) => {
    const line = start === undefined ? "" : (lines[source.getLineAndCharacterOfPosition(start).line] ?? "");
    return `${line.slice(0, 120)}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
  });
}
