import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { readProofOptions } from "../../src/commands/seed/proof-options.ts";
import { writeSum } from "../../src/migrate/index.ts";
import { migrationsOf } from "../../src/migrate/load-migrations.ts";
import { findProject } from "../../src/project/find-project.ts";
import type { FaultRule } from "../faults/proxy.ts";
import { allItems } from "../support/tables.ts";
import { lines as allLines, makeStack, sharedProject } from "./stacks.ts";

/** Few of the reactions, most of what there is: migrations count them one transaction after the other. */
const isReaction = (line: string) => line.includes('"PK":"REACTION#');
const lines = [...allLines.filter((line) => !isReaction(line)), ...allLines.filter(isReaction).slice(0, 20)];
const project = sharedProject(lines);
const setUp = (rules?: FaultRule[]) => makeStack(project.root, { ...(rules && { rules }) });
const write = (name: string, content: string) => {
  const path = join(project.root, name);
  writeFileSync(path, content);
  return path;
};
/** One index only before the migrations that write items, and one after them. */
const INDEX_ONLY = ["0001-add-inverted-index", "0004-keep-inverted-index"];
const [first = "", last = ""] = INDEX_ONLY;
const inMigrations = (id: string) => `migrations/quick-photos/${id}.ts`;
write(inMigrations(last), readFileSync(join(project.root, inMigrations(first)), "utf8").replace(first, last));
await writeSum(migrationsOf(findProject(project.root), "quick-photos"));
const WRITERS = ["0002-backfill-reaction-counts", "0003-backfill-follow-counts"];

describe("before anything is written", () => {
  it("a file that is not there is a usage error", async () => {
    const { seed } = await setUp();
    const { document, exitCode } = await seed({ files: ["nowhere.json"] });
    expect(exitCode).toBe(4);
    expect(document).toMatchObject({
      error: { code: "seed-file", message: expect.stringContaining("nowhere.json cannot be read") },
    });
  });

  it("a defect of the file is an error with all its defects", async () => {
    const { seed, client, table } = await setUp();
    const file = write("bad.json", [...lines.slice(0, 3), lines[1], "{\n"].join(""));
    const { document, exitCode } = await seed({ files: [file] });
    expect(exitCode).toBe(1);
    expect(document).toMatchObject({ error: { code: "seed-defects", facts: { defectCount: 2 } } });
    expect(await allItems(client, table)).toEqual([]);
  });
});

describe("before it writes, a load", () => {
  it("says what its proof will read, and is refused where that is too much", async () => {
    const { seed, client, table, logged } = await setUp();
    const { document, exitCode } = await seed({ maxReadUnits: 2 });
    expect(exitCode).toBe(4);
    expect(document).toMatchObject({ error: { code: "read-limit", facts: { table, limit: 2 } } });
    expect(await allItems(client, table)).toEqual([]);
    expect(logged.join("\n")).not.toContain("comparing");
  });

  it("warns of items that DynamoDB will delete, which are not missed afterwards", async () => {
    const { seed, client, table, logged } = await setUp();
    const TimeToLiveSpecification = { AttributeName: "expiresAt", Enabled: true };
    await client.send(new UpdateTimeToLiveCommand({ TableName: table, TimeToLiveSpecification }));
    const expiresAt = Math.floor(Date.now() / 1000) - 3_600;
    const first = { ...JSON.parse(lines[0] as string), expiresAt };
    const file = write("expired.json", [`${JSON.stringify(first)}\n`, ...lines.slice(1, 9)].join(""));
    const { document, text, exitCode } = await seed({ files: [file] });
    expect(text).toContain("which does not count as missing");
    expect(logged.join("\n")).toMatch(
      /by expiresAt, 1 item of .*expired.json expired or will within ten minutes/,
    );
    expect(exitCode).toBe(0);
    expect(document).toMatchObject({ proof: { status: "equal", expiring: { items: 1 } } });
  });
});

describe("a sampled proof after a load", () => {
  it("is told as sampled, and the exit is 0", async () => {
    const { seed } = await setUp();
    const { document, text, exitCode } = await seed({ proof: { percent: 50, seed: 1 } });
    expect(exitCode).toBe(0);
    const { items } = (document.proof as { sample: { items: number } }).sample;
    expect(document).toMatchObject({ proof: { status: "sampled", indexes: [] } });
    expect(text).toContain(`has ${items} of the ${lines.length} items of`);
    expect(text).toContain("(50 %, --sample-seed 1); the others were not looked at");
    expect(text).not.toMatch(/proved|equal/);
  });
});

