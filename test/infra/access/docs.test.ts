import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type Place, ROLES, type RoleDesign } from "../../../infra/components/access/permissions.ts";
import { ROOT } from "../../support/processes.ts";

const text = readFileSync(join(ROOT, "docs", "access.md"), "utf8");
const roles = Object.entries<RoleDesign>(ROLES);

const PLACES: Readonly<Record<Place, string>> = {
  table: "table",
  indexes: "its indexes",
  ledger: "ledger",
  scratch: "`tablewright-scratch-*`",
  scratchIndexes: "their indexes",
  everyTable: "account and region",
};

const cell = (actions: RoleDesign["allow"] = {}) =>
  Object.entries(actions)
    .map(([place, names]) => `${PLACES[place as Place]}: ${[...names].sort().join(", ")}`)
    .join("<br>");

describe("docs/access.md", () => {
  it("has the roles and what they may do as the program has them", () => {
    const table = [
      "| role | runs | may | is denied |",
      "|---|---|---|---|",
      ...roles.map(
        ([name, { purpose, allow, deny }]) => `| ${name} | ${purpose} | ${cell(allow)} | ${cell(deny)} |`,
      ),
    ];
    expect(text).toContain(table.join("\n"));
  });

  it("shows a workflow whose jobs take roles that GitHub may take", () => {
    const [, yaml = ""] = /```yaml\n([\s\S]*?)```/.exec(text) ?? [];
    const workflow = parse(yaml) as { permissions: object; jobs: object };
    expect(workflow.permissions).toMatchObject({ "id-token": "write" });
    const taken = [...yaml.matchAll(/role\/prod-quick-photos-([a-z]+)/g)].map(([, role]) => role);
    const open = roles.filter(([, { fromGithub }]) => fromGithub).map(([name]) => name);
    expect(taken.sort()).toEqual(["deploy", "migrator", "preview", "prover"]);
    expect(taken.filter((role) => !["deploy", "preview", ...open].includes(role ?? ""))).toEqual([]);
  });
});
