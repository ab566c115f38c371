import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Checkpoint } from "../../src/stream/checkpoint.ts";

const STREAM = "arn:aws:dynamodb:ddblocal:000000000000:table/photos/stream/1";

function temporaryFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "tablewright-checkpoint-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "streams", "photos.json");
}

const stateOf = ({ isNew, positions, finished }: Checkpoint) => ({
  isNew,
  positions: Object.fromEntries(positions),
  finished: [...finished],
});

test("a checkpoint that there is not knows nothing", () => {
  expect(stateOf(Checkpoint.open(temporaryFile(), STREAM))).toEqual({
    isNew: true,
    positions: {},
    finished: [],
  });
});

test("a checkpoint is read as it was written, with no other file left", () => {
  const file = temporaryFile();
  const written = Checkpoint.open(file, STREAM);
  written.reach("a", { after: "1" });
  written.reach("b", { after: "7" });
  written.reach("a", "finished");
  expect(stateOf(written).isNew).toBe(false);
  expect(stateOf(Checkpoint.open(file, STREAM))).toEqual({
    isNew: false,
    positions: { b: { after: "7" } },
    finished: ["a"],
  });
  expect(readdirSync(dirname(file))).toEqual(["photos.json"]);
});

test("a stream that was begun where it was empty is not new any more", () => {
  const file = temporaryFile();
  Checkpoint.open(file, STREAM).begin({});
  expect(Checkpoint.open(file, STREAM).isNew).toBe(false);
});

test("the checkpoint of another stream counts for nothing", () => {
  const file = temporaryFile();
  Checkpoint.open(file, STREAM).reach("a", { after: "1" });
  expect(stateOf(Checkpoint.open(file, `${STREAM}2`))).toEqual({ isNew: true, positions: {}, finished: [] });
});

test.each(["", "{", "[]", '{"version":2,"streamArn":"x","shards":{}}'])("%j is no checkpoint", (content) => {
  const file = temporaryFile();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  expect(() => Checkpoint.open(file, STREAM)).toThrow(/is not one that this version wrote/);
});

test("a place where no file can be written is said", () => {
  const file = temporaryFile();
  writeFileSync(dirname(file), "a file where the folder should be");
  const checkpoint = Checkpoint.none(file, STREAM);
  expect(() => checkpoint.reach("a", { after: "1" })).toThrow(/cannot be written/);
});
