import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { writeNamedFile } from "../../src/commands/write-named-file.ts";
import { UsageError } from "../../src/errors.ts";
import { silentLog } from "../../src/log.ts";

it("a file is written with the folders above it, which is said, or it is said that it cannot be", async () => {
  const root = mkdtempSync(join(tmpdir(), "tablewright-named-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const said: string[] = [];
  const log = { ...silentLog(), info: (line: string) => said.push(line) };
  const write = (file: string) =>
    writeNamedFile(file, (path) => writeFile(path, "text"), { what: "diagram", option: "out", log });
  const file = join(root, "a", "b", "c.mmd");
  await write(file);
  expect(said).toEqual([`made the folder ${join(root, "a")}`]);
  await write(file);
  expect(said).toHaveLength(1);
  expect(readFileSync(file, "utf8")).toBe("text");
  for (const wrong of [root, join(file, "d.mmd")]) {
    await expect(write(wrong)).rejects.toThrow(UsageError);
    await expect(write(wrong)).rejects.toMatchObject({ next: "Name a file that can be written with --out." });
  }
});

it("what is wrong with the content is not taken for a file that cannot be written", async () => {
  const broken = new RangeError("3 users are too few");
  const kind = { what: "items", option: "out", log: silentLog() };
  const written = writeNamedFile(join(tmpdir(), "x"), () => Promise.reject(broken), kind);
  await expect(written).rejects.toBe(broken);
});
