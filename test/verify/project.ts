import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import { readSourceFile } from "../../src/verify/read-source.ts";
import { tablewright } from "../support/processes.ts";
import { cleanEnvironment, copyProject } from "../support/project-copy.ts";
import { createTestTable, putItems, testClient, uniqueName } from "../support/tables.ts";
import { design, migrated, SEEDS } from "./quick-photos.ts";

/** A copy of the project whose stack names a loaded and migrated table of this test. */
export async function openProject() {
  const project = copyProject();
  const prefix = `${uniqueName("v")}-`;
  writeFileSync(join(project.root, "Pulumi.dev.yaml"), `config:\n  tableNamePrefix: ${prefix}\n`);
  const { client } = testClient();
  const table = await createTestTable(client, design, { name: `${prefix}quick-photos` });
  await putItems(client, table, migrated(await readSourceFile(SEEDS)));
  const run = (...args: string[]) => project.run("verify", ...args, "--endpoint", inject("endpoint"));
  const runWith = (env: NodeJS.ProcessEnv, ...args: string[]) =>
    tablewright(["verify", ...args, "--endpoint", inject("endpoint")], {
      cwd: project.root,
      env: { ...cleanEnvironment, ...env },
    });
  return { root: project.root, client, table, run, runWith };
}
