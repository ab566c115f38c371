import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { replaceFile } from "../../src/project/replace-file.ts";
import { SourceHash } from "../../src/seed/file/source-hash.ts";
import { findLedger, unfinishedLedgers } from "../../src/seed/load/ledger/find-ledgers.ts";
import { loadDifferences, parseLedger } from "../../src/seed/load/ledger/ledger-content.ts";
import { LoadLedger } from "../../src/seed/load/ledger/load-ledger.ts";
import { seededRandom } from "../faults/rules.ts";
import { eventually, launch, ROOT } from "../support/processes.ts";
import { temporaryFolder } from "./support.ts";

const KILL_SEED = Number(process.env.KILL_SEED ?? Date.now() % 1_000_000);
const identity = {
  model: "photos",
  table: { name: "t", arn: "arn:t", id: "1" },
  source: [{ name: "items.json", bytes: 3, sha256: "abc" }],
  options: {},
};
const counts = { written: 2, identical: 0, rejected: 1, superseded: 0 };
const position = { read: 5, open: [2, 5], counts };
const noRejects = { file: "/tmp/rejects.jsonl", bytes: 0 };

async function savedLedger(folder: string, name = "one.json", given: Partial<typeof identity> = {}) {
  const ledger = LoadLedger.begin(join(folder, name), { ...identity, ...given });
  ledger.foundTable(true);
  await ledger.save(position, noRejects);
  ledger.release();
  return ledger.file;
}

describe("what a ledger says", () => {
  it("is what was saved", async () => {
    const file = await savedLedger(temporaryFolder());
    const { resumed, release } = LoadLedger.resume(file, identity);
    release();
    expect(resumed).toMatchObject({ ...identity, position, tableWasEmpty: true, rejects: noRejects });
    expect(readdirSync(join(file, ".."))).toEqual(["one.json"]);
  });

  it.each<[string, object]>([
    ["counts that do not add up", { position: { ...position, read: 6 } }],
    ["something open that was never read", { position: { ...position, open: [2, 6] } }],
    ["something open twice", { position: { ...position, open: [2, 2] } }],
    ["no word on the table", { tableWasEmpty: undefined }],
  ])("is refused with %s", async (_, wrong) => {
    const content = JSON.parse(readFileSync(await savedLedger(temporaryFolder()), "utf8"));
    expect(() => parseLedger("it", JSON.stringify(content))).not.toThrow();
    expect(() => parseLedger("it", JSON.stringify({ ...content, ...wrong }))).toThrow(
      expect.objectContaining({ code: "load-ledger", exitCode: 4 }),
    );
  });

  it("is refused in a newer version, and where it is no ledger; nothing is written over what is none", () => {
    expect(() => parseLedger("it", '{"version": 2, "model": "photos"}')).toThrow(
      expect.objectContaining({ code: "load-ledger-version", exitCode: 3 }),
    );
    const items = join(temporaryFolder(), "items.json");
    writeFileSync(items, '{"PK":"a"}\n{"PK":"b"}\n');
    expect(() => LoadLedger.begin(items, identity)).toThrow(expect.objectContaining({ code: "load-ledger" }));
    expect(readdirSync(join(items, ".."))).toEqual(["items.json"]);
  });
});

