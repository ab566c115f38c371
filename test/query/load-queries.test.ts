import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findProject } from "../../src/project/find-project.ts";
import { loadQuerySet } from "../../src/query/load-queries.ts";
import { ROOT } from "../support/processes.ts";

/** A project whose list of patterns is the code given, with `pattern(…)` to make one. */
function projectWith(code: string) {
  const root = mkdtempSync(join(tmpdir(), "tablewright-queries-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, "queries", "quick-photos"), { recursive: true });
  cpSync(join(ROOT, "infra", "tables"), join(root, "infra", "tables"), { recursive: true });
  writeFileSync(join(root, "Pulumi.yaml"), "name: test\n");
  writeFileSync(join(root, "package.json"), '{"type": "module"}');
  symlinkSync(join(ROOT, "node_modules"), join(root, "node_modules"));
  const prelude = `
    import { z } from "zod";
    const text = z.string(), model = "quick-photos";
    const pattern = (id, fields = {}, rest = {}) => ({
      id, title: "t", description: "d", kind: "read", operations: ["Query"], keyCondition: "PK = x",
      input: z.strictObject(fields), params: () => ({ operation: "Query", input: {} }), run: async () => ({}), text: () => [], ...rest,
    });
    export default `;
  writeFileSync(join(root, "queries", "quick-photos", "index.ts"), `${prelude}${code};\n`);
  return { root, stateFolder: join(root, ".tablewright") };
}

test("the patterns of Quick Photos load, each under the id of its file", async () => {
  const set = await loadQuerySet(findProject(ROOT), "quick-photos");
  expect(set.patterns.map(({ id }) => id)).toEqual([
    "create-user",
    "update-user",
    "fetch-user",
    "upload-photo",
    "fetch-user-and-photos",
    "recent-photos",
    "add-reaction",
    "remove-reaction",
    "fetch-photo-and-reactions",
    "follow-user",
    "unfollow-user",
    "find-followers",
    "find-following",
    "find-and-enrich-following",
  ]);
});

test("a list without a mistake loads, an update with set and unset too", async () => {
  const update = `pattern("b", { username: text, set: z.strictObject({ name: text }), unset: z.array(text) })`;
  const project = projectWith(`{ model, patterns: [pattern("a"), ${update}] }`);
  expect((await loadQuerySet(project, "quick-photos")).patterns).toHaveLength(2);
});

test.each([
  ["{ model, patterns: [] }", ["patterns: must hold at least one access pattern"]],
  ["{ model }", ["patterns: "]],
  ["{ model: 'other', patterns: [pattern('a')] }", ['model: is "other", but its folder says "quick-photos"']],
  ["{ model, patterns: [pattern('a'), pattern('b'), pattern('a')] }", ["pattern a: stands twice"]],
  ["{ model, patterns: [pattern('findFollowers')] }", ["patterns.0.id: must be kebab case"]],
  [
    "{ model, patterns: [pattern('a', {}, { run: 1, kind: 'both', operations: [], input: {} })] }",
    ["patterns.0.kind", "patterns.0.operations", "patterns.0.input: must be a zod object", "patterns.0.run"],
  ],
  [
    "{ model, patterns: [pattern('a', {}, { index: 'GSI1' })] }",
    ["pattern a: reads the index GSI1, which infra/tables/quick-photos.ts has not"],
  ],
  [
    "{ model, patterns: [pattern('a', { table: text, dryRun: text }), pattern('b', { set: text, unset: text })] }",
    [
      "pattern a: its input claims --table",
      "pattern a: its input claims --dry-run",
      "pattern b: its input claims --set",
      "pattern b: its input claims --unset",
    ],
  ],
])("%s does not load, and every mistake is named", async (code, problems) => {
  const error = await loadQuerySet(projectWith(code), "quick-photos").then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({
    code: "content",
    exitCode: 4,
    facts: { file: "queries/quick-photos/index.ts" },
  });
  for (const problem of problems) expect((error as Error).message).toContain(problem);
});

test("a model that does not exist, and one without queries, are told apart", async () => {
  await expect(loadQuerySet(findProject(ROOT), "nope")).rejects.toMatchObject({ code: "model-not-found" });
  const project = projectWith("{}");
  rmSync(join(project.root, "queries"), { recursive: true });
  await expect(loadQuerySet(project, "quick-photos")).rejects.toMatchObject({
    code: "content",
    message: "queries/quick-photos/index.ts: the file does not exist",
  });
});
