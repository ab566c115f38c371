import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { standaloneModule } from "../../src/project/standalone-module.ts";
import { ROOT } from "../support/processes.ts";

function setUp(source: string) {
  const folder = mkdtempSync(join(tmpdir(), "tablewright-standalone-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "design.ts");
  writeFileSync(file, source);
  const state = join(folder, "state");
  return { file, state, compiled: () => standaloneModule(file, state) };
}

it("a design that imports types only is compiled once, and anew when it has changed", async () => {
  const { file, state, compiled } = setUp(
    'import type { TableDesign } from "tablewright/table-design";\n\n/** From a comment. */\nconst design: Partial<TableDesign> = { model: "a" };\nexport default design;\n',
  );
  const first = (await compiled()) ?? "";
  expect(await import(pathToFileURL(first).href)).toMatchObject({ default: { model: "a" } });
  expect(await compiled()).toBe(first);
  expect(readdirSync(join(state, "compiled"))).toHaveLength(1);
  writeFileSync(file, 'export default { model: "b" as const };\n');
  const second = (await compiled()) ?? "";
  expect(await import(pathToFileURL(second).href)).toMatchObject({ default: { model: "b" } });
});

it("the design of the reference model is one", async () => {
  const { state } = setUp("");
  expect(await standaloneModule(join(ROOT, "infra/tables/quick-photos.ts"), state)).toBeDefined();
});

it.each([
  ["imports", 'import { join } from "node:path";\nexport default join("a", "b");\n'],
  ["exports from elsewhere", 'export { default } from "./other.ts";\n'],
  ["imports as it runs", 'export default await import("./other.ts");\n'],
  ["does not compile", "export default {;\n"],
])("a module that %s is left to the loader of TypeScript", async (_does, source) => {
  const { state, compiled } = setUp(source);
  expect(await compiled()).toBeUndefined();
  expect(() => readdirSync(state)).toThrow(/ENOENT/);
});

it("a folder that cannot be written to is no failure", async () => {
  const { file, state } = setUp("export default 1;\n");
  writeFileSync(state, "no folder");
  chmodSync(state, 0o444);
  expect(await standaloneModule(file, state)).toBeUndefined();
});
