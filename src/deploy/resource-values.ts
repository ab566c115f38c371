/**
 * Marks of Pulumi's wire format: an object that holds SIGNATURE is not a plain one
 * (https://github.com/pulumi/pulumi, sdk/nodejs/runtime/rpc.ts, `specialSigKey` and `specialSecretSig`).
 */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
/** The same file, `specialAssetSig` and `specialArchiveSig`. */
const ASSET = "c44067f5952c0a294b673a41bacd8c17";
const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";

/** Values by name, as a resource's inputs or outputs. */
export type Properties = Readonly<Record<string, unknown>>;

/** What an asset is of: a file, an address, or text that the program made itself, which is code and long. */
const assetSource = ({ path, uri }: Properties) => path ?? uri ?? "text";

/**
 * Takes the wrapping of Pulumi's wire format off values, at any depth: a secret becomes its value, an asset
 * `{asset: "<path>"}`, an archive `{archive: "<path>"}` or the files in it.
 */
export function unwrap(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrap);
  if (typeof value !== "object" || value === null) return value;
  const object = value as Record<string, unknown>;
  switch (object[SIGNATURE]) {
    case SECRET:
      return unwrap(object.value);
    case ASSET:
      return { asset: assetSource(object) };
    case ARCHIVE:
      return { archive: object.assets === undefined ? assetSource(object) : unwrap(object.assets) };
    default:
      return Object.fromEntries(Object.entries(object).map(([key, inner]) => [key, unwrap(inner)]));
  }
}

/** The account that stands in for the caller's own: no AWS account has it. */
const ACCOUNT = "000000000000";

/** A new resource as far as its outputs depend on it. */
interface NewResource {
  readonly name: string;
  readonly region: string;
  readonly inputs: Properties;
}

function tableOutputs({ name, region, inputs }: NewResource): Properties {
  const arn = `arn:aws:dynamodb:${region}:${ACCOUNT}:table/${name}`;
  if (inputs.streamEnabled !== true) return { arn };
  const streamLabel = "2000-01-01T00:00:00.000";
  return { arn, streamLabel, streamArn: `${arn}/stream/${streamLabel}` };
}

function queueOutputs({ name, region }: NewResource): Properties {
  const url = `https://sqs.${region}.amazonaws.com/${ACCOUNT}/${name}`;
  return { id: url, url };
}

/** The outputs by type whose form is not `arn:aws:<service>:<region>:<account>:<name>`. */
const OUTPUTS: Readonly<Record<string, (resource: NewResource) => Properties>> = {
  "aws:dynamodb/table:Table": tableOutputs,
  "aws:sqs/queue:Queue": queueOutputs,
  "aws:iam/role:Role": ({ name }) => ({ arn: `arn:aws:iam::${ACCOUNT}:role/${name}` }),
  "aws:iam/openIdConnectProvider:OpenIdConnectProvider": ({ inputs: { url } }) => ({
    arn: `arn:aws:iam::${ACCOUNT}:oidc-provider/${String(url).replace("https://", "")}`,
  }),
  "aws:kms/key:Key": ({ name, region }) => ({ arn: `arn:aws:kms:${region}:${ACCOUNT}:key/${name}` }),
  "aws:backup/vault:Vault": ({ name, region }) => ({
    arn: `arn:aws:backup:${region}:${ACCOUNT}:backup-vault:${name}`,
  }),
  "aws:cloudwatch/metricAlarm:MetricAlarm": ({ name, region }) => ({
    arn: `arn:aws:cloudwatch:${region}:${ACCOUNT}:alarm:${name}`,
  }),
  "aws:lambda/function:Function": ({ name, region }) => ({
    arn: `arn:aws:lambda:${region}:${ACCOUNT}:function:${name}`,
  }),
  "aws:cloudwatch/logGroup:LogGroup": ({ name, region }) => ({
    arn: `arn:aws:logs:${region}:${ACCOUNT}:log-group:${name}`,
  }),
};

/** True for an ARN that was made up here: AWS will give the real one. */
export const isStandIn = (arn: string) => arn.split(":")[4] === ACCOUNT;

/**
 * What AWS would answer about a new resource, so that what the program derives from it (a policy, an
 * export) gets a value of the right form. The true ARNs of a local table come from the engine.
 */
export function computedOutputs(type: string, name: string, inputs: Properties, region: string): Properties {
  const [, path = type] = type.split(":");
  const service = path.split("/")[0] ?? path;
  const physicalName = typeof inputs.name === "string" ? inputs.name : name;
  // A policy that is attached to something has the ARN of that.
  const arn = inputs.arn ?? `arn:aws:${service}:${region}:${ACCOUNT}:${physicalName}`;
  return { name: physicalName, arn, ...OUTPUTS[type]?.({ name: physicalName, region, inputs }) };
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
