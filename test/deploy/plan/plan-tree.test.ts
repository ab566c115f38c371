import { describe, expect, it } from "vitest";
import { UnsupportedDeclarationError } from "../../../src/deploy/errors.ts";
import { type PlanNode, planTree } from "../../../src/deploy/plan/plan-tree.ts";
import { autoscaledTable, declared, photosReplica, photosTable, surroundings } from "../stack.ts";

const factsOf = (node: PlanNode | undefined) =>
  Object.fromEntries((node?.facts ?? []).map(({ label, value }) => [label, value]));
const tableOf = (resources: Parameters<typeof planTree>[0]) => planTree(resources).roots[0]?.children[0];

describe("the tree of a stack", () => {
  const resources = [...surroundings(), ...photosTable({}, { protect: true })];
  const tree = planTree(resources);

  it("has every resource once, under what it belongs to, tables first", () => {
    const all = (nodes: readonly PlanNode[]): string[] =>
      nodes.flatMap(({ urn, children }) => [urn, ...all(children)]);
    expect(all(tree.roots).sort()).toEqual(resources.map(({ urn }) => urn).sort());
    expect(tree.roots[0]).toMatchObject({ name: "photos", children: [{ name: "photos", protect: true }] });
    expect(tree).toMatchObject({ resources: resources.length - 1, tables: 1 });
  });

  it("is the same whatever order the resources came in", () => {
    expect(planTree([...resources].reverse())).toEqual(tree);
  });

  it("puts a resource whose parent is not there at the root, so that none is lost", () => {
    const orphan = declared("aws:sns/topic:Topic", "orphan", {}, { parent: "urn:gone" });
    expect(planTree([orphan]).roots).toMatchObject([{ name: "orphan" }]);
  });

  it("refuses a table that it cannot read", () => {
    expect(() => planTree(photosTable({ colour: "red" }))).toThrow(UnsupportedDeclarationError);
    expect(() => planTree(photosTable({ pointInTimeRecovery: { enabled: "yes" } }))).toThrow(
      "pointInTimeRecovery",
    );
  });
});

describe("the facts of a table", () => {
  it("say what is on and what is off", () => {
    expect(factsOf(tableOf(photosTable()))).toEqual({
      name: "prod-photos",
      keys: "PK (S), SK (S)",
      index: "InvertedIndex: SK (S), PK (S); ALL",
      billing: "on-demand",
      stream: "none",
      expiry: "none",
      recovery: "off",
      encryption: "a key of AWS's own",
      deletion: "allowed",
    });
  });

  it("say everything that only AWS has", () => {
    const inputs = {
      streamEnabled: true,
      streamViewType: "NEW_AND_OLD_IMAGES",
      ttl: { enabled: true, attributeName: "expiresAt" },
      pointInTimeRecovery: { enabled: true, recoveryPeriodInDays: 7 },
      serverSideEncryption: { enabled: true },
      deletionProtectionEnabled: true,
      onDemandThroughput: { maxReadRequestUnits: 500, maxWriteRequestUnits: -1 },
      replicas: [{ regionName: "eu-west-1", pointInTimeRecovery: true }, { regionName: "us-west-2" }],
      tableClass: "STANDARD_INFREQUENT_ACCESS",
      tags: { team: "photos" },
    };
    expect(factsOf(tableOf(photosTable(inputs)))).toMatchObject({
      billing: "on-demand, at most 500 read units a second",
      stream: "NEW_AND_OLD_IMAGES",
      expiry: "expiresAt",
      recovery: "7 days back",
      encryption: "the account's aws/dynamodb key",
      deletion: "refused",
      replicas: "eu-west-1, us-west-2 (no recovery)",
      class: "infrequent access",
      tags: "team=photos",
    });
  });

  it("say where a table has copies of their own making", () => {
    const copies = [photosReplica("eu-west-1", { pointInTimeRecovery: true }), photosReplica("us-west-2")];
    expect(factsOf(tableOf([...copies, ...photosTable()]))).toMatchObject({
      replicas: "eu-west-1, us-west-2 (no recovery)",
    });
    const [copy] = planTree(copies).roots;
    expect(copy?.facts).toEqual([
      { label: "region", value: "eu-west-1" },
      { label: "recovery", value: "on" },
    ]);
  });

  it("say between what an autoscaler moves", () => {
    expect(factsOf(tableOf(autoscaledTable(5, 100)))).toMatchObject({
      index: "InvertedIndex: SK (S), PK (S); ALL; 5 to 100 (at 50 %) read and 5 to 100 (at 50 %) write units",
      billing: "autoscaled, 5 to 100 (at 50 %) read and 5 to 100 (at 50 %) write units",
    });
  });
});
