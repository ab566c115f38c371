import * as pulumi from "@pulumi/pulumi";
import type { Actions, Place, RoleDesign } from "./permissions.ts";

/** A statement of an IAM policy. */
export interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action: readonly string[];
  readonly Resource: readonly pulumi.Input<string>[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, pulumi.Input<string | string[]>>>>>;
}

/** A policy as IAM takes it. */
export const policyOf = (statements: readonly Statement[]): pulumi.Output<string> =>
  pulumi.jsonStringify({ Version: "2012-10-17", Statement: statements });

/** How the name of every scratch table begins; the machinery chooses it. */
export const SCRATCH_PREFIX = "tablewright-scratch-";

/** The tables and keys that a role's policy speaks of. */
export interface Subjects {
  readonly tableArn: pulumi.Output<string>;
  readonly indexNames: readonly string[];
  readonly ledgerArn: pulumi.Output<string>;
  /** The customer key of the table, and that of the ledger; undefined where the key is AWS's. */
  readonly tableKeyArn: pulumi.Output<string> | undefined;
  readonly ledgerKeyArn: pulumi.Output<string> | undefined;
}

/** The parts of an ARN that a stack's other ARNs share. */
export function partsOf(arn: pulumi.Output<string>) {
  const part = (index: number) => arn.apply((text) => text.split(":")[index] ?? "");
  return { partition: part(1), region: part(3), account: part(4) };
}

/** The resources of a place. An index is named, and none is meant where the table has none. */
function resourcesOf(place: Place, { tableArn, indexNames, ledgerArn }: Subjects): pulumi.Input<string>[] {
  const { partition, region, account } = partsOf(tableArn);
  const named = (name: string) =>
    pulumi.interpolate`arn:${partition}:dynamodb:${region}:${account}:table/${name}`;
  const indexesOf = (table: pulumi.Output<string>) =>
    indexNames.map((index) => pulumi.interpolate`${table}/index/${index}`);
  switch (place) {
    case "table":
      return [tableArn];
    case "indexes":
      return indexesOf(tableArn);
    case "ledger":
      return [ledgerArn];
    case "scratch":
      return [named(`${SCRATCH_PREFIX}*`)];
    case "scratchIndexes":
      return indexesOf(named(`${SCRATCH_PREFIX}*`));
    case "everyTable":
      // IAM knows no narrower resource of ListTables than the tables of account and region.
      return [named("*")];
  }
}

const capitalized = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

/** A backup is a resource of its own below its table. */
const OF_BACKUPS = "DeleteBackup";

/** One statement for each place that has a resource. */
function statementsOf(effect: Statement["Effect"], actions: Actions, subjects: Subjects): Statement[] {
  return Object.entries(actions).flatMap(([place, names]) => {
    const resources = resourcesOf(place as Place, subjects);
    if (resources.length === 0) return [];
    const backups = names.includes(OF_BACKUPS)
      ? resources.map((arn) => pulumi.interpolate`${arn}/backup/*`)
      : [];
    return {
      Sid: `${effect}${capitalized(place)}`,
      Effect: effect,
      Action: names.map((name) => `dynamodb:${name}`),
      Resource: [...resources, ...backups],
    };
  });
}

/** What reading, and what writing, asks of a customer key (aws-cdk, aws-dynamodb/lib/perms.ts). */
const KEY_READS = ["kms:Decrypt", "kms:DescribeKey"];
const KEY_WRITES = ["kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"];
const WRITE_ACTION = /^(?:Put|Update|Delete|BatchWrite)Item$/;

/** The use of customer keys, by DynamoDB for the caller and in no other way. */
export function keyStatements(
  actions: readonly string[],
  keyArns: readonly (pulumi.Output<string> | undefined)[],
  { tableArn }: Subjects,
): Statement[] {
  const given = keyArns.filter((arn) => arn !== undefined);
  if (given.length === 0) return [];
  return [
    {
      Sid: "UseKeyThroughDynamoDb",
      Effect: "Allow",
      Action: actions,
      Resource: given,
      Condition: {
        StringEquals: {
          "kms:ViaService": pulumi.interpolate`dynamodb.${partsOf(tableArn).region}.amazonaws.com`,
        },
      },
    },
  ];
}

/** What a role needs of the keys of the tables that it uses; a scratch table has a key of AWS's. */
function roleKeyStatements({ table, ledger }: Actions, subjects: Subjects): Statement[] {
  const writes = [...(table ?? []), ...(ledger ?? [])].some((action) => WRITE_ACTION.test(action));
  const keyArns = [table && subjects.tableKeyArn, ledger && subjects.ledgerKeyArn];
  return keyStatements(writes ? [...KEY_READS, ...KEY_WRITES] : KEY_READS, keyArns, subjects);
}

/**
 * Bounds a statement to some partition keys. "For all values" also holds of a request that touches no key,
 * so the keys must be there.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
const toLeadingKeys = (statement: Statement, keys: readonly string[]): Statement => ({
  ...statement,
  Condition: {
    "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": [...keys] },
    Null: { "dynamodb:LeadingKeys": "false" },
  },
});

/** All that a role may do, and what it may never do, as statements. */
export function roleStatements(role: RoleDesign, subjects: Subjects): Statement[] {
  const { allow, deny = {}, leadingKeys } = role;
  const allowed = statementsOf("Allow", allow, subjects);
  return [
    ...(leadingKeys ? allowed.map((statement) => toLeadingKeys(statement, leadingKeys)) : allowed),
    ...statementsOf("Deny", deny, subjects),
    ...roleKeyStatements(allow, subjects),
  ];
}
