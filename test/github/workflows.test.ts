import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import { expect, inject, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { launch, ROOT } from "../support/processes.ts";
import { cleanEnvironment } from "../support/project-copy.ts";
import { loadedProject } from "../verify/loaded-project.ts";

/** What the validator says of a file, by GitHub's own schemas (SchemaStore) and rules for expressions. */
type Validate = (source: string) => { errors: { path?: string }[] };
// Its module is CommonJS under a name that vite cannot tell.
const validator = createRequire(import.meta.url)("@action-validator/core") as {
  validateAction: Validate;
  validateWorkflow: Validate;
};

const GITHUB = join(ROOT, ".github");
const ACTION = readFileSync(join(GITHUB, "actions/verify/action.yml"), "utf8");
const workflowFiles = readdirSync(join(GITHUB, "workflows"));
const workflow = (name: string) => readFileSync(join(GITHUB, "workflows", name), "utf8");

const step = z.object({
  id: z.string().optional(),
  if: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  shell: z.string().optional(),
  env: z.record(z.string(), z.string()).default({}),
  with: z.record(z.string(), z.unknown()).default({}),
});
type Step = z.output<typeof step>;
const action = z
  .object({
    inputs: z.record(z.string(), z.object({ default: z.string() })),
    outputs: z.record(z.string(), z.object({ value: z.string() })),
    runs: z.object({ using: z.literal("composite"), steps: z.array(step) }),
  })
  .parse(parse(ACTION));
const jobs = z.record(z.string(), z.object({ steps: z.array(step) }));

test("the action and every workflow are valid by GitHub's schemas, and the validator would see if they were not", () => {
  expect(validator.validateAction(ACTION).errors).toEqual([]);
  expect(workflowFiles).toEqual(expect.arrayContaining(["ci.yml", "tables.yml"]));
  for (const name of workflowFiles)
    expect(validator.validateWorkflow(workflow(name)).errors, name).toEqual([]);
  expect(validator.validateAction(ACTION.replace("shell: bash", "shel: bash")).errors).not.toEqual([]);
  const broken = workflow("tables.yml").replace("- run: npm ci", "- runs: npm ci");
  expect(validator.validateWorkflow(broken).errors).not.toEqual([]);
});

test("no script has a value of GitHub's in its text, and each input that is named is declared", () => {
  const all = [
    ...action.runs.steps,
    ...workflowFiles.flatMap((name) =>
      Object.values(jobs.parse(parse(workflow(name)).jobs)).flatMap(({ steps }) => steps),
    ),
  ];
  expect(all.filter(({ run }) => run?.includes("${{"))).toEqual([]);
  const named = [...ACTION.matchAll(/inputs\.([a-z-]+)/g)].map(([, name]) => name);
  expect(new Set(named)).toEqual(new Set(Object.keys(action.inputs)));
  const used = Object.values(jobs.parse(parse(workflow("tables.yml")).jobs)).flatMap(({ steps }) => steps);
  const given = used.filter(({ uses }) => uses === "./.github/actions/verify").map((verify) => verify.with);
  expect(given).toHaveLength(2);
  for (const name of given.flatMap(Object.keys)) expect(action.inputs).toHaveProperty(name);
});

/** The commands of a job, each by its verb: `migrate up`. */
const verbsOf = (steps: readonly Step[]) =>
  steps.flatMap(({ run, uses }) => {
    if (uses === "./.github/actions/verify") return ["verify"];
    const [, verb] = /^npx (?:tablewright|pulumi) ((?:migrate )?[a-z]+)/.exec(run ?? "") ?? [];
    return verb === undefined ? [] : [verb];
  });

test("the example has the two orders: of a test stack, and of a table in use", () => {
  const { "test-stack": testStack, "table-in-use": inUse } = jobs.parse(parse(workflow("tables.yml")).jobs);
  expect(verbsOf(testStack?.steps ?? [])).toEqual([
    "preview",
    "up",
    "seed",
    "migrate up",
    "migrate check",
    "verify",
  ]);
  expect(verbsOf(inUse?.steps ?? [])).toEqual(["migrate up", "preview", "up", "migrate check", "verify"]);
  expect(inUse?.steps.find(({ run }) => run?.includes("migrate up"))?.run).toContain("--wait");
});

/** Runs the scripts of the action as GitHub does, one after the other; what it only `uses` is left out. */
async function runAction(root: string, given: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), "tablewright-action-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const inputs = Object.fromEntries(
    Object.entries(action.inputs).map(([name, input]) => [name, given[name] ?? input.default]),
  );
  const outputs: Record<string, string> = {};
  const evaluate = (text: string) =>
    text.replaceAll(/\$\{\{ *(?:inputs|steps\.verify\.outputs)\.([a-z-]+) *\}\}/g, (_, name: string) => {
      const value = inputs[name] ?? outputs[name];
      if (value === undefined) throw new Error(`${name} is neither an input nor an output`);
      return value;
    });
  const finished = [];
  for (const [position, { run, env }] of action.runs.steps.entries()) {
    if (run === undefined) continue;
    const [script, output] = [join(folder, `${position}.sh`), join(folder, `${position}.out`)];
    writeFileSync(script, run);
    writeFileSync(output, "");
    const own = Object.fromEntries(Object.entries(env).map(([name, text]) => [name, evaluate(text)]));
    // As GitHub starts `shell: bash`.
    const started = launch("bash", ["--noprofile", "--norc", "-eo", "pipefail", script], {
      cwd: root,
      env: { ...cleanEnvironment, ...own, RUNNER_TEMP: folder, GITHUB_OUTPUT: output },
    });
    finished.push(await started.finished);
    for (const line of readFileSync(output, "utf8").split("\n").filter(Boolean)) {
      const at = line.indexOf("=");
      outputs[line.slice(0, at)] = line.slice(at + 1);
    }
  }
  return { finished, outputs };
}

