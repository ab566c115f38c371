import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { parseStackConfig } from "../../infra/config.ts";
import { ROOT } from "../support/processes.ts";

const parseValues = (values: Record<string, string>) =>
  parseStackConfig({
    project: "tablewright",
    stack: "dev",
    values: Object.fromEntries(Object.entries(values).map(([key, value]) => [`tablewright:${key}`, value])),
  });

describe("the stack's configuration", () => {
  it("has a default for everything", () => {
    expect(parseValues({}).config).toEqual({
      tableNamePrefix: "",
      ledgerTableName: "tablewright-ledger-dev",
      indexOwner: "pulumi",
      billing: { mode: "on-demand" },
      stream: false,
      deletionProtection: false,
    });
  });

  it("is read in full", () => {
    const { config, mistakes } = parseValues({
      tableNamePrefix: "team.a_",
      ledgerTableName: "ledger",
      indexOwner: "migration",
      billingMode: "provisioned",
      readCapacity: "5",
      writeCapacity: "6",
      stream: "true",
      ttlAttribute: "expiresAt",
      deletionProtection: "true",
    });
    expect(mistakes).toEqual([]);
    expect(config).toEqual({
      tableNamePrefix: "team.a_",
      ledgerTableName: "ledger",
      indexOwner: "migration",
      billing: { mode: "provisioned", readCapacity: 5, writeCapacity: 6 },
      stream: true,
      ttlAttribute: "expiresAt",
      deletionProtection: true,
    });
  });

  it("names every mistake at once", () => {
    const { config, mistakes } = parseValues({
      tableNamePrefix: "a b",
      ledgerTableName: "x",
      indexOwner: "nobody",
      billingMode: "provisioned",
      readCapacity: "0",
      stream: "yes",
      ttlAttribute: "",
      deletionProtection: "1",
      tableNmaePrefix: "prod-",
    });
    expect(config).toBeUndefined();
    expect(mistakes).toHaveLength(9);
    for (const part of [
      'tableNamePrefix is "a b"; it must be at most 200 letters, digits, dot, dash and underscore',
      'ledgerTableName is "x"; it must be 3 to 255',
      'indexOwner is "nobody"; it must be pulumi or migration',
      'readCapacity is "0"; it must be a whole number of units, 1 or more',
      "writeCapacity is missing, and billingMode is provisioned",
      'stream is "yes"; it must be false or true',
      "ttlAttribute must be an attribute name of 1 to 255 bytes",
      'deletionProtection is "1"; it must be false or true',
      "tableNmaePrefix is not a setting of this program",
    ]) {
      expect(mistakes.join("\n")).toContain(part);
    }
  });

  it("refuses capacity where billing is on demand, and provisioned billing without capacity", () => {
    expect(parseValues({ readCapacity: "5", writeCapacity: "5" }).mistakes).toEqual([
      expect.stringContaining("readCapacity is set, but billingMode is on-demand"),
      expect.stringContaining("writeCapacity is set, but billingMode is on-demand"),
    ]);
    expect(parseValues({ billingMode: "provisioned" }).mistakes).toHaveLength(2);
  });

  it.each(["1.5", "-1", "ten", "", "1e3", "99999999999999999999"])("%j is no capacity", (readCapacity) => {
    const { mistakes } = parseValues({ billingMode: "provisioned", readCapacity, writeCapacity: "1" });
    expect(mistakes).toHaveLength(1);
  });

  it("leaves the keys of other namespaces alone", () => {
    const values = { "aws:region": "eu-west-1", "other:indexOwner": "nobody" };
    expect(parseStackConfig({ project: "tablewright", stack: "dev", values }).mistakes).toEqual([]);
  });

  it("knows the keys that Pulumi.yaml declares, and no others", () => {
    const yaml = parse(readFileSync(join(ROOT, "Pulumi.yaml"), "utf8")) as { config: object };
    const [mistake] = parseValues({ unknown: "x" }).mistakes;
    expect(
      mistake
        ?.replace(/.*it knows /, "")
        .split(", ")
        .sort(),
    ).toEqual(Object.keys(yaml.config).sort());
  });
});