describe("what --proof may be", () => {
  const read = (proof: string, more = {}) =>
    readProofOptions({ proof, indexes: true, ...more }, ["full", "sample=n%", "none"]);

  it("full, none, or a share of the file above 0 and up to 100 %, of one seed", async () => {
    expect(await read("full")).toEqual({ proof: "full", indexes: true, maxReadUnits: undefined });
    expect(await read("none")).toMatchObject({ proof: "none" });
    expect(await read("sample=2.5%", { sampleSeed: 7 })).toMatchObject({ proof: { percent: 2.5, seed: 7 } });
    const { proof } = await read("sample=100%");
    expect(proof).toMatchObject({ percent: 100, seed: expect.any(Number) });
  });

  it.each(["sample=0%", "sample=101%", "sample=n%", "sample=5", "sample", "some", ""])(
    "not %j",
    async (proof) => {
      await expect(read(proof)).rejects.toMatchObject({
        exitCode: 4,
        message: `"${proof}" is no proof`,
        next: expect.stringContaining("above 0 and at most 100"),
      });
    },
  );

  it.each([
    ["full", { sampleSeed: 7 }, "--sample-seed and --proof full do not go together"],
    ["sample=5%", { exact: true }, "--exact and --proof sample=5% do not go together"],
  ])("%s not beside %j", async (proof, more, message) => {
    await expect(read(proof, more)).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringContaining(message),
    });
  });

  it("nor none where there is nothing else to do", async () => {
    const only = readProofOptions({ proof: "none", indexes: true }, ["full", "sample=n%"]);
    await expect(only).rejects.toMatchObject({ exitCode: 4 });
    await expect(read("full", { maxReadUnits: 0 })).rejects.toMatchObject({ exitCode: 4 });
    await expect(read("full", { sampleSeed: 0.5 })).rejects.toMatchObject({ exitCode: 4 });
  });
});

describe("a load that does not come to its end", () => {
  it("hides what stands in items where it is redacted, in the text, the document and the files", async () => {
    const poison = (request: { body: object }) => JSON.stringify(request.body).includes("#METADATA#john42");
    const fault = { kind: "error", name: "ValidationException", message: "too poisonous" } as const;
    const { seed } = await setUp([{ operation: ["BatchWriteItem", "PutItem"], where: poison, fault }]);
    const { document, text, exitCode } = await seed({ maxRejects: 1 }, { redact: true });
    expect(exitCode).toBe(1);
    const { differences, differencesFile } = document.proof as {
      differences: object[];
      differencesFile: string;
    };
    expect(differences).toMatchObject([{ kind: "missing", key: { PK: "<string>", SK: "<string>" } }]);
    const rejects = readFileSync(document.rejects as string, "utf8");
    expect(JSON.parse(rejects)).toMatchObject({ reason: "too poisonous", item: { username: "<string>" } });
    const shown = [JSON.stringify(document), text, rejects, readFileSync(differencesFile, "utf8")];
    expect(shown.join("\n")).not.toContain("john42");
  });

  it("by an item that DynamoDB refuses: exit 1, set aside in a file, missing in the proof", async () => {
    const poison = (request: { body: object }) => JSON.stringify(request.body).includes("#METADATA#john42");
    const fault = { kind: "error", name: "ValidationException", message: "too poisonous" } as const;
    const { seed } = await setUp([{ operation: ["BatchWriteItem", "PutItem"], where: poison, fault }]);
    const { document, exitCode } = await seed({ maxRejects: 1 });
    expect(exitCode).toBe(1);
    expect(document).toMatchObject({
      rejected: 1,
      written: lines.length - 1,
      proof: {
        status: "different",
        missing: 1,
        differences: [{ kind: "missing", key: { PK: "USER#john42" } }],
      },
    });
    const rejects = readFileSync(document.rejects as string, "utf8");
    expect(JSON.parse(rejects)).toMatchObject({ reason: "too poisonous", item: { username: "john42" } });
  });

  it("by refused credentials, which stop it at once: exit 3, with the sum", async () => {
    const fault = { kind: "error", name: "ExpiredTokenException" } as const;
    const { seed } = await setUp([{ operation: "BatchWriteItem", nth: 2, fault }]);
    const { document, exitCode } = await seed({ concurrency: 1 });
    expect(exitCode).toBe(3);
    expect(document).toMatchObject({
      written: 25,
      unwritten: lines.length - 25,
      error: { code: "credentials" },
    });
  });
});

