import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { formatSum, judgeSum } from "../../../src/migrate/identity/migrations-sum.ts";
import { MigrationsSumError, newMigration, writeSum } from "../../../src/migrate/index.ts";
import { migrationsOf } from "../../../src/migrate/load-migrations.ts";
import { migrateStatus } from "../../../src/migrate/status.ts";
import { migrateUp } from "../../../src/migrate/up.ts";
import { backfillFile, projectWith, testBed } from "../support.ts";

const hash = (digit: string) => `1:${digit.repeat(64)}`;
const A = { id: "0001-a", hash: hash("a") };
const B = { id: "0002-b", hash: hash("b") };

const problemsOf = (text: string | undefined, migrations = [A, B]) =>
  judgeSum("migrations.sum", text, migrations).map(({ problem }) => problem);

test("a sum that is that of the files is right, whatever its line ends", () => {
  expect(problemsOf(formatSum([A, B]))).toEqual([]);
  expect(problemsOf(formatSum([A, B]).replaceAll("\n", "\r\n"))).toEqual([]);
  expect(problemsOf(formatSum([B, A]))).toEqual([]);
  expect(problemsOf(undefined, [])).toEqual([]);
});

test("everything in which a sum differs is told", () => {
  expect(problemsOf(undefined)).toEqual([expect.stringMatching(/not there/)]);
  expect(problemsOf(formatSum([A]))).toEqual([expect.stringMatching(/no line for 0002-b/)]);
  expect(problemsOf(formatSum([A, B]), [A])).toEqual([expect.stringMatching(/0002-b, which is not there/)]);
  expect(problemsOf(formatSum([{ ...A, hash: hash("c") }]))).toEqual([
    expect.stringMatching(/no line for 0002-b/),
    expect.stringMatching(/0001-a is not that of the file/),
  ]);
  const [, ...lines] = formatSum([A, B]).split("\n");
  expect(problemsOf([`total ${"0".repeat(64)}`, ...lines].join("\n"))).toEqual([
    expect.stringMatching(/by hand/),
  ]);
});

test("two branches that each add a migration change the same line", () => {
  const base = formatSum([A]).split("\n")[0];
  const [one, two] = [formatSum([A, B]), formatSum([A, { ...B, id: "0003-c" }])].map(
    (text) => text.split("\n")[0],
  );
  expect(new Set([base, one, two]).size).toBe(3);
  const conflict = `<<<<<<< ours\n${formatSum([A, B])}=======\n${formatSum([A])}>>>>>>> theirs\n`;
  expect(problemsOf(conflict)).toEqual([expect.stringMatching(/merged/)]);
});

test("up refuses files that the sum does not vouch for, status tells, and sum says that they are meant so", async () => {
  const project = await projectWith({ "0001-a.ts": backfillFile("0001-a") });
  const file = join(project.root, "migrations", "quick-photos", "0001-a.ts");
  const sum = join(project.root, "migrations", "quick-photos", "migrations.sum");
  writeFileSync(file, backfillFile("0001-a", "{ level: 2 }"));
  const bed = await testBed({ project });
  const error = await migrateUp(bed.environment).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(MigrationsSumError);
  expect(error).toMatchObject({ exitCode: 4, next: expect.stringContaining("migrate sum") });
  expect((await migrateStatus(bed.environment)).problems).toMatchObject([{ kind: "sum" }]);
  expect((await bed.history()).events).toEqual([]);
  await expect(newMigration(migrationsOf(project, "quick-photos"), "b")).rejects.toMatchObject({
    code: "migration-files",
  });

  expect(await writeSum(migrationsOf(project, "quick-photos"))).toMatchObject({ migrations: 1 });
  expect((await migrateUp(bed.environment)).pending).toBe(0);
  await newMigration(migrationsOf(project, "quick-photos"), "b");
  expect(readFileSync(sum, "utf8")).toMatch(/^total \S+\n0001-a 1:\S+\n0002-b 1:\S+\n$/);
  rmSync(sum);
  expect((await migrateStatus(bed.environment)).problems).toMatchObject([{ kind: "sum" }]);
});

test("a migration that imports what may change under it is a mistake", async () => {
  const code = `import design from "../../infra/tables/quick-photos.ts";\n${backfillFile("0001-a")}export { design };\n`;
  const project = await projectWith({
    "0001-a.ts": code.replace("../../infra", "../../../../../infra"),
  });
  const bed = await testBed({ project });
  await expect(migrateStatus(bed.environment)).rejects.toMatchObject({
    code: "migration-files",
    message: expect.stringMatching(/0001-a\.ts: imports .*infra\/tables.*frozen in time/),
  });
});
