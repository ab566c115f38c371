import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { StoredItem } from "../../src/dynamo/scan.ts";
import { CLI, launch, ROOT, type Running } from "../support/processes.ts";
import { cleanEnvironment } from "../support/project-copy.ts";
import { uniqueName } from "../support/tables.ts";
import { smallTable } from "./photos.ts";
import { projectWith, type TestBed, testBed } from "./support.ts";

/** A table that the compiled command finds. */
export interface CommandBed extends TestBed {
  /** What tells the command where its project is, but for the endpoint. */
  readonly place: readonly string[];
  /** Starts `migrate` as a process of its own. */
  start(endpoint: string, ...args: string[]): Running;
}

/** Makes a project with the real migrations, and a table of its own. */
export async function commandBed({
  indexes = false,
  items = smallTable(3),
}: {
  indexes?: boolean;
  items?: readonly StoredItem[];
} = {}): Promise<CommandBed> {
  const project = await projectWith({});
  const prefix = `${uniqueName("cli")}-`;
  for (const path of [join("infra", "tables"), "migrations", "Pulumi.yaml"]) {
    cpSync(join(ROOT, path), join(project.root, path), { recursive: true });
  }
  const config = { tableNamePrefix: prefix, ledgerTableName: `${prefix}ledger`, indexOwner: "migration" };
  const lines = Object.entries(config).map(([key, value]) => `  tablewright:${key}: ${value}`);
  writeFileSync(join(project.root, "Pulumi.dev.yaml"), `config:\n${lines.join("\n")}\n`);
  const ledgerTable = config.ledgerTableName;
  const bed = await testBed({ project, items, indexes, ledgerTable, name: `${prefix}quick-photos` });
  const place = ["--project", project.root, "--endpoint"];
  const start = (endpoint: string, ...args: string[]) =>
    launch(process.execPath, [CLI, "migrate", ...args, ...place, endpoint], { env: cleanEnvironment });
  return { ...bed, place, start };
}
