import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { affectedPatterns, readModuleGraph } from "../../../src/verify/watch/module-graph.ts";
import { ROOT } from "../../support/processes.ts";
import { copyProject } from "../../support/project-copy.ts";
import { querySet } from "../quick-photos.ts";

const ids = querySet.patterns.map(({ id }) => id);

test("a saved file touches the patterns that import it, themselves or through others; what is shared touches all", async () => {
  const graph = await readModuleGraph(ROOT, "quick-photos");
  if (!graph) throw new Error("the project's queries cannot be read");
  const affected = (...files: string[]) =>
    affectedPatterns(
      graph,
      "quick-photos",
      ids,
      files.map((file) => `queries/quick-photos/${file}`),
    );
  expect(affected("find-followers.ts")).toEqual(["find-followers"]);
  expect(affected("oracles/find-followers.ts")).toEqual(["find-followers"]);
  expect(affected("oracles/recent-photos.ts", "follow-user.ts")).toEqual(["recent-photos", "follow-user"]);
  expect(affected("uncounting.ts")).toEqual(["remove-reaction", "unfollow-user"]);
  for (const shared of ["keys.ts", "index.ts", "oracles/index.ts", "oracles/source.ts", "oracles/scratch.ts"])
    expect(affected(shared), shared).toEqual(ids);
  expect(affected("not-imported.ts")).toEqual([]);
  // A pattern that lives elsewhere than its id says may be anywhere.
  expect(affectedPatterns(graph, "quick-photos", ["elsewhere"], ["queries/quick-photos/x.ts"])).toEqual([
    "elsewhere",
  ]);
});

test("the graph is that of the files as they are now; a file that is no module has none", async () => {
  const { root } = copyProject();
  const file = join(root, "queries/quick-photos/find-followers.ts");
  const before = readFileSync(file, "utf8");
  writeFileSync(file, `import "./brand-new.ts";\n${before}`);
  writeFileSync(join(root, "queries/quick-photos/brand-new.ts"), "export {};\n");
  const graph = await readModuleGraph(root, "quick-photos");
  if (!graph) throw new Error("the copy's queries cannot be read");
  const changed = ["queries/quick-photos/brand-new.ts"];
  expect(affectedPatterns(graph, "quick-photos", ids, changed)).toEqual(["find-followers"]);
  writeFileSync(file, "const = 1;\n");
  expect(await readModuleGraph(root, "quick-photos")).toBeUndefined();
});
