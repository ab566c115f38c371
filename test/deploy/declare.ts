import { readDeclaredTable } from "../../src/deploy/declared-tables.ts";
import type { DeclaredResource } from "../../src/deploy/monitor.ts";
import type { Properties } from "../../src/deploy/resource-values.ts";
import type { DeclaredTable } from "../../src/deploy/table-state.ts";

/** A declared resource as the monitor records it. */
export function resource(inputs: Properties, options: Partial<DeclaredResource> = {}): DeclaredResource {
  const type = "aws:dynamodb/table:Table";
  const name = "table";
  const urn = `urn:pulumi:dev::test::${type}::${name}`;
  return {
    urn,
    type,
    name,
    custom: true,
    parent: "urn:pulumi:dev::test::pulumi:pulumi:Stack::test-dev",
    read: false,
    inputs,
    protect: false,
    ignoreChanges: [],
    dependencies: [],
    deletedWith: "",
    ...options,
  };
}

/** Inputs of a table with keys PK and SK, on-demand, without indexes. */
export const plainInputs = (name: string): Properties => ({
  name,
  hashKey: "PK",
  rangeKey: "SK",
  attributes: [
    { name: "PK", type: "S" },
    { name: "SK", type: "S" },
  ],
  billingMode: "PAY_PER_REQUEST",
});

/** Quick Photos' index, as a table input. */
export const invertedIndex = {
  name: "InvertedIndex",
  hashKey: "SK",
  rangeKey: "PK",
  projectionType: "ALL",
};

/** A declared table: {@link plainInputs} with `inputs` on top. */
export function declare(name: string, inputs: Properties = {}, ignoreChanges: string[] = []): DeclaredTable {
  return readDeclaredTable(resource({ ...plainInputs(name), ...inputs }, { ignoreChanges }));
}
