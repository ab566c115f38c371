import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import { readSourceFile } from "../../src/verify/read-source.ts";
import { launch, type Running } from "../support/processes.ts";
import { CLI, cleanEnvironment, copyProject } from "../support/project-copy.ts";
import { createTestTable, putItems, testClient, uniqueName } from "../support/tables.ts";
import { design, migrated, SEEDS } from "./quick-photos.ts";

/**
 * A copy of the project whose stack names a loaded and migrated table of the running test.
 * @param endpoint where `verify` goes; default: the shared engine itself
 */
export async function loadedProject(endpoint = inject("endpoint")) {
  const project = copyProject();
  const prefix = `${uniqueName("v")}-`;
  writeFileSync(join(project.root, "Pulumi.dev.yaml"), `config:\n  tableNamePrefix: ${prefix}\n`);
  const { client } = testClient();
  const table = await createTestTable(client, design, { name: `${prefix}quick-photos` });
  await putItems(client, table, migrated(await readSourceFile(SEEDS)));
  /** Starts `verify` on that table, and does not wait for its end. */
  const start = (...args: string[]): Running =>
    launch(process.execPath, [CLI, "verify", ...args, "--endpoint", endpoint], {
      cwd: project.root,
      // So that a test can find every process that came of it.
      env: { ...cleanEnvironment, TEST_PROJECT: project.root },
    });
  return { root: project.root, client, table, start };
}
