import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { validateXML } from "xmllint-wasm";
import { renderJunit } from "../../../src/verify/reports/junit.ts";
import { madeUpPattern, madeUpReport } from "./made-up.ts";

const schema = readFileSync(join(import.meta.dirname, "junit.xsd"), "utf8");

/** What the schema says against a document. */
async function problemsOf(xml: string): Promise<string[]> {
  const { errors } = await validateXML({
    xml: [{ fileName: "junit.xml", contents: xml }],
    schema: [schema],
  });
  return errors.map(({ message }) => message);
}

const mixed = madeUpReport(
  [
    madeUpPattern("right", 2),
    madeUpPattern("wrong", 2, { status: "fail", message: `<a> & ]]> "quoted" \u0000\ud800\n second` }),
    madeUpPattern("dear", 2, { status: "overBudget", message: "it took 3 requests" }),
    madeUpPattern("unknown", 2, { status: "indeterminate", message: "ThrottlingException" }),
    madeUpPattern("left-out", 0, { status: "notRun", kind: "write" }),
    madeUpPattern("forgotten", 0, { status: "notRun" }),
  ],
  { readOnly: true, table: `a "table" <of> & ours` },
);

test("the XML fits the schema of what CI systems read, whatever the data hold", async () => {
  const xml = renderJunit(mixed);
  expect(await problemsOf(xml)).toEqual([]);
  expect(xml).toContain('<testsuites tests="6" failures="3" errors="1" time=');
  expect(xml.match(/<(failure|error|skipped) /g)).toEqual([
    "<failure ",
    "<failure ",
    "<error ",
    "<skipped ",
    "<failure ",
  ]);
  expect(await problemsOf(renderJunit(madeUpReport([])))).toEqual([]);
});

test("the schema sees what does not fit", async () => {
  const xml = renderJunit(mixed);
  for (const wrong of [
    xml.replace(' errors="1"', ""),
    xml.replace('tests="6"', 'tests="six"'),
    xml.replace("<skipped ", "<error/><skipped "),
    xml.replace("</testsuites>", ""),
  ]) {
    expect(await problemsOf(wrong)).not.toEqual([]);
  }
});
