import { beforeAll, describe, expect, it } from "vitest";
import type { Evaluation } from "../../src/deploy/evaluate-program.ts";
import type { DeclaredResource } from "../../src/deploy/monitor.ts";
import { checkEnums } from "./enum-values.ts";
import { evaluateBare, named, type Overrides, ofType } from "./evaluate.ts";
import { providerTypeProblems } from "./provider-types.ts";

const number = (text: string | undefined) => (text === undefined ? undefined : Number(text));

/** The capacity that a configuration gives the table and each index, in the provider's words. */
function capacityOf(config: Overrides): Record<string, unknown> {
  if (config.billingMode === "provisioned") {
    return { readCapacity: number(config.readCapacity), writeCapacity: number(config.writeCapacity) };
  }
  if (config.billingMode === "autoscaled") {
    return { readCapacity: number(config.minReadCapacity), writeCapacity: number(config.minWriteCapacity) };
  }
  const [maxReadRequestUnits, maxWriteRequestUnits] = [
    number(config.maxReadRequestUnits),
    number(config.maxWriteRequestUnits),
  ];
  const onDemandThroughput = JSON.parse(JSON.stringify({ maxReadRequestUnits, maxWriteRequestUnits }));
  return Object.keys(onDemandThroughput).length > 0 ? { onDemandThroughput } : {};
}

function encryptionOf({ encryption, kmsKeyArn }: Overrides): unknown {
  if (encryption === "aws-owned") return undefined;
  if (encryption === "aws-managed") return { enabled: true };
  return { enabled: true, kmsKeyArn: kmsKeyArn ?? expect.stringMatching(/^arn:aws:kms:/) };
}

/** The tags of what a stack makes; of a table, with that of its backup plan. */
const tagsOf = ({ tags = "[]", backupPlan }: Overrides, backedUp?: string) => {
  const entries = (JSON.parse(tags) as string[]).map((tag) => tag.split("="));
  if (backedUp !== undefined && backupPlan === "true") entries.push(["tablewright:backup-plan", backedUp]);
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
};

