import type { Key, Values } from "./fields.ts";

/** A mistake of one key in the light of others. */
export interface Mistake {
  readonly key: Key;
  readonly problem: string;
}

type Rule = (values: Partial<Values>) => readonly Mistake[];

/** True where a key says something: a flag that is off, or an empty list, says nothing. */
function isSaid(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return value !== undefined && value !== false;
}

/** `keys` make sense only where another key has a certain value; `needed` ones must then be there. */
function belongTo<K extends Key>(
  owner: K,
  value: Values[K],
  keys: readonly Key[],
  needed: readonly Key[] = [],
): Rule {
  return (values) => {
    const given = values[owner];
    // The owner itself is wrong or missing, which is reported already.
    if (given === undefined) return [];
    if (given === value) {
      return needed
        .filter((key) => !isSaid(values[key]))
        .map((key) => ({ key, problem: `is missing, and ${owner} is ${value}` }));
    }
    return keys
      .filter((key) => isSaid(values[key]))
      .map((key) => ({
        key,
        problem: `is set, but ${owner} is ${given}: leave it out, or set ${owner} to ${value}`,
      }));
  };
}

/** `keys` make sense only where another key is there at all. */
function need(owner: Key, keys: readonly Key[]): Rule {
  return (values) =>
    isSaid(values[owner])
      ? []
      : keys
          .filter((key) => isSaid(values[key]))
          .map((key) => ({ key, problem: `is set, but ${owner} is not: set both or neither` }));
}

const ordered =
  (least: Key, most: Key): Rule =>
  (values) => {
    const [min, max] = [Number(values[least]), Number(values[most])];
    return min > max ? [{ key: least, problem: `is ${min}, above ${most}, which is ${max}` }] : [];
  };

const AUTOSCALED = ["minReadCapacity", "maxReadCapacity", "minWriteCapacity", "maxWriteCapacity"] as const;

/** AWS asks for both on a table with replicas: each region needs room for the writes of all (Global tables, "How it works"). */
const replicas: Rule = ({ replicaRegions = [], replicaKmsKeyArns = [], encryption, billingMode }) => {
  if (replicaRegions.length === 0) return [];
  const mistakes: Mistake[] = [];
  if (billingMode === "provisioned") {
    mistakes.push({
      key: "replicaRegions",
      problem: "is set, but billingMode is provisioned: replicas want on-demand or autoscaled",
    });
  }
  if (new Set(replicaRegions).size < replicaRegions.length) {
    mistakes.push({ key: "replicaRegions", problem: "names a region twice" });
  }
  const regions = replicaKmsKeyArns.map((arn) => arn.split(":")[3] ?? "");
  const lacking = replicaRegions.filter((region) => !regions.includes(region));
  const strange = regions.filter((region) => !replicaRegions.includes(region));
  if (encryption === "customer-key" && lacking.length > 0) {
    mistakes.push({
      key: "replicaKmsKeyArns",
      problem: `has no key of ${lacking.join(", ")}, and encryption is customer-key: each replica needs one of its region`,
    });
  }
  if (encryption === "customer-key" && strange.length > 0) {
    mistakes.push({
      key: "replicaKmsKeyArns",
      problem: `has a key of ${strange.join(", ")}, where no replica is`,
    });
  }
  return mistakes;
};

const RULES: readonly Rule[] = [
  belongTo(
    "billingMode",
    "provisioned",
    ["readCapacity", "writeCapacity"],
    ["readCapacity", "writeCapacity"],
  ),
  belongTo("billingMode", "autoscaled", [...AUTOSCALED, "scheduledScaling"], AUTOSCALED),
  belongTo("billingMode", "on-demand", ["maxReadRequestUnits", "maxWriteRequestUnits"]),
  ordered("minReadCapacity", "maxReadCapacity"),
  ordered("minWriteCapacity", "maxWriteCapacity"),
  need("warmReadUnits", ["warmWriteUnits"]),
  need("warmWriteUnits", ["warmReadUnits"]),
  belongTo("encryption", "customer-key", ["kmsKeyArn", "replicaKmsKeyArns"]),
  need("replicaRegions", ["replicaKmsKeyArns"]),
  // A global table replicates by its stream.
  belongTo("stream", true, ["replicaRegions", "streamConsumer"]),
  replicas,
  need("importBucket", ["importKeyPrefix", "importFormat", "importCompression"]),
  belongTo("accessRoles", true, ["accessPrincipals", "githubRepository"]),
  need("githubRepository", ["githubEnvironment", "githubOidcProviderArn"]),
  belongTo("alarms", true, ["alarmEmail", "monthlyBudgetUsd"]),
];

/** Every mistake that only shows when keys are seen together. */
export function combinationMistakes(values: Partial<Values>): Mistake[] {
  return RULES.flatMap((rule) => rule(values));
}
