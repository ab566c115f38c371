import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { addReaction } from "../../queries/quick-photos/add-reaction.ts";
import { createUser } from "../../queries/quick-photos/create-user.ts";
import querySet from "../../queries/quick-photos/index.ts";
import { recentPhotos } from "../../queries/quick-photos/recent-photos.ts";
import { updateUser } from "../../queries/quick-photos/update-user.ts";
import { closest } from "../../src/commands/closest.ts";
import { describeOption, readArguments } from "../../src/commands/query-arguments.ts";
import { queryListText, wrapText } from "../../src/commands/query-list.ts";
import { UsageError } from "../../src/errors.ts";
import type { AnyAccessPattern } from "../../src/query/access-pattern.ts";
import { optionsOf } from "../../src/query/pattern-options.ts";

/** What yargs hands over besides the pattern's own options. */
const everywhere = { _: ["query"], $0: "tablewright", table: "quick-photos", json: false, aws: false };
const twice = { "dummy-credentials": false, dummyCredentials: false, list: false, pattern: "x" };

const read = (pattern: AnyAccessPattern, typed: object) =>
  readArguments(pattern, { ...everywhere, ...twice, ...typed });

async function mistakesOf(pattern: AnyAccessPattern, typed: object): Promise<unknown> {
  const error = await read(pattern, typed).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UsageError);
  return (error as UsageError).facts.mistakes;
}

function jsonFile(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "tablewright-input-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "input.json"), text);
  return join(folder, "input.json");
}

test("options become the input, defaults filled in", async () => {
  expect(await read(recentPhotos, { username: "u", limit: "3" })).toEqual({ username: "u", limit: 3 });
  expect(await read(recentPhotos, { username: "u" })).toEqual({ username: "u", limit: 20 });
  const names = { "reacting-user": "a", "reaction-type": "+1", "photo-user": "b" };
  const typed = { ...names, "photo-timestamp": "2019-01-01T00:00:00", photoUser: "b", reactingUser: "a" };
  expect(await read(addReaction, typed)).toEqual({
    reactingUser: "a",
    reactionType: "+1",
    photoUser: "b",
    photoTimestamp: "2019-01-01T00:00:00",
    timestamp: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/),
  });
});

test("updates take set and unset", async () => {
  const typed = { username: "u", set: ["name=N", "interests=a", "interests=b"], unset: "address" };
  expect(await read(updateUser, typed)).toEqual({
    username: "u",
    set: { name: "N", interests: ["a", "b"] },
    unset: ["address"],
  });
});

test("every mistake of the command line is named at once, with what was probably meant", async () => {
  const stray = { _: ["query", "more"], "user-name": "x", userName: "x", "dry-run": true, dryRun: true };
  expect(await mistakesOf(recentPhotos, { ...stray, limit: ["1", "2"], set: "a=b", zzzzzzzz: 1 })).toEqual([
    'unexpected word "more"',
    "--user-name: there is no such option; did you mean --username?",
    "--dry-run: a pattern is sent as it is, and has no plan to show",
    "--set: there is no such option",
    "--zzzzzzzz: there is no such option",
    "--limit is given 2 times",
    "--username is required",
  ]);
  expect(await mistakesOf(updateUser, { username: "u", set: ["followers=9", "birthdate=soon"] })).toEqual([
    "--set birthdate: must be a date such as 1990-05-17",
    '--set: knows no "followers"',
  ]);
});

test("--input takes the input as JSON, and what is typed wins", async () => {
  const file = jsonFile('\uFEFF{"username": "u", "limit": 7}');
  expect(await read(recentPhotos, { input: file })).toEqual({ username: "u", limit: 7 });
  expect(await read(recentPhotos, { input: file, limit: "2" })).toEqual({ username: "u", limit: 2 });
  expect(await mistakesOf(recentPhotos, { input: jsonFile('{"name": "u"}') })).toEqual([
    "--username is required",
    'the input knows no "name"',
  ]);
});

test.each([
  ["{", "is not JSON"],
  ["[1]", "is not a JSON object"],
  ["null", "is not a JSON object"],
])("--input of %s %s", async (text, problem) => {
  const file = jsonFile(text);
  await expect(read(recentPhotos, { input: file })).rejects.toThrow(`--input: ${file} ${problem}`);
});

test("--input of a file that is not there says so", async () => {
  await expect(read(recentPhotos, { input: "/nonexistent.json" })).rejects.toThrow(/cannot be read.*ENOENT/);
});

test("help says of each option what it means, its form, and whether it must be given", () => {
  const described = (pattern: AnyAccessPattern) =>
    Object.fromEntries(optionsOf(pattern).map((option) => [option.name, describeOption(option)]));
  expect(described(addReaction)["reaction-type"]).toBe(
    "the kind of reaction [required; +1 | smiley | sunglasses | heart]",
  );
  expect(described(recentPhotos).limit).toBe("how many on one page [a number; default: 20]");
  expect(described(createUser).interests).toBe("what the user likes; repeat for more");
  expect(described(updateUser).set).toMatch(/^attributes to set: name, .* \[name=value, repeat for more\]$/);
});

test("every option of every pattern is described", () => {
  for (const pattern of querySet.patterns) {
    for (const option of optionsOf(pattern)) {
      expect(option.describe, `${pattern.id} --${option.name}`).not.toBe("");
      expect(option.kind, `${pattern.id} --${option.name}`).not.toBe("document");
    }
  }
});

test("the list of patterns has each once, within 80 columns", () => {
  const text = queryListText(querySet);
  for (const { id } of querySet.patterns) {
    expect(text.split("\n").filter((line) => line.startsWith(`${id} `))).toHaveLength(1);
  }
  expect(
    Math.max(
      ...text
        .split("\n")
        .slice(1)
        .map((line) => line.length),
    ),
  ).toBeLessThanOrEqual(80);
  expect(text).toContain("SK = #FRIEND#<username>");
});

test("wrapText loses no word", () => {
  expect(wrapText("a bb ccc dddddddd e", 5)).toEqual(["a bb", "ccc", "dddddddd", "e"]);
});

test.each([
  ["recnt-photos", "recent-photos"],
  ["follow-usre", "follow-user"],
  ["fetch-photo-and-reaction", "fetch-photo-and-reactions"],
  ["delete-table", undefined],
  ["", undefined],
])("%j is near %s", (word, expected) => {
  expect(
    closest(
      word,
      querySet.patterns.map(({ id }) => id),
    ),
  ).toBe(expected);
});