describe("a failure after the load keeps the sum, in the document and in the error's facts:", () => {
  const sum = { read: lines.length, written: lines.length, unwritten: 0, unknown: 0 };
  const writesNote = (request: { body: object }) => JSON.stringify(request.body).includes("EVENT#");
  const operation = "TransactWriteItems";

  it("a ledger that refuses the note", async () => {
    const fault = { kind: "error", name: "AccessDeniedException", message: "not you" } as const;
    const { seed } = await setUp([{ operation, where: writesNote, fault }]);
    const { document, exitCode, text } = await seed();
    expect(exitCode).toBe(3);
    expect(document).toMatchObject({
      ...sum,
      proof: { status: "equal" },
      error: {
        code: "after-load",
        message: expect.stringContaining("not you"),
        facts: { ...sum, failure: { code: "access-denied" } },
      },
    });
    expect(text).toContain(`${lines.length} read = ${lines.length} written`);
    expect(text).toContain("the load is over, but what comes after it failed: not you");
  });

  it("a lease that is lost at the very end", async () => {
    const extra = { CancellationReasons: [{ Code: "ConditionalCheckFailed" }, { Code: "None" }] };
    const fault = { kind: "error", name: "TransactionCanceledException", extra } as const;
    const { seed } = await setUp([{ operation, where: writesNote, fault }]);
    const { document, exitCode } = await seed();
    expect(exitCode).toBe(3);
    expect(document).toMatchObject({
      ...sum,
      proof: { status: "equal" },
      error: { code: "after-load", facts: { ...sum, failure: { code: "lease-lost" } } },
    });
  });

  it("a proof that may not read the table", async () => {
    const fault = { kind: "error", name: "AccessDeniedException", message: "no scans" } as const;
    // The first scan looks whether the table is empty.
    const { seed, client, ledgerTable } = await setUp([
      { operation: "Scan", where: ({ nth }) => nth > 1, fault },
    ]);
    const { document, exitCode } = await seed();
    expect(exitCode).toBe(3);
    expect(document).toMatchObject({
      ...sum,
      proof: { status: "indeterminate", message: expect.stringContaining("no scans") },
      error: { code: "after-load", facts: { ...sum, failure: { code: "access-denied" } } },
    });
    const [note] = (await allItems(client, ledgerTable)).filter(({ SK }) => SK?.S?.startsWith("EVENT#"));
    expect(note).toMatchObject({ outcome: { S: "written, proof indeterminate" } });
  });

  it("and a wrong table is still the first thing to say", async () => {
    const poison = (request: { body: object }) => JSON.stringify(request.body).includes("#METADATA#john42");
    const refusal = { kind: "error", name: "ValidationException" } as const;
    const fault = { kind: "error", name: "AccessDeniedException" } as const;
    const { seed } = await setUp([
      { operation: ["BatchWriteItem", "PutItem"], where: poison, fault: refusal },
      { operation, where: writesNote, fault },
    ]);
    expect(await seed({ maxRejects: 1 })).toMatchObject({
      exitCode: 1,
      document: { rejected: 1, proof: { missing: 1 }, error: { code: "after-load" } },
    });
  });
});

