import * as sdk from "@aws-sdk/client-dynamodb";
import { expect, it } from "vitest";
import { ReadOnlyViolationError } from "../../src/dynamo/errors.ts";
import { READING_COMMANDS } from "../../src/dynamo/read-only.ts";
import { testClient } from "../support/tables.ts";

// The package also exports the base class of its commands, as $Command.
const exported = Object.entries(sdk).filter(([name]) => /^[A-Z]\w*Command$/.test(name));

// The names that change nothing, by the verb they begin with. PartiQL's Execute… may write, whatever it is called.
const looksReading = (name: string) => /^(Describe|List|Get|BatchGet|TransactGet|Query|Scan)/.test(name);

it("the allow-list is exactly the commands that only read", () => {
  expect(exported.length).toBeGreaterThan(50);
  expect([...READING_COMMANDS].sort()).toEqual(
    exported
      .map(([name]) => name)
      .filter(looksReading)
      .sort(),
  );
});

it("a read-only client refuses every other command before anything is sent", async () => {
  // Nothing listens on port 9: a command that got out would end with a refused connection instead.
  const { client } = testClient("http://127.0.0.1:9", { readOnly: true, maxAttempts: 1 });
  for (const [name, Command] of exported) {
    if (READING_COMMANDS.has(name)) continue;
    const command = new (Command as new (input: object) => sdk.PutItemCommand)({ TableName: "x" });
    await expect(client.send(command), name).rejects.toBeInstanceOf(ReadOnlyViolationError);
  }
});

it("and lets a reading command through", async () => {
  const { client } = testClient(undefined, { readOnly: true });
  await expect(client.send(new sdk.ListTablesCommand({ Limit: 1 }))).resolves.toHaveProperty("TableNames");
});
