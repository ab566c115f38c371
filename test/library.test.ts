import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  appliedWrites,
  checkSeedFile,
  createClient,
  createMigrator,
  deploy,
  describeTable,
  fileSource,
  findProject,
  type Generated,
  identityOf,
  importGenerator,
  importTableDesign,
  liveTableKeys,
  loadOracles,
  loadQuerySet,
  localTarget,
  migrationsOf,
  openLedger,
  proveTable,
  readDeclaredCounts,
  readHistory,
  readSeedFile,
  readStackSettings,
  seedTable,
  silentLog,
  startEngine,
  type TableDesign,
  verify,
  WireClient,
  withLease,
  writeItems,
} from "tablewright";
import { expect, it, onTestFinished } from "vitest";
import { ROOT } from "./support/processes.ts";

it("the main job, by the library alone", { timeout: 120_000 }, async () => {
  const log = silentLog();
  const project = findProject(ROOT);
  const settings = readStackSettings(project, "dev", { indexOwner: "pulumi" });
  const engine = await startEngine({ shortLived: true });
  onTestFinished(() => engine.stop());
  const target = localTarget(engine.endpoint);
  const { client } = createClient(target);
  onTestFinished(() => client.destroy());

  const deployed = await deploy({ project, settings, client, log });
  expect(deployed.tables.map(({ name }) => name)).toEqual(["quick-photos", "tablewright-ledger-dev"]);

  const model = "quick-photos";
  const table = settings.tableName(model);
  const design = (await importTableDesign(project, model)) as TableDesign;
  const description = await describeTable(client, table);
  if (!description) throw new Error("the table was deployed");
  const keys = liveTableKeys(design, description);
  const folder = mkdtempSync(join(tmpdir(), "library-"));
  const file = join(folder, "items.json");
  const { generate } = await importGenerator(project, model);
  const made: Generated = await writeItems(generate({ users: 10, seed: 1 }), file);
  expect(made.items).toBeGreaterThan(50);
  const checked = await checkSeedFile(file, keys, { source: file, defectsFile: join(folder, "defects") });
  const { ledgerTable } = settings;
  const ledger = await openLedger({ client, ledgerTable, table: identityOf(description), mayCreate: true });
  const writer = new WireClient(client, 16);
  const load = { writer, reader: client, table, keys, file, checked, rejectsFile: join(folder, "rejects") };
  const declaredCounts = () => readDeclaredCounts(migrationsOf(project, model));
  const seeded = await withLease(ledger, { command: "seed" }, (lease) =>
    seedTable({ ...load, description, lease, declaredCounts, proof: "full", loadOptions: {} }),
  );
  await writer.close();
  expect(seeded).toMatchObject({
    read: checked.items,
    written: checked.items,
    proof: { status: "equal", scope: "exact" },
  });

  const { indexOwner } = settings;
  const { folder: migrations } = migrationsOf(project, model);
  const migrator = createMigrator({ client, model, table, migrations, ledger: ledgerTable, indexOwner });
  const migrated = await migrator.up().result;
  expect(migrated).toMatchObject({
    pending: 0,
    results: [{ result: "applied" }, { result: "applied" }, { result: "applied" }],
  });

  const proof = await proveTable(
    { client, table, keys, readFile: () => readSeedFile(file, keys) },
    { scope: "exact", leftOut: appliedWrites(await readHistory(ledger)) },
  );
  expect(proof).toMatchObject({ status: "equal", missing: 0, extra: 0, different: 0 });

  const [querySet, oracles] = await Promise.all([loadQuerySet(project, model), loadOracles(project, model)]);
  const report = await verify({ target, table, design, querySet, oracles, source: fileSource(file), log });
  expect(report).toMatchObject({ passed: 14, failed: 0, notRun: 0 });
});
