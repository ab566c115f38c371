import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import design from "../../infra/tables/quick-photos.ts";
import { deploy } from "../../src/deploy/deploy.ts";
import {
  checkKeyAttributes,
  describeUnknownKey,
  findUnknownKeys,
  type KeyedTable,
  keysOfDesign,
  UnknownKeyAttributeError,
} from "../../src/deploy/key-attributes.ts";
import { describeTable } from "../../src/dynamo/describe.ts";
import { silentLog } from "../../src/log.ts";
import { findProject } from "../../src/project/find-project.ts";
import { readStackSettings } from "../../src/project/stack-settings.ts";
import { ROOT } from "../support/processes.ts";
import { testClient, uniqueName } from "../support/tables.ts";
import { plainInputs, resource } from "./declare.ts";

const text = (name: string) => ({ name, type: "S" as const });

/** A project whose model `photos` has these lines in its seed file; without any, no seed file. */
function project(lines?: readonly string[]) {
  const root = mkdtempSync(join(tmpdir(), "tablewright-keys-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  writeFileSync(join(root, "Pulumi.yaml"), "name: keys\n");
  mkdirSync(join(root, "seeds", "photos"), { recursive: true });
  if (lines) writeFileSync(join(root, "seeds", "photos", "items.json"), lines.join("\n"));
  return findProject(root);
}

const table: KeyedTable = {
  partitionKey: text("PK"),
  sortKey: text("SK"),
  indexes: {
    ByDate: { partitionKey: text("SK"), sortKey: text("date") },
    ByOwner: { partitionKey: text("owner") },
  },
};
const item = (...names: string[]) => JSON.stringify(Object.fromEntries(names.map((name) => [name, "x"])));

describe("the key attributes of a model", () => {
  it("are all in the project's own seed file", async () => {
    expect(await findUnknownKeys(findProject(ROOT), "quick-photos", keysOfDesign(design))).toEqual([]);
  });

  it("may be spread over items, and stand after lines that are no items", async () => {
    const lines = ["not JSON", "[1]", "", item("PK", "SK"), item("date"), item("owner")];
    expect(await findUnknownKeys(project(lines), "photos", table)).toEqual([]);
  });

  it("that no item has are told with their place, and with what there is", async () => {
    const lines = [item("PK", "SK", "size"), item("PK", "SK", "title"), item("PK", "SK", "size")];
    const unknown = await findUnknownKeys(project(lines), "photos", table);
    expect(unknown).toMatchObject([
      { attribute: "date", places: ["index ByDate"], ofTable: false, lines: 3 },
      { attribute: "owner", places: ["index ByOwner"], ofTable: false },
    ]);
    expect(unknown.map(describeUnknownKey)[0]).toBe(
      "infra/tables/photos.ts: date is a key of index ByDate, and none of the 3 items read from " +
        "seeds/photos/items.json has it; they have PK, SK, size, title",
    );
  });

  it("of a table itself stop everything; those of an index do not", async () => {
    const lines = [item("pk", "SK", "date")];
    const check = (keyed: KeyedTable) => checkKeyAttributes(project(lines), new Map([["photos", keyed]]));
    await expect(check(table)).rejects.toThrow(UnknownKeyAttributeError);
    await expect(check(table)).rejects.toThrow("PK is a key of the table");
    expect(await check({ ...table, partitionKey: text("pk") })).toMatchObject([{ attribute: "owner" }]);
  });

  it("stop a deploy before any table is touched, or are told by it", async () => {
    const { client } = testClient();
    const name = uniqueName("photos");
    const root = project([item("SK", "name")]);
    mkdirSync(join(root.root, "infra", "tables"), { recursive: true });
    writeFileSync(join(root.root, "infra", "tables", "photos.ts"), "");
    writeFileSync(join(root.root, "Pulumi.dev.yaml"), "");
    const settings = { ...readStackSettings(root, "dev"), tableName: () => name };
    const run = (hashKey: string) => {
      const attributes = [hashKey, "SK", "owner"].map((attribute) => text(attribute));
      const index = { name: "ByOwner", hashKey: "owner", projectionType: "ALL" };
      const inputs = { ...plainInputs(name), hashKey, attributes, globalSecondaryIndexes: [index] };
      const evaluation = { resources: [resource(inputs)], outputs: {} };
      return deploy({ project: root, settings, client, log: silentLog(), evaluation });
    };
    await expect(run("PK")).rejects.toThrow(UnknownKeyAttributeError);
    expect(await describeTable(client, name)).toBeUndefined();
    const { unknownKeys, tables } = await run("name");
    expect(unknownKeys).toMatchObject([{ attribute: "owner", places: ["index ByOwner"] }]);
    expect(tables).toMatchObject([{ name, model: "photos", steps: [{ kind: "createTable" }] }]);
  });

  it("are not judged without a seed file, or by one without items", async () => {
    expect(await findUnknownKeys(project(), "photos", table)).toEqual([]);
    expect(await findUnknownKeys(project([]), "photos", table)).toEqual([]);
  });

  it("are looked for in the beginning of a long file only", async () => {
    const lines = [...Array.from({ length: 10_000 }, () => item("PK", "SK", "date")), item("owner")];
    expect(await findUnknownKeys(project(lines), "photos", table)).toMatchObject([
      { attribute: "owner", lines: 10_000 },
    ]);
  });
});
