import * as pulumi from "@pulumi/pulumi";
import { withoutDots } from "../naming.ts";
import { DEPLOY_GRANTS, type DeployGrant } from "./deploy-permissions.ts";
import { keyStatements, partsOf, type Statement, type Subjects } from "./policy.ts";

/** What the placeholders of a {@link DeployGrant} stand for. */
interface Names {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  /** The stack's region and those of its replicas. */
  readonly regions: readonly string[];
  /** The physical names of table and ledger. */
  readonly names: readonly string[];
}

/** A text with its placeholders filled: one text for each name and each region. */
function fill(template: string, { partition, region, account, regions, names }: Names): string[] {
  const each = (texts: readonly string[], placeholder: string, values: readonly string[]) =>
    texts.flatMap((text) =>
      text.includes(placeholder) ? values.map((value) => text.replaceAll(placeholder, value)) : [text],
    );
  const shared = template
    .replaceAll("{partition}", partition)
    .replaceAll("{region}", region)
    .replaceAll("{account}", account);
  const named = each(each([shared], "{name}", names), "{nameWithoutDots}", names.map(withoutDots));
  return each(named, "{regions}", regions);
}

function toStatement(grant: DeployGrant, actions: readonly string[], names: Names): Statement {
  const filled = (texts: readonly string[]) => texts.flatMap((text) => fill(text, names));
  const condition = Object.entries(grant.condition ?? {}).map(([operator, keys]) => [
    operator,
    Object.fromEntries(Object.entries(keys).map(([key, values]) => [key, filled(values)])),
  ]);
  return {
    Sid: grant.sid,
    Effect: "Allow",
    Action: actions,
    Resource: filled(grant.resources),
    ...(condition.length > 0 && { Condition: Object.fromEntries(condition) }),
  };
}

/** What the deploying roles' policies speak of. */
export interface Deployed extends Subjects {
  readonly names: readonly string[];
  readonly replicaRegions: readonly string[];
}

/** What `pulumi preview` may do, or with `change` what `pulumi up` may do, as statements. */
export function deployStatements(deployed: Deployed, change: boolean): pulumi.Output<Statement[]> {
  const { names, replicaRegions, tableArn } = deployed;
  return pulumi.output(partsOf(tableArn)).apply((parts) => {
    const regions = [parts.region, ...replicaRegions];
    const grants = DEPLOY_GRANTS.flatMap((grant) => {
      const actions = [...(grant.read ?? []), ...(change ? (grant.change ?? []) : [])];
      return actions.length > 0 ? [toStatement(grant, actions, { ...parts, regions, names })] : [];
    });
    if (!change) return grants;
    const keyArns = [deployed.tableKeyArn, deployed.ledgerKeyArn];
    return [
      ...grants,
      ...keyStatements(["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey"], keyArns, deployed),
    ];
  });
}
