import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findBreaches, findCycles } from "./support/house-rules.ts";
import { parseModule, readModules } from "./support/imports.ts";

const ROOT = join(import.meta.dirname, "..");
const modules = readModules(ROOT, ["src", "infra", "migrations", "queries", "seeds"]);

describe("the house", () => {
  it("keeps its arrows", () => {
    expect(modules.length).toBeGreaterThan(40);
    expect(findBreaches(modules)).toEqual([]);
  });

  it("has no import cycle", () => {
    expect(findCycles(modules)).toEqual([]);
  });

  it("imports only files that exist", () => {
    const named = modules.flatMap((module) => module.imports.flatMap((entry) => entry.file ?? []));
    expect(named.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  });
});

describe("the rules see a breach", () => {
  const breachesOf = (file: string, code: string) => findBreaches([parseModule(file, code)]);

  it.each([
    ["src/dynamo/x.ts", 'import { a } from "../migrate/a.ts";'],
    ["src/seed/x.ts", 'import type { A } from "../migrate/a.ts";'],
    ["src/seed/x.ts", 'export { a } from "../query/a.ts";'],
    ["src/seed/x.ts", 'const a = await import("../commands/seed.ts");'],
    ["src/verify/x.ts", 'import { a } from "../../queries/quick-photos/index.ts";'],
    ["src/errors.ts", 'import { a } from "./dynamo/client.ts";'],
    ["src/parlour/x.ts", 'import { a } from "../errors.ts";'],
    ["src/seed/x.ts", 'import * as aws from "@pulumi/aws";'],
    ["src/seed/x.ts", 'import yargs from "yargs";'],
    ["src/seed/x.ts", "const a = process.env;"],
    ["src/seed/x.ts", "console.log(1);"],
    ["src/commands/x.ts", "process.exit(1);"],
    ["migrations/quick-photos/0001-x.ts", 'import { key } from "../../queries/quick-photos/keys.ts";'],
    ["migrations/quick-photos/0001-x.ts", 'import { z } from "zod";'],
    ["infra/tables/x.ts", 'import { a } from "tablewright/table-design";'],
    ["infra/index.ts", 'import { a } from "../src/errors.ts";'],
    ["queries/quick-photos/x.ts", 'import { a } from "../../migrations/quick-photos/0001-x.ts";'],
    ["queries/quick-photos/oracles/x.ts", 'import { userKey } from "../keys.ts";'],
    ["seeds/quick-photos/generate.ts", 'import { a } from "../../src/errors.ts";'],
  ])("%s: %s", (file, code) => {
    expect(breachesOf(file, code)).toHaveLength(1);
  });

  it("and a cycle, but not one of types alone", () => {
    const loop = (type: string) => [
      parseModule("src/a/one.ts", `import ${type} { two } from "./two.ts";`),
      parseModule("src/a/two.ts", 'import { one } from "./one.ts";'),
    ];
    expect(findCycles(loop(""))).toEqual([["src/a/one.ts", "src/a/two.ts", "src/a/one.ts"]]);
    expect(findCycles(loop("type"))).toEqual([]);
  });
});
