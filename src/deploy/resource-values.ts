/**
 * Marks of Pulumi's wire format: an object that holds SIGNATURE is not a plain one
 * (https://github.com/pulumi/pulumi, sdk/nodejs/runtime/rpc.ts, `specialSigKey` and `specialSecretSig`).
 */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Values by name, as a resource's inputs or outputs. */
export type Properties = Readonly<Record<string, unknown>>;

/** Takes the wrapping off secret values, at any depth. */
export function unwrapSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrapSecrets);
  if (typeof value !== "object" || value === null) return value;
  const object = value as Record<string, unknown>;
  if (object[SIGNATURE] === SECRET) return unwrapSecrets(object.value);
  return Object.fromEntries(Object.entries(object).map(([key, inner]) => [key, unwrapSecrets(inner)]));
}

/** The account that stands in for the caller's own: no AWS account has it. */
const ACCOUNT = "000000000000";

/** How the ARNs of a type are spelled, where it is not `arn:aws:<service of the type>:<region>:<account>:<name>`. */
interface ArnForm {
  /** @default the service in the type's token */
  readonly service?: string;
  /** What stands before the name. */
  readonly prefix: string;
  /** True for what belongs to the account, not to a region. @default false */
  readonly global?: boolean;
}

// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
const ARN_FORMS: Readonly<Record<string, ArnForm>> = {
  "aws:dynamodb/table:Table": { prefix: "table/" },
  "aws:iam/role:Role": { prefix: "role/", global: true },
  "aws:kms/key:Key": { prefix: "key/" },
  "aws:backup/vault:Vault": { prefix: "backup-vault:" },
  "aws:backup/plan:Plan": { prefix: "backup-plan:" },
  "aws:cloudwatch/metricAlarm:MetricAlarm": { prefix: "alarm:" },
};

function arnOf(type: string, physicalName: string, region: string): string {
  const [, path = type] = type.split(":");
  const { service = path.split("/")[0] ?? path, prefix, global } = ARN_FORMS[type] ?? { prefix: "" };
  return `arn:aws:${service}:${global ? "" : region}:${ACCOUNT}:${prefix}${physicalName}`;
}

/**
 * What AWS would answer about a new resource, so that what the program derives from it (a policy, an
 * export) gets a value of the right form. The true ARNs of a local table come from the engine.
 */
export function computedOutputs(type: string, name: string, inputs: Properties, region: string): Properties {
  const physicalName = typeof inputs.name === "string" ? inputs.name : name;
  const arn = arnOf(type, physicalName, region);
  if (inputs.streamEnabled !== true) return { name: physicalName, arn };
  const streamLabel = "2000-01-01T00:00:00.000";
  return { name: physicalName, arn, streamLabel, streamArn: `${arn}/stream/${streamLabel}` };
}

/** What the program asks AWS for (an invoke) and gets without AWS; undefined where only AWS knows. */
export function answerInvoke(token: string, region: string): Properties | undefined {
  switch (token) {
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return { id: ACCOUNT, accountId: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root`, userId: ACCOUNT };
    case "aws:index/getRegion:getRegion":
      return {
        id: region,
        name: region,
        region,
        description: region,
        endpoint: `ec2.${region}.amazonaws.com`,
      };
    case "aws:index/getPartition:getPartition":
      return {
        id: "aws",
        partition: "aws",
        dnsSuffix: "amazonaws.com",
        reverseDnsPrefix: "com.amazonaws",
      };
    default:
      return undefined;
  }
}
