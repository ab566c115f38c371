import { createHash } from "node:crypto";
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { openSeedInput } from "../../src/commands/seed/seed-input.ts";
import { DamagedExportError, ExportFolderError } from "../../src/seed/errors.ts";
import { checkSeedFile } from "../../src/seed/file/check-seed-file.ts";
import { design, temporaryFolder } from "./support.ts";

const md5 = (bytes: Buffer | string) => createHash("md5").update(bytes).digest("base64");
const line = (key: string) => `{"Item":{"PK":{"S":"${key}"},"SK":{"N":"1"}}}\n`;
const PARTS: Readonly<Record<string, string>> = {
  "b7x.json.gz": line("a") + line("b"),
  "a3q.json.gz": line("c"),
  // Of a partition without items.
  "c9z.json.gz": "",
};

/** An export as AWS writes it, below a prefix, with changes to its summary. */
function writeExport(summary: object = {}, id = "01693685827463-2d8752fd") {
  const prefix = temporaryFolder();
  const folder = join(prefix, "AWSDynamoDB", id);
  mkdirSync(join(folder, "data"), { recursive: true });
  const entries = Object.entries(PARTS).map(([name, text]) => {
    const bytes = gzipSync(text);
    writeFileSync(join(folder, "data", name), bytes);
    const itemCount = text.split("\n").length - 1;
    const dataFileS3Key = `AWSDynamoDB/${id}/data/${name}`;
    return { itemCount, md5Checksum: md5(bytes), etag: "af83d6f217c19b8b0fff8023d8ca4716-1", dataFileS3Key };
  });
  const manifest = {
    version: "2020-06-30",
    tableArn: "arn:aws:dynamodb:us-east-1:123456789012:table/seeded",
    s3Prefix: null,
    manifestFilesS3Key: `AWSDynamoDB/${id}/manifest-files.json`,
    itemCount: 3,
    outputFormat: "DYNAMODB_JSON",
    ...summary,
  };
  const put = (name: string, text: string) => {
    writeFileSync(join(folder, `${name}.json`), text);
    writeFileSync(join(folder, `${name}.md5`), md5(text));
  };
  put("manifest-summary", JSON.stringify(manifest));
  put("manifest-files", entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
  writeFileSync(join(folder, "_started"), "");
  return { prefix, folder, file: (name: string) => join(folder, name) };
}

const open = (folder: string) => {
  const signal = new AbortController().signal;
  return openSeedInput({ project: { root: folder }, options: { table: "x" }, signal } as never, {
    files: [folder],
  });
};

describe("an export's folder", () => {
  it("is its data files in the manifest's order, named by itself or by a folder above it", async () => {
    const { prefix, folder, file } = writeExport();
    writeFileSync(file("data/.DS_Store"), "no item");
    const [own, above] = await Promise.all([open(folder), open(prefix)]);
    expect(own.shown).toBe(folder);
    expect(own.input.files).toEqual(Object.keys(PARTS).map((name) => file(`data/${name}`)));
    expect(above.input).toEqual(own.input);
    expect(await checkSeedFile(own.input, design)).toMatchObject({ items: 3, defectCount: 0 });
  });

  it("that is not what its manifest says is refused with everything that differs", async () => {
    const { folder, file } = writeExport();
    rmSync(file("data/b7x.json.gz"));
    appendFileSync(file("data/a3q.json.gz"), "x");
    appendFileSync(file("manifest-summary.json"), " ");
    const changed = readFileSync(file("manifest-files.json"), "utf8").replace(
      '"itemCount":0',
      '"itemCount":7',
    );
    writeFileSync(file("manifest-files.json"), `${changed}{"itemCount":1}\n`);
    writeFileSync(
      file("manifest-files.md5"),
      createHash("md5").update(`${changed}{"itemCount":1}\n`).digest("hex"),
    );
    const error = await open(folder).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DamagedExportError);
    expect((error as DamagedExportError).facts.mistakes).toEqual([
      { file: file("manifest-summary.json"), reason: "has another MD5 than manifest-summary.md5 says" },
      { file: `${file("manifest-files.json")}:4`, reason: expect.stringContaining("dataFileS3Key") },
      { file: file("data/b7x.json.gz"), reason: "is in the manifest and is missing" },
      { file: file("data/a3q.json.gz"), reason: "has another MD5 than the manifest says" },
      { file: file("data/c9z.json.gz"), reason: "has 0 items; the manifest says 7" },
    ]);
  });

  it("whose summary counts other items than its files is refused", async () => {
    const { folder, file } = writeExport({ itemCount: 4 });
    await expect(open(folder)).rejects.toMatchObject({
      facts: {
        mistakes: [
          { file: file("manifest-summary.json"), reason: expect.stringMatching(/says 4 items; .* have 3/) },
        ],
      },
    });
  });

  it.each([
    ["incremental", { exportType: "INCREMENTAL_EXPORT" }, /incremental export/],
    ["in Ion", { outputFormat: "ION" }, /export in ION/],
  ])("that is %s is refused by name", async (_, summary, reason) => {
    const { folder } = writeExport(summary);
    await expect(open(folder)).rejects.toThrow(ExportFolderError);
    await expect(open(folder)).rejects.toThrow(reason);
  });

  it("is asked for where there is none, or are several", async () => {
    const none = temporaryFolder();
    await expect(open(none)).rejects.toMatchObject({
      message: expect.stringContaining("without an export"),
      next: expect.stringContaining("*.json"),
    });
    const { prefix } = writeExport();
    const other = join(prefix, "AWSDynamoDB", "02");
    mkdirSync(other);
    writeFileSync(join(other, "manifest-summary.json"), "{}");
    await expect(open(prefix)).rejects.toThrow(/holds 2 exports: .*02/);
  });
});
