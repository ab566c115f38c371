import { expect, test } from "vitest";
import yargs from "yargs";
import { withGlobalOptions } from "../../src/commands/options.ts";
import { RESERVED_OPTION_NAMES } from "../../src/query/reserved-option-names.ts";

test("every option that every command takes is reserved", async () => {
  const help = await withGlobalOptions(yargs([])).getHelp();
  const names = [...help.matchAll(/--([a-z-]+)/g)].map((match) => String(match[1]));
  expect(names.length).toBeGreaterThan(10);
  // The description of --color mentions its negation.
  expect(RESERVED_OPTION_NAMES).toEqual(expect.arrayContaining(names.filter((name) => name !== "no-color")));
});
