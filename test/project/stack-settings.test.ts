import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { StackConfigError } from "../../src/project/errors.ts";
import { findProject } from "../../src/project/find-project.ts";
import { readStack, readStackSettings } from "../../src/project/stack-settings.ts";

const PROJECT = "name: photos\nruntime: nodejs\nconfig:\n  size:\n    type: integer\n    default: 3\n";

/** A project of these files, besides a Pulumi.yaml and an empty Pulumi.dev.yaml. */
function write(files: Readonly<Record<string, string>>) {
  const root = mkdtempSync(join(tmpdir(), "tablewright-settings-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const all = { "Pulumi.yaml": PROJECT, "Pulumi.dev.yaml": "", ...files };
  for (const [name, text] of Object.entries(all)) writeFileSync(join(root, name), text);
  return findProject(root);
}

/** What is wrong with a stack, as file, key and problem. */
function mistakesOf(files: Readonly<Record<string, string>>, stack = "dev") {
  try {
    readStackSettings(write(files), stack);
  } catch (error) {
    expect(error).toBeInstanceOf(StackConfigError);
    return (error as StackConfigError).facts.mistakes;
  }
  return [];
}

describe("the settings of a stack", () => {
  it("are the defaults, and the stack's own on top", () => {
    const project = write({ "Pulumi.dev.yaml": "config:\n  photos:list: [a, b]\n  aws:region: eu-west-1\n" });
    expect(readStackSettings(project, "dev").config).toEqual({
      "photos:size": "3",
      "photos:list": '["a","b"]',
      "aws:region": "eu-west-1",
    });
  });

  it.each(["", "config:\n", "config: {}\n", "encryptionsalt: v1:abc\n"])("may be empty: %j", (text) => {
    expect(mistakesOf({ "Pulumi.dev.yaml": text })).toEqual([]);
  });
});

describe("is wrong, and says where", () => {
  it("a stack without a file: which there are", () => {
    expect(mistakesOf({ "Pulumi.prod.yaml": "" }, "prd")).toEqual([
      {
        file: "Pulumi.prd.yaml",
        key: "stack",
        problem: 'there is no such file, so no stack "prd"; there are dev, prod',
      },
    ]);
    const project = write({});
    rmSync(join(project.root, "Pulumi.dev.yaml"));
    expect(() => readStackSettings(project, "dev")).toThrow('no stack "dev"; there is none at all');
  });

  it.each([
    [
      "a misspelt key, whose settings would be lost",
      "confg:\n  size: 4\n",
      "confg",
      /it has config, environment/,
    ],
    ["no YAML", "config:\n  a: [\n", "line 3", /./],
    ["an alias of nothing", "config:\n  photos:size: *nothing\n", "file", /Unresolved alias/],
    ["a list instead of a mapping", "- a\n", "line 1", /must be a mapping/],
    [
      "config that is a list",
      "config: [a]\n",
      "config",
      /must be a mapping of keys to values, and is \["a"\]/,
    ],
    ["config that is a text", "config: photos:size\n", "config", /must be a mapping of keys to values/],
    ["a secret", "config:\n  photos:size:\n    secure: v1:abc\n", "photos:size", /is encrypted/],
    ["a secret in a list", "config:\n  photos:size:\n    - secure: v1:abc\n", "photos:size", /is encrypted/],
    [
      "a secret in an object",
      "config:\n  photos:size:\n    a:\n      b:\n        secure: v1:abc\n",
      "photos:size",
      /is encrypted/,
    ],
    [
      "an owner that nobody is",
      "config:\n  photos:indexOwner: me\n",
      "indexOwner",
      /must be "pulumi" or "migration"/,
    ],
  ])("%s", (_title, text, key, problem) => {
    expect(mistakesOf({ "Pulumi.dev.yaml": text })).toEqual([
      { file: "Pulumi.dev.yaml", key, problem: expect.stringMatching(problem) },
    ]);
  });

  it("everything in both files at once, even where one of them cannot be read", () => {
    const files = { "Pulumi.yaml": "name: photos\nconfig: [\n", "Pulumi.dev.yaml": "confg: {}\n" };
    expect(mistakesOf(files)).toMatchObject([
      { file: "Pulumi.yaml", key: "line 3" },
      { file: "Pulumi.dev.yaml", key: "confg" },
    ]);
    expect(mistakesOf({ "Pulumi.yaml": "runtime: nodejs\n" }, "prd")).toMatchObject([
      { file: "Pulumi.yaml", key: "name" },
      { file: "Pulumi.prd.yaml", key: "stack" },
    ]);
  });

  it("each place that is no YAML", () => {
    const text = "config:\n  a: 1\n  a: 2\n  b: 1\n  b: 2\n";
    expect(mistakesOf({ "Pulumi.dev.yaml": text })).toMatchObject([{ key: "line 3" }, { key: "line 5" }]);
  });

  it("a folder instead of a file", () => {
    const project = write({});
    mkdirSync(join(project.root, "Pulumi.prod.yaml"));
    expect(() => readStackSettings(project, "prod")).toThrow(StackConfigError);
    expect(() => readStackSettings(project, "prod")).toThrow(
      "Pulumi.prod.yaml: file: cannot be read: EISDIR",
    );
  });

  it("a secret and a wrong owner, which the program then does not judge", () => {
    const text = "config:\n  photos:size: { secure: v1:abc }\n  photos:indexOwner: me\n  photos:list: [a]\n";
    const { settings, mistakes } = readStack(write({ "Pulumi.dev.yaml": text }), "dev");
    expect(mistakes.map(({ key }) => key)).toEqual(["photos:size", "indexOwner"]);
    expect(settings.config).toEqual({
      "photos:size": "[secret]",
      "photos:indexOwner": "[secret]",
      "photos:list": '["a"]',
    });
  });

  it("Pulumi.yaml too, and a project without a name", () => {
    expect(mistakesOf({ "Pulumi.yaml": "name: photos\nconfig: [a]\n" })).toMatchObject([
      { file: "Pulumi.yaml", key: "config" },
    ]);
    expect(mistakesOf({ "Pulumi.yaml": "runtime: nodejs\n" })).toMatchObject([
      { file: "Pulumi.yaml", key: "name" },
    ]);
  });
});
