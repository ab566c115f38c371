import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { marshall } from "@aws-sdk/util-dynamodb";
import { expect, inject, test } from "vitest";
import quickPhotos from "../../infra/tables/quick-photos.ts";
import { userItem } from "../../queries/quick-photos/entities.ts";
import { copyProject } from "../support/project-copy.ts";
import { createTestTable, putItems, testClient, uniqueName } from "../support/tables.ts";

/** A copy of the project whose stack names a table of this test on the shared engine. */
async function openProject() {
  const project = copyProject();
  const prefix = `${uniqueName("q")}-`;
  writeFileSync(join(project.root, "Pulumi.dev.yaml"), `config:\n  tableNamePrefix: ${prefix}\n`);
  const { client } = testClient();
  const table = await createTestTable(client, quickPhotos, { name: `${prefix}quick-photos` });
  const users = ["john42", "tmartinez"].map((username) =>
    userItem({ username, name: `Name of ${username}`, email: `${username}@example.com` }),
  );
  await putItems(
    client,
    table,
    users.map((user) => marshall(user, { removeUndefinedValues: true })),
  );
  const run = (...args: string[]) => project.run("query", ...args, "--endpoint", inject("endpoint"));
  return { table, run };
}

test("patterns run from the command line: text, --json, a refusal, a usage error", async () => {
  const { table, run } = await openProject();
  const follow = ["follow-user", "--followed-user", "tmartinez", "--following-user", "john42"];
  expect(await run(...follow)).toMatchObject({
    status: 0,
    stdout: "User john42 is now following user tmartinez\n",
    stderr: "",
  });

  const again = await run(...follow, "--json");
  expect(again).toMatchObject({ status: 1, stderr: "" });
  expect(JSON.parse(again.stdout)).toMatchObject({
    command: "query",
    error: { code: "already-following", facts: { followedUser: "tmartinez", followingUser: "john42" } },
  });

  const found = await run("find-followers", "--username", "tmartinez", "--limit", "5", "--json");
  expect(found).toMatchObject({ status: 0, stderr: "" });
  expect(JSON.parse(found.stdout)).toEqual({
    command: "query",
    model: "quick-photos",
    table,
    pattern: "find-followers",
    input: { username: "tmartinez", limit: 5 },
    result: {
      followers: [
        { followedUser: "tmartinez", followingUser: "john42", timestamp: expect.stringMatching(/^20/) },
      ],
    },
  });

  const wrong = await run("recnt-photos");
  expect(wrong).toMatchObject({ status: 4, stdout: "" });
  expect(wrong.stderr).toContain("Did you mean recent-photos?");
});

test("--explain shows the request that would be sent, and sends nothing", async () => {
  const { table, run } = await openProject();
  const recent = ["recent-photos", "--username", "john42", "--limit", "3", "--explain"];
  const { status, stdout, stderr } = await run(...recent, "--json");
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(JSON.parse(stdout)).toEqual({
    command: "query",
    model: "quick-photos",
    table,
    pattern: "recent-photos",
    input: { username: "john42", limit: 3 },
    request: {
      operation: "Query",
      input: {
        TableName: table,
        KeyConditionExpression: "#p = :p AND begins_with(#s, :s)",
        ExpressionAttributeNames: { "#p": "PK", "#s": "SK" },
        ExpressionAttributeValues: { ":p": "USER#john42", ":s": "PHOTO#john42#" },
        ScanIndexForward: false,
        Limit: 3,
        ReturnConsumedCapacity: "TOTAL",
      },
    },
    charged: expect.stringContaining("0.5 read units for each 4 KB"),
    estimate: { rows: 6, requests: 1, readUnits: 0.5 },
  });
  expect((await run(...recent)).stdout).toContain(
    "estimated: 1 request, 0.5 read units, 6 rows at most, as verify measured (patterns.lock.json)\nbudget: ",
  );
  const write = await run(
    "create-user",
    "--username",
    "new",
    "--name",
    "N",
    "--email",
    "n@example.com",
    "--explain",
  );
  expect(write.stdout).toContain("create-user: TransactWriteItems on the base table; nothing was sent");
  expect((await run("fetch-user", "--username", "new")).status).toBe(1);
  expect((await run("recent-photos", "--explain")).stderr).toContain("--username is required");
});

test("--list and a pattern's own --help", async () => {
  const { run } = await openProject();
  const list = await run("--list", "--json");
  expect(list).toMatchObject({ status: 0, stderr: "" });
  const document = JSON.parse(list.stdout);
  expect(document.patterns).toHaveLength(14);
  expect(document.patterns.at(-1)).toEqual({
    id: "find-and-enrich-following",
    title: expect.any(String),
    description: expect.any(String),
    kind: "read",
    index: "InvertedIndex",
    operations: ["Query", "BatchGetItem"],
    allows: [],
    keyCondition: expect.stringContaining("SK = #FRIEND#"),
  });
  const help = await run("recent-photos", "--help");
  expect(help).toMatchObject({ status: 0, stderr: "" });
  expect(help.stdout).toMatch(/--username +whose photos \[required\]/);
  const upload = await run("upload-photo", "--help");
  expect(upload.stdout).toMatch(/--timestamp +when it was taken, in UTC; default: now\s/);
  expect(help.stdout).toMatch(/--limit +how many on one page \[a number; default:\s+20\]/);
});
