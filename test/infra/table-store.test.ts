import { join } from "node:path";
import { expect, it } from "vitest";
import { evaluate, inTypeScript, writeProject } from "../deploy/programs.ts";
import { ROOT } from "../support/processes.ts";
import { named, ofType } from "./evaluate.ts";
import { providerTypeProblems } from "./provider-types.ts";

const STORE = join(ROOT, "infra", "components", "table-store", "table-store.ts");

/** What a program can say of a table that no setting of a stack says. */
const PROGRAM = `const { TableStore } = await import(${JSON.stringify(STORE)});
const text = (name) => ({ name, type: "S" });
const keys = { partitionKey: text("PK"), sortKey: text("SK") };
const design = {
  model: "orders", ...keys,
  indexes: {
    ByState: { partitionKey: text("state"), projection: "KEYS_ONLY" },
    ByCustomer: { partitionKey: text("customer"), sortKey: { name: "total", type: "N" }, projection: { include: ["note"] } },
  },
  localIndexes: { ByDate: { sortKey: text("date"), projection: "ALL" } },
};
const range = { min: 1, max: 10 };
const billing = { mode: "autoscaled", read: range, write: range, targetUtilization: 70, schedules: [] };
const orders = new TableStore("orders", {
  design, billing, physicalName: "orders",
  indexes: { ByState: { billing: { ...billing, read: { min: 5, max: 50 } }, warmThroughput: { read: 12000, write: 4000 } } },
  resourcePolicy: JSON.stringify({ Version: "2012-10-17", Statement: [] }),
  kinesisStreamArn: "arn:aws:kinesis:us-east-1:111111111111:stream/changes",
  contributorInsights: true,
  deletionProtection: true, tags: { team: "photos" },
  replicas: [{ region: "eu-west-1" }, { region: "us-west-2" }],
  transform: (args) => ({ ...args, tags: { by: "transform" } }),
});
new TableStore("migrated", { design, billing, physicalName: "migrated", indexOwner: "migration", stream: true, streamViewType: "KEYS_ONLY" });
export const { indexNames } = orders;
export const streamArn = orders.streamArn ?? null;
`;

it("a table store makes what its arguments say, and nothing where they say nothing", async () => {
  const evaluation = await evaluate(writeProject(inTypeScript(PROGRAM)));
  const orders = named(evaluation, "dynamodb/table:Table", "orders");
  const indexes = orders.inputs.globalSecondaryIndexes;
  expect(indexes).toEqual([
    {
      name: "ByState",
      hashKey: "state",
      projectionType: "KEYS_ONLY",
      readCapacity: 5,
      writeCapacity: 1,
      warmThroughput: { readUnitsPerSecond: 12_000, writeUnitsPerSecond: 4000 },
    },
    {
      name: "ByCustomer",
      hashKey: "customer",
      rangeKey: "total",
      projectionType: "INCLUDE",
      nonKeyAttributes: ["note"],
      readCapacity: 1,
      writeCapacity: 1,
    },
  ]);
  const local = [{ name: "ByDate", rangeKey: "date", projectionType: "ALL" }];
  expect(orders.inputs).toMatchObject({ localSecondaryIndexes: local, tags: { by: "transform" } });
  const attributes = orders.inputs.attributes as { name: string; type: string }[];
  expect(attributes.map(({ name, type }) => `${name} ${type}`).sort()).toEqual(
    ["PK S", "SK S", "customer S", "date S", "state S", "total N"].sort(),
  );

  // A local index is made with the table or not at all, whoever owns the global ones.
  const { inputs, ignoreChanges } = named(evaluation, "dynamodb/table:Table", "migrated");
  expect(inputs).toMatchObject({ localSecondaryIndexes: local, streamViewType: "KEYS_ONLY" });
  expect(inputs).not.toHaveProperty("globalSecondaryIndexes");
  expect((inputs.attributes as { name: string }[]).map(({ name }) => name)).toEqual(["PK", "SK", "date"]);
  expect(ignoreChanges).toContain("globalSecondaryIndexes");

  const targets = ofType(evaluation, "appautoscaling/target:Target").map(({ name, inputs: target }) => [
    name,
    target.minCapacity,
    target.maxCapacity,
  ]);
  expect(targets).toContainEqual(["orders-ByState-read", 5, 50]);
  expect(targets).toHaveLength(8);
  expect(ofType(evaluation, "dynamodb/contributorInsights:ContributorInsights")).toHaveLength(3);
  expect(ofType(evaluation, "dynamodb/resourcePolicy:ResourcePolicy")).toHaveLength(1);
  expect(ofType(evaluation, "dynamodb/kinesisStreamingDestination:KinesisStreamingDestination")).toHaveLength(
    1,
  );

  // AWS makes a copy only where writes scale already, and one change of a table at a time.
  const [near, far] = ["orders-eu-west-1", "orders-us-west-2"].map((name) =>
    named(evaluation, "dynamodb/tableReplica:TableReplica", name),
  );
  const scaling = ofType(evaluation, "appautoscaling/policy:Policy")
    .filter(({ name }) => name.startsWith("orders"))
    .map(({ urn }) => urn);
  expect(scaling).toHaveLength(6);
  const others = ["contributorInsights", "resourcePolicy", "kinesisStreamingDestination"].flatMap((kind) =>
    evaluation.resources.filter(({ type }) => type.startsWith(`aws:dynamodb/${kind}:`)).map(({ urn }) => urn),
  );
  expect(near?.dependencies).toEqual(expect.arrayContaining([...scaling, ...others]));
  expect(far?.dependencies).toContain(near?.urn);
  expect(near?.dependencies).not.toContain(far?.urn);
  expect(near).toMatchObject({
    protect: true,
    inputs: { deletionProtectionEnabled: true, pointInTimeRecovery: true, tags: { team: "photos" } },
  });
  expect(evaluation.outputs).toEqual({ indexNames: ["ByState", "ByCustomer", "ByDate"], streamArn: null });
  expect(providerTypeProblems(evaluation.resources.filter(({ custom }) => custom))).toEqual([]);
});