describe("the load that is resumed", () => {
  const other = { name: "items.json", bytes: 3, sha256: "abd" };

  it("is the newest of this model, table, source and options", async () => {
    const folder = temporaryFolder();
    await savedLedger(folder, "other.json", { source: [other] });
    const newest = await savedLedger(folder, "newest.json");
    const older = await savedLedger(folder, "older.json");
    const content = JSON.parse(readFileSync(older, "utf8"));
    writeFileSync(older, JSON.stringify({ ...content, savedAt: "2026-01-01T00:00:00.000Z" }));
    await savedLedger(folder, "of-another.json", { model: "orders" });
    expect(findLedger(folder, identity)).toBe(newest);
    expect(unfinishedLedgers(folder, identity)).toEqual([newest, older]);
  });

  it("is not there, or another: the message says which and why", async () => {
    const folder = temporaryFolder();
    const find = () => findLedger(folder, identity);
    expect(() => findLedger(join(folder, "nowhere"), identity)).toThrow("nothing to resume");
    await savedLedger(folder, "of-another.json", { model: "orders" });
    expect(find).toThrow(expect.objectContaining({ code: "nothing-to-resume", exitCode: 4 }));
    const file = await savedLedger(folder, "other.json", { source: [other] });
    expect(find).toThrow(expect.objectContaining({ code: "other-load", exitCode: 4 }));
    expect(find).toThrow(`${file} is not this one:\n  items.json has other content`);
    expect(() => LoadLedger.resume(join(folder, "gone.json"), identity)).toThrow("nothing to resume");
    expect(() => LoadLedger.resume(file, identity)).toThrow("has other content");
  });

  it("is told from others by everything that matters, all at once; a file may have been moved", () => {
    const moved = { ...identity, source: [{ ...identity.source[0], name: "elsewhere.json" }] };
    expect(loadDifferences(identity, moved as typeof identity)).toEqual([]);
    const differences = loadDifferences(identity, {
      model: "orders",
      table: { name: "t", arn: "arn:t", id: "2" },
      source: [{ name: "items.json", bytes: 4, sha256: "abd" }],
      options: { format: "json" },
    });
    expect(differences).toEqual([
      "the model was photos, and is orders",
      "the table t was deleted and made again (1, now 2)",
      "items.json has other content than when the load began (3 bytes, now 4 bytes)",
      "--format was not given, and is json",
    ]);
  });

  it("of another file says which one it began with", () => {
    const source = [{ name: "more.json", bytes: 4, sha256: "abd" }];
    expect(loadDifferences(identity, { ...identity, source })).toEqual([
      "more.json has other content than items.json, which the load began with (3 bytes, now 4 bytes)",
    ]);
  });

  it("leaves nothing behind on a full disk", async () => {
    const folder = temporaryFolder();
    const module = JSON.stringify(join(ROOT, "dist/seed/load/ledger/load-ledger.js"));
    const code = `import { LoadLedger } from ${module};
      LoadLedger.begin(${JSON.stringify(join(folder, "one.json"))}, ${JSON.stringify(identity)});`;
    const words = `trap "" XFSZ; ulimit -f 0; exec "$0" --input-type=module -e "$1"`;
    const { status, stderr } = await launch("bash", ["-c", words, process.execPath, code]).finished;
    expect({ status, says: stderr.includes("one.json, cannot be written: EFBIG") }).toEqual({
      status: 1,
      says: true,
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is refused while another process is at work on it, and not once that was killed", async () => {
    const file = await savedLedger(temporaryFolder());
    const module = JSON.stringify(join(ROOT, "dist/seed/load/ledger/load-ledger.js"));
    const code = `import { LoadLedger } from ${module};
      LoadLedger.resume(${JSON.stringify(file)}, ${JSON.stringify(identity)});
      console.log("held");
      setInterval(() => {}, 1000);`;
    const running = launch(process.execPath, ["--input-type=module", "-e", code]);
    onTestFinished(() => void running.child.kill("SIGKILL"));
    await eventually(() => running.stdout().includes("held"), "the other process has it", 30);
    expect(() => LoadLedger.resume(file, identity)).toThrow(
      expect.objectContaining({ code: "load-running", exitCode: 3 }),
    );
    running.child.kill("SIGKILL");
    await running.finished;
    LoadLedger.resume(file, identity).release();
  });
});

it("a source's hash goes by its files' bytes, however they are cut", () => {
  const hashOf = (...chunks: string[]) => {
    const hash = new SourceHash(["a", "empty"]);
    for (const chunk of chunks) hash.add(Buffer.from(chunk), "a");
    return hash.files();
  };
  // From `printf abc | sha256sum`, and of nothing.
  expect(hashOf("a", "bc")).toEqual([
    { name: "a", bytes: 3, sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { name: "empty", bytes: 0, sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
  ]);
  expect(hashOf("abd")[0]?.sha256).not.toBe(hashOf("abc")[0]?.sha256);
});

describe("a file that is replaced", () => {
  it("cannot be: what it said stays", async () => {
    const folder = join(temporaryFolder(), "folder");
    mkdirSync(folder);
    await replaceFile(join(folder, "file"), "one");
    // Its place is taken by a folder, which no file can replace.
    mkdirSync(join(folder, "file.tmp"));
    await expect(replaceFile(join(folder, "file"), "two")).rejects.toThrow();
    expect(readFileSync(join(folder, "file"), "utf8")).toBe("one");
  });

  it(`is never half written, whenever its writer is killed (seed ${KILL_SEED})`, async () => {
    const random = seededRandom(KILL_SEED);
    const file = join(temporaryFolder(), "ledger.json");
    const module = JSON.stringify(join(ROOT, "dist/project/replace-file.js"));
    /** Says how long it is: a part of it does not parse, or is too short. */
    const code = `import { replaceFile } from ${module};
      for (let turn = Number(process.argv[1]); ; turn += 1) {
        const length = 50_000 + (turn % 7) * 40_000;
        await replaceFile(${JSON.stringify(file)}, JSON.stringify({ turn, length, text: "x".repeat(length) }));
        if (turn % 5 === 0) console.log(turn);
      }`;
    let turn = 0;
    for (let kills = 0; kills < 8; kills += 1) {
      const running = launch(process.execPath, ["--input-type=module", "-e", code, String(turn)]);
      onTestFinished(() => void running.child.kill("SIGKILL"));
      await eventually(() => running.stdout() !== "", "the first writes", 30);
      await delay(random() * 30);
      running.child.kill("SIGKILL");
      await running.finished;
      const said = JSON.parse(readFileSync(file, "utf8"));
      expect(said.text).toHaveLength(said.length);
      expect(said.turn).toBeGreaterThanOrEqual(turn);
      turn = said.turn + 1;
    }
  });
});