/** Evaluates the program for each of these configurations, and holds what it declares against what they say. */
export function testStacks(configs: readonly Overrides[]): void {
  const evaluations: Evaluation[] = [];

  describe.each(configs.map((config, index) => ({ config, index })))(
    "generated stack $index",
    ({ config }) => {
      let evaluation: Evaluation;
      const migrated = config.indexOwner === "migration";
      const autoscaled = config.billingMode === "autoscaled";
      const prefix = config.tableNamePrefix ?? "";
      beforeAll(async () => {
        evaluation = await evaluateBare(config);
        evaluations.push(evaluation);
      });

      it("declares the app's table as the configuration says", () => {
        const { inputs, ignoreChanges } = named(evaluation, "dynamodb/table:Table", "quick-photos");
        const days = Number(config.pointInTimeRecoveryDays);
        const expected = {
          name: `${prefix}quick-photos`,
          hashKey: "PK",
          rangeKey: "SK",
          attributes: [
            { name: "PK", type: "S" },
            { name: "SK", type: "S" },
          ],
          billingMode: config.billingMode === "on-demand" ? "PAY_PER_REQUEST" : "PROVISIONED",
          ...capacityOf(config),
          globalSecondaryIndexes: migrated
            ? undefined
            : [
                {
                  name: "InvertedIndex",
                  hashKey: "SK",
                  rangeKey: "PK",
                  projectionType: "ALL",
                  ...capacityOf(config),
                },
              ],
          tableClass: config.tableClass === "infrequent-access" ? "STANDARD_INFREQUENT_ACCESS" : undefined,
          ...(config.stream === "true" && { streamEnabled: true, streamViewType: "NEW_AND_OLD_IMAGES" }),
          ttl: config.ttlAttribute ? { attributeName: "expiresAt", enabled: true } : undefined,
          pointInTimeRecovery: days > 0 ? { enabled: true, recoveryPeriodInDays: days } : { enabled: false },
          serverSideEncryption: encryptionOf(config),
          deletionProtectionEnabled: config.deletionProtection === "true",
          importTable: config.importBucket
            ? {
                inputFormat: "DYNAMODB_JSON",
                inputCompressionType: "NONE",
                s3BucketSource: { bucket: "exports" },
              }
            : undefined,
          tags: tagsOf(config, `${prefix}quick-photos`),
        };
        expect(inputs).toEqual(expected);
        expect([...ignoreChanges].sort()).toEqual(
          [
            ...(autoscaled ? ["readCapacity", "writeCapacity"] : []),
            ...(autoscaled || migrated ? ["globalSecondaryIndexes"] : []),
            ...(migrated ? ["attributes"] : []),
            "replicas",
          ].sort(),
        );
      });

      it("copies the table to other regions, once nothing else of it changes", () => {
        const replicas = ofType(evaluation, "dynamodb/tableReplica:TableReplica");
        const wanted = {
          globalTableArn: `arn:aws:dynamodb:us-east-1:000000000000:table/${prefix}quick-photos`,
          region: "eu-west-1",
          ...(config.encryption === "customer-key" && {
            kmsKeyArn: "arn:aws:kms:eu-west-1:111111111111:key/replica",
          }),
          pointInTimeRecovery: config.pointInTimeRecoveryDays !== "0",
          deletionProtectionEnabled: config.deletionProtection === "true",
          tags: tagsOf(config),
        };
        expect(replicas.map(({ inputs }) => inputs)).toEqual(config.replicaRegions ? [wanted] : []);
        const changing =
          /^aws:(appautoscaling|dynamodb\/(contributorInsights|kinesisStreamingDestination|resourcePolicy))/;
        const store = named(evaluation, "dynamodb/table:Table", "quick-photos").parent;
        const changes = evaluation.resources.filter(
          ({ type, parent }) => changing.test(type) && parent === store,
        );
        for (const { dependencies } of replicas) {
          expect(dependencies).toEqual(expect.arrayContaining(changes.map(({ urn }) => urn)));
        }
      });

      it("keeps the ledger as safe as the table, and on demand", () => {
        const { inputs } = named(evaluation, "dynamodb/table:Table", "ledger");
        expect(inputs).toMatchObject({
          name: "tablewright-ledger-prod",
          billingMode: "PAY_PER_REQUEST",
          deletionProtectionEnabled: config.deletionProtection === "true",
          pointInTimeRecovery: { enabled: config.pointInTimeRecoveryDays !== "0" },
        });
        expect(inputs.serverSideEncryption).toEqual(encryptionOf(config));
      });

      it("protects tables, backups and their keys, and nothing else, where the stack is protected", () => {
        const kept =
          /^aws:(dynamodb\/(table:Table|tableReplica:TableReplica)|backup\/vault:Vault|kms\/(key:Key|alias:Alias))$/;
        const wanted = config.deletionProtection === "true";
        for (const { type, name, protect } of evaluation.resources.filter(({ custom }) => custom)) {
          if (/^(quick-photos|ledger|quick-photos-eu-west-1)$/.test(name) || protect) {
            expect({ type, name, protect }).toEqual({ type, name, protect: wanted && kept.test(type) });
          }
        }
      });

      it("makes a rotated key with an alias for each table, where the key is the customer's and not given", () => {
        const made = config.encryption === "customer-key" && config.kmsKeyArn === undefined;
        const keys = ofType(evaluation, "kms/key:Key").filter(({ name }) =>
          /^(quick-photos|ledger)$/.test(name),
        );
        expect(keys.map(({ name }) => name).sort()).toEqual(made ? ["ledger", "quick-photos"] : []);
        for (const { inputs } of keys) {
          expect(inputs).toMatchObject({ enableKeyRotation: true, deletionWindowInDays: 30 });
          expect(JSON.parse(String(inputs.policy)).Statement).toHaveLength(2);
        }
        const aliases = ofType(evaluation, "kms/alias:Alias").map(({ inputs }) => inputs.name);
        expect(aliases.includes(`alias/${prefix}quick-photos`)).toBe(made);
      });

      it("scales reads and writes of the table and of each index that it owns, and nothing that it does not", () => {
        const places = migrated ? ["table"] : ["index", "table"];
        const targets = ofType(evaluation, "appautoscaling/target:Target");
        expect(targets.map(({ inputs }) => inputs.scalableDimension).sort()).toEqual(
          autoscaled
            ? places.flatMap((place) => [
                `dynamodb:${place}:ReadCapacityUnits`,
                `dynamodb:${place}:WriteCapacityUnits`,
              ])
            : [],
        );
        const policies = ofType(evaluation, "appautoscaling/policy:Policy");
        expect(policies).toHaveLength(targets.length);
        for (const { inputs } of policies) {
          expect(inputs.targetTrackingScalingPolicyConfiguration).toMatchObject({
            targetValue: Number(config.targetUtilization),
          });
        }
        // A table that is deleted leaves its targets, policies and their alarms behind.
        expect([...targets, ...policies].filter(({ deletedWith }) => deletedWith !== "")).toEqual([]);
        const scheduled = autoscaled && config.scheduledScaling !== "[]";
        expect(ofType(evaluation, "appautoscaling/scheduledAction:ScheduledAction")).toHaveLength(
          scheduled ? targets.length : 0,
        );
      });

      it("watches the keys of the table and of each index that it owns", () => {
        const watched = ofType(evaluation, "dynamodb/contributorInsights:ContributorInsights");
        const wanted =
          config.contributorInsights === "true"
            ? migrated
              ? [undefined]
              : [undefined, "InvertedIndex"]
            : [];
        expect(watched.map(({ inputs }) => inputs.indexName)).toEqual(wanted);
      });
    },
  );

  describe("what the generated stacks declare", () => {
    it("has the types of the provider, to the last property", { timeout: 120_000 }, () => {
      expect(evaluations).toHaveLength(configs.length);
      const resources = evaluations.flatMap((evaluation) => evaluation.resources);
      expect(providerTypeProblems(resources.filter(({ custom }) => custom))).toEqual([]);
    });

    it("has values that the enums know, and a value that they do not is seen", () => {
      const resources = evaluations.flatMap((evaluation) => evaluation.resources);
      const { compared, wrong } = checkEnums(resources);
      expect(wrong).toEqual([]);
      for (const path of ["billingMode", "attributes.0.type", "globalSecondaryIndexes.0.projectionType"])
        expect(compared).toContain(path);
      const table = { ...resources[0], type: "aws:dynamodb/table:Table", name: "odd" } as DeclaredResource;
      expect(checkEnums([{ ...table, inputs: { billingMode: "ON_DEMAND" } }]).wrong).toEqual([
        "aws:dynamodb/table:Table odd: billingMode is ON_DEMAND",
      ]);
    });

    it("is compared with those types: a property too many, a wrong type and a missing property are seen", () => {
      const table = evaluations.flatMap((evaluation) => ofType(evaluation, "dynamodb/table:Table"))[0];
      if (!table) throw new Error("no table is declared");
      const { hashKey: _hashKey, ...keyless } = table.inputs;
      const wrong = [
        { ...table, inputs: { ...table.inputs, tabelClass: "STANDARD" } },
        { ...table, inputs: { ...table.inputs, ttl: { attributeName: 5, enabled: true } } },
        { ...table, inputs: { ...keyless, replicas: [{ region: "eu-west-1" }] } },
      ];
      const problems = providerTypeProblems(wrong).join("\n");
      for (const word of ["tabelClass", "number", '"region"']) expect(problems).toContain(word);
    });
  });
}
