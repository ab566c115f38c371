import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { splitWords } from "../../src/deploy/program-file.ts";
import { evaluate, inJavaScript, inTypeScript, keepingLog, writeProject } from "./programs.ts";

describe("evaluateProgram", () => {
  it("sees what a program declares, secrets unwrapped, and what it exports and prints", async () => {
    const program = inTypeScript(
      `
      const a = table("a", { hashKey: pulumi.secret("PK"), streamEnabled: true, streamViewType: "KEYS_ONLY" },
        { protect: true, ignoreChanges: ["ttl"] });
      setTimeout(() => table("late"), 100);
      Table.get("looked-up", "theirs");
      console.log("hello");
      pulumi.log.warn("take care");
      export const arn = a.arn;
      export const streamArn = a.streamArn;
      export const secret = pulumi.secret({ inner: "s" });
      export const stack = [pulumi.getProject(), pulumi.getStack(), new pulumi.Config("aws").require("region")];`,
    );
    const project = writeProject({ ...program, "Pulumi.dev.yaml": "config:\n  aws:region: eu-west-1\n" });
    const log = keepingLog();
    const { resources, outputs } = await evaluate(project, { log });
    const [first] = resources.filter(({ name }) => name === "a");
    expect(first).toMatchObject({
      urn: "urn:pulumi:dev::other::aws:dynamodb/table:Table::a",
      inputs: { hashKey: "PK", name: "a" },
      protect: true,
      ignoreChanges: ["ttl"],
      read: false,
    });
    expect(resources.map(({ name, read }) => [name, read]).sort()).toEqual([
      ["a", false],
      ["late", false],
      ["looked-up", true],
    ]);
    expect(outputs).toEqual({
      arn: "arn:aws:dynamodb:eu-west-1:000000000000:table/a",
      streamArn: expect.stringMatching(/^arn:aws:dynamodb:eu-west-1:000000000000:table\/a\/stream\//),
      secret: { inner: "s" },
      stack: ["other", "dev", "eu-west-1"],
    });
    expect(log.lines.sort()).toEqual(["hello", "take care"]);
  });

  it("keeps a printed character whose bytes come in two parts", async () => {
    const program = inJavaScript(`
      const bytes = Buffer.from("café\\n");
      process.stdout.write(bytes.subarray(0, 4));
      setTimeout(() => process.stdout.write(bytes.subarray(4)), 200);`);
    const log = keepingLog();
    await evaluate(writeProject(program), { log });
    expect(log.lines).toEqual(["café"]);
  });

  it("two runs at once do not see each other", async () => {
    const runs = ["one", "two"].map((name) => evaluate(writeProject(inJavaScript(`table("${name}");`))));
    const names = (await Promise.all(runs)).map(({ resources }) => resources.map(({ name }) => name));
    expect(names).toEqual([["one"], ["two"]]);
  });

  it("runs Node with exactly the arguments that Pulumi.yaml gives, and its own conditions, in the folder of main", async () => {
    const code = `
      import { writeFileSync } from "node:fs";
      writeFileSync("seen.json", JSON.stringify({ args: process.execArgv, cwd: process.cwd() }));`;
    const yaml = (nodeargs: string) =>
      `name: other\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n    nodeargs: ${nodeargs}\nmain: infra\n`;
    const project = writeProject({
      "infra/index.ts": code,
      "Pulumi.yaml": yaml(`"--import tsx --max-old-space-size=300 --title 'two words'"`),
      "package.json": '{ "type": "module", "main": "infra/index.ts" }',
    });
    await evaluate(project);
    const seen = JSON.parse(readFileSync(join(project.root, "infra", "seen.json"), "utf8"));
    const given = ["--import", "tsx", "--max-old-space-size=300", "--title", "two words"];
    expect(seen.args).toEqual(["--conditions=tablewright-source", ...given]);
    expect(seen.cwd).toBe(join(project.root, "infra"));
  });

  it("splits arguments as a shell does", () => {
    expect(splitWords(`--import  "a b" --x='c d'e\t"f'g"`)).toEqual(["--import", "a b", "--x=c de", "f'g"]);
    expect(splitWords("")).toEqual([]);
  });
});