describe("a table that migrations have written to", () => {
  async function setUpMigrated(rules: FaultRule[] = []) {
    const stack = await setUp([]);
    await stack.seed({ proof: "none" });
    expect((await stack.migrate()).error).toBeUndefined();
    stack.proxy?.setRules(rules);
    const redo = () => stack.seed({ redoMigrations: true }, { yes: "" });
    const applied = async () =>
      (await stack.status()).migrations.filter(({ state }) => state === "applied").map(({ id }) => id);
    return { ...stack, redo, applied };
  }

  it("is refused, unless they are taken back first: those that wrote items, and no other", async () => {
    const { seed, redo, prove, migrate, applied } = await setUpMigrated();
    const refused = await seed();
    expect(refused.exitCode).toBe(1);
    expect(refused.document).toMatchObject({
      error: { code: "migrated-table", facts: { migrations: WRITERS } },
    });

    const { proof } = await prove();
    expect(proof.status).toBe("equal");
    expect(new Set(proof.leftOut.flatMap(({ attributes }) => attributes))).toEqual(
      new Set(["reactions", "counted", "followers", "following"]),
    );
    expect(proof.leftOut.every(({ items }) => items > 0)).toBe(true);

    expect(await seed({ redoMigrations: true })).toMatchObject({
      exitCode: 4,
      document: { error: { code: "usage" } },
    });
    const redone = await redo();
    expect(redone).toMatchObject({
      exitCode: 0,
      document: { pendingAgain: WRITERS, proof: { status: "equal", leftOut: [] } },
      text: expect.stringContaining(`pending again: ${WRITERS.join(", ")}`),
    });
    expect((await prove()).proof).toMatchObject({ status: "equal", extra: 0 });
    expect(await applied()).toEqual(INDEX_ONLY);

    // What was applied in its turn and taken back is not out of order.
    expect(await migrate()).toMatchObject({ pending: 0, results: WRITERS.map((id) => ({ id })) });
    expect(await applied()).toEqual([...INDEX_ONLY, ...WRITERS].sort());
  });

  it("and what fails after they were taken back says that they are pending again", async () => {
    const fault = { kind: "error", name: "AccessDeniedException", message: "no puts" } as const;
    const { redo, proxy, applied } = await setUpMigrated([{ operation: "BatchWriteItem", fault }]);
    const pendingAgain = WRITERS;
    const stopped = await redo();
    expect(stopped).toMatchObject({
      exitCode: 3,
      document: {
        written: 0,
        pendingAgain,
        error: {
          code: "access-denied",
          facts: { pendingAgain },
          next: expect.stringContaining("migrate up"),
        },
      },
    });
    expect(await applied()).toEqual(INDEX_ONLY);
    proxy?.setRules([]);
    expect(await redo()).toMatchObject({ exitCode: 0, document: { pendingAgain: [] } });
  });

  it("also where nothing was loaded", async () => {
    const fault = { kind: "error", name: "AccessDeniedException", message: "no looking" } as const;
    const looks = (request: { body: object }) => "Limit" in request.body && request.body.Limit === 1;
    const { redo } = await setUpMigrated([{ operation: "Scan", where: looks, fault }]);
    expect(await redo()).toEqual({
      exitCode: 3,
      document: {
        error: {
          code: "access-denied",
          message: `no looking\npending again, as they were taken back: ${WRITERS.join(", ")}`,
          next: expect.stringContaining("migrate up"),
          facts: { name: "AccessDeniedException", pendingAgain: WRITERS },
        },
      },
    });
  });

  it("and where one of them could not be taken back", async () => {
    const fault = { kind: "error", name: "AccessDeniedException", message: "no reactions" } as const;
    const uncounts = (request: { body: object }) => JSON.stringify(request.body).includes("REACTION#");
    const { redo, proxy, migrate, applied } = await setUpMigrated([
      { operation: "TransactWriteItems", where: uncounts, fault },
    ]);
    expect(await redo()).toMatchObject({
      exitCode: 3,
      document: {
        error: { code: "migration-failed", facts: { id: WRITERS[0], pendingAgain: [WRITERS[1]] } },
      },
    });
    proxy?.setRules([]);
    expect(await migrate()).toMatchObject({ pending: 0 });
    expect(await applied()).toEqual([...INDEX_ONLY, ...WRITERS].sort());
  });
});

it("--duplicates: the last item of a key is loaded, the sum and the proof say so, and so does `seed prove`", async () => {
  const { seed, prove, client, table } = await setUp();
  const old = '{"PK":"USER#twice","SK":"#METADATA#twice","address":"old"}\n';
  const file = write("twice.json", `${old}${lines[0]}${old.replace("old", "new")}`);
  expect((await seed({ files: [file] })).document).toMatchObject({ error: { code: "seed-defects" } });
  const { document, exitCode } = await seed({ files: [file], duplicates: "last" });
  expect(document).toMatchObject({ read: 3, written: 2, superseded: 1, proof: { status: "equal" } });
  expect(exitCode).toBe(0);
  const stored = await allItems(client, table);
  expect(stored.map(({ address }) => address?.S)).toContain("new");
  expect((await prove({ files: [file], duplicates: "last" })).proof.status).toBe("equal");
  expect((await prove({ files: [file], duplicates: "first" })).proof).toMatchObject({
    status: "different",
    different: 1,
  });
});
