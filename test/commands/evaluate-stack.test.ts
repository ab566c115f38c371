import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { evaluateReading } from "../../src/commands/evaluate-stack.ts";
import { silentLog } from "../../src/log.ts";
import { findProject } from "../../src/project/find-project.ts";
import { readStack } from "../../src/project/stack-settings.ts";
import { ROOT } from "../support/processes.ts";

const WRONG = `config:
  tablewright:githubRepository: { secure: v1:abc }
  tablewright:githubEnvironment: prod
  tablewright:indexOwner: me
  tablewright:stream: maybe
  tablewright:ttlAttribute: ""
  aws:region: mars
confg: {}
`;

it("mistakes that only the program finds are told beside those of the files", async () => {
  const root = mkdtempSync(join(tmpdir(), "wrong-stack-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  copyFileSync(join(ROOT, "Pulumi.yaml"), join(root, "Pulumi.yaml"));
  writeFileSync(join(root, "Pulumi.dev.yaml"), WRONG);
  const project = findProject(ROOT);
  const reading = readStack({ ...project, root }, "dev");
  const place = { log: silentLog(), signal: new AbortController().signal };
  const error: unknown = await evaluateReading({ project }, reading, place).catch((thrown) => thrown);
  expect(error).toMatchObject({ code: "stack-config", exitCode: 4 });
  expect((error as Error).message.split("\n")).toEqual([
    expect.stringMatching(/^Pulumi\.dev\.yaml: confg: is no key of a stack's file/),
    expect.stringMatching(/^Pulumi\.dev\.yaml: tablewright:githubRepository: is encrypted/),
    'Pulumi.dev.yaml: indexOwner: is "me"; it must be "pulumi" or "migration"',
    "infra/index.ts failed: the stack's configuration is wrong:",
    'Pulumi.dev.yaml: aws:region is "mars"; it must be an AWS region such as us-east-1',
    'Pulumi.dev.yaml: tablewright:stream is "maybe"; it must be false or true',
    'Pulumi.dev.yaml: tablewright:ttlAttribute is ""; it must be an attribute name of 1 to 255 bytes',
    expect.stringMatching(
      /^Pulumi\.dev\.yaml: tablewright:githubRepository is set, but accessRoles is false/,
    ),
  ]);
});
