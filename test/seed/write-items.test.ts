import { execFileSync } from "node:child_process";
import {
  createReadStream,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { itemChunks, writeItems } from "../../src/seed/generate/write-items.ts";

const newFolder = () => mkdtempSync(join(tmpdir(), "write-items-"));
const ITEMS = Array.from({ length: 5_000 }, (_, id) => ({ id, text: "Zürich, 東京" }));
const LINES = ITEMS.map((item) => `${JSON.stringify(item)}\n`).join("");

/** Items without end, which do something on the way. */
function* endless(then: (made: number) => void) {
  for (let id = 0; ; id += 1) {
    then(id);
    yield { id, text: "x".repeat(1_000) };
  }
}

describe("items become chunks", () => {
  it("of whole lines, some 64 KB each, and are counted", () => {
    const made = { items: 0, bytes: 0 };
    const chunks = [...itemChunks(ITEMS, made)];
    expect(Buffer.concat(chunks).toString()).toBe(LINES);
    expect(made).toEqual({ items: ITEMS.length, bytes: Buffer.byteLength(LINES) });
    expect(chunks.length).toBeLessThan(8);
    for (const chunk of chunks) expect(chunk.toString().endsWith("}\n")).toBe(true);
    expect([...itemChunks([], made)]).toEqual([]);
  });
});

describe("items become a file", () => {
  it("plain, or compressed by its name, through a link too", async () => {
    const folder = newFolder();
    writeFileSync(join(folder, "real.json"), "old");
    symlinkSync("real.json", join(folder, "link.json"));
    const made = { items: ITEMS.length, bytes: Buffer.byteLength(LINES) };
    expect(await writeItems(ITEMS, join(folder, "link.json"))).toEqual(made);
    expect(await writeItems(ITEMS, join(folder, "items.json.gz"))).toEqual(made);
    expect(readFileSync(join(folder, "real.json"), "utf8")).toBe(LINES);
    expect(gunzipSync(readFileSync(join(folder, "items.json.gz"))).toString()).toBe(LINES);
    expect(readdirSync(folder).sort()).toEqual(["items.json.gz", "link.json", "real.json"]);
  });

  it("or go into a named pipe, which stays one", async () => {
    const pipe = join(newFolder(), "pipe");
    execFileSync("mkfifo", [pipe]);
    const [read] = await Promise.all([text(createReadStream(pipe)), writeItems(ITEMS, pipe)]);
    expect(read).toBe(LINES);
    expect(execFileSync("stat", ["-c", "%F", pipe], { encoding: "utf8" })).toBe("fifo\n");
  });

  it("or say that the disk is full", async () => {
    await expect(writeItems(ITEMS, "/dev/full")).rejects.toMatchObject({ code: "ENOSPC" });
  });

  it("or, where they are interrupted or fail, leave the old one and nothing else", async () => {
    const folder = newFolder();
    const file = join(folder, "items.json");
    writeFileSync(file, "old");
    const stop = new AbortController();
    const stopping = endless((made) => {
      if (made === 1_000) stop.abort(new Error("Ctrl-C"));
    });
    await expect(writeItems(stopping, file, stop.signal)).rejects.toThrow("Ctrl-C");
    const failing = endless((made) => {
      if (made === 1_000) throw new Error("no more");
    });
    await expect(writeItems(failing, file)).rejects.toThrow("no more");
    expect(readdirSync(folder)).toEqual(["items.json"]);
    expect(readFileSync(file, "utf8")).toBe("old");
  });
});
