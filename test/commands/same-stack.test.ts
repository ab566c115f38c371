import { expect, it } from "vitest";
import { hintOnSameStack, onSameStack } from "../../src/commands/same-stack.ts";
import { TableNotFoundError } from "../../src/dynamo/errors.ts";

const { next } = new TableNotFoundError("prod-photos", "the local engine");

it("a command named by another one works on the same stack", () => {
  expect(hintOnSameStack(next, "dev")).toBe(next);
  expect(hintOnSameStack(next, "prod")).toBe(
    "Make it first: `tablewright deploy --stack prod` for a local engine, `pulumi up --stack prod` for AWS.",
  );
  expect(onSameStack("npx tablewright seed", "prod")).toBe("npx tablewright seed --stack prod");
});

it.each([
  "Start a local engine with `tablewright local start`.",
  "See `tablewright --help`.",
  "Run `pulumi up --stack test`.",
  "Make one with `tablewright seed generate`.",
  "Run `npx tablewright seed --help`.",
])("%s has no use for it", (hint) => {
  expect(hintOnSameStack(hint, "prod")).toBe(hint);
});