test("its scripts judge a table on a local engine, keep the reports, and end as verify did", async () => {
  const { root, client, table } = await loadedProject();
  const given = { endpoint: inject("endpoint"), "read-only": "true", source: "table" };
  const green = await runAction(root, given);
  expect(green.finished.map(({ status }) => status)).toEqual([0, 0]);
  expect(green.outputs.status).toBe("0");
  expect(green.finished[0]?.stdout).toContain("7 of 14 judged: 7 passed, 0 failed, 7 not run");
  expect(readFileSync(join(green.outputs.folder ?? "", "verify.xml"), "utf8")).toContain('failures="0"');
  expect(readFileSync(join(green.outputs.folder ?? "", "verify.html"), "utf8")).toMatch(/^<!doctype html>/i);
  expect(green.finished[0]?.stderr).not.toContain("::error");

  const Key = { PK: { S: "USER#jacksonjason" }, SK: { S: "#FRIEND#haroldwatkins" } };
  await client.send(new DeleteItemCommand({ TableName: table, Key }));
  const red = await runAction(root, { ...given, source: "", junit: "a b.xml", html: "" });
  expect(red.finished.map(({ status }) => status)).toEqual([0, 1]);
  expect(red.outputs.status).toBe("1");
  expect(red.finished[0]?.stderr).toMatch(/::error file=queries\/quick-photos\/[a-z-]+\.ts,line=\d+,/);
  expect(readdirSync(red.outputs.folder ?? "")).toEqual(["a b.xml"]);
  expect(readFileSync(join(red.outputs.folder ?? "", "a b.xml"), "utf8")).toMatch(/failures="[1-9]/);

  // A value that would be a command is a value.
  const odd = await runAction(root, { ...given, table: '"; touch injected; "', junit: "", annotations: "" });
  expect(odd.finished.map(({ status }) => status)).toEqual([0, 4]);
  expect(readdirSync(root)).not.toContain("injected");
}, 120_000);
