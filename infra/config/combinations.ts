import type { Key, Values } from "./fields.ts";

/** A mistake of one key in the light of others. */
export interface Mistake {
  readonly key: Key;
  readonly problem: string;
}

/** A configuration, each value judged by itself. */
export interface Judged {
  /** The values that are right; without those that are wrong, and those that nobody gave. */
  readonly values: Partial<Values>;
  /** Whether a key says something, right or wrong: one with its default value says nothing. */
  says(key: Key): boolean;
}

/** A configuration as the rules look at it. */
interface Seen extends Judged {
  /** What speaks for the value of a key that decides over others. */
  because(key: Key): string;
}

type Rule = (seen: Seen) => readonly Mistake[];

/** Keys that make sense only where another key, their owner, has a certain value. */
interface Belonging {
  readonly owner: Key;
  readonly value: string | boolean;
  readonly keys: readonly Key[];
  /** Those of them that must then be there. */
  readonly needed?: readonly Key[];
}

const CAPACITY = ["readCapacity", "writeCapacity"] as const;
const AUTOSCALED = ["minReadCapacity", "maxReadCapacity", "minWriteCapacity", "maxWriteCapacity"] as const;

const BELONGINGS: readonly Belonging[] = [
  { owner: "billingMode", value: "provisioned", keys: CAPACITY, needed: CAPACITY },
  {
    ...{ owner: "billingMode", value: "autoscaled", needed: AUTOSCALED },
    keys: [...AUTOSCALED, "targetUtilization", "scheduledScaling"],
  },
  { owner: "billingMode", value: "on-demand", keys: ["maxReadRequestUnits", "maxWriteRequestUnits"] },
  { owner: "encryption", value: "customer-key", keys: ["kmsKeyArn", "replicaKmsKeyArns"] },
  // A global table replicates by its stream.
  { owner: "stream", value: true, keys: ["replicaRegions", "streamConsumer"] },
  { owner: "backupPlan", value: true, keys: ["backupRetentionDays"] },
  { owner: "accessRoles", value: true, keys: ["accessPrincipals", "githubRepository"] },
  {
    ...{ owner: "alarms", value: true },
    keys: [
      ...(["alarmEmail", "monthlyBudgetUsd", "throttledRequestsAlarm", "systemErrorsAlarm"] as const),
      ...(["consumedCapacityAlarmPercent", "accountReadCapacity", "accountWriteCapacity"] as const),
      ...(["replicationLatencyAlarmSeconds", "iteratorAgeAlarmSeconds"] as const),
    ],
  },
  {
    ...{ owner: "streamConsumer", value: true },
    keys: [
      ...(["consumerBatchSize", "consumerParallelization", "consumerRetryAttempts"] as const),
      ...(["consumerMaximumRecordAgeSeconds", "logRetentionDays", "iteratorAgeAlarmSeconds"] as const),
    ],
  },
];

const belong =
  ({ owner, value, keys, needed = [] }: Belonging): Rule =>
  ({ values, says, because }) => {
    const given = values[owner];
    // The owner itself is wrong, which is reported already, and no other key tells what is meant.
    if (given === undefined) return [];
    if (given === value) {
      return needed
        .filter((key) => !says(key))
        .map((key) => ({ key, problem: `is missing, and ${because(owner)}` }));
    }
    return keys.filter(says).map((key) => ({
      key,
      problem: `is set, but ${because(owner)}: leave it out, or set ${owner} to ${value}`,
    }));
  };

/** `keys` make sense only where another key is there at all. */
const need =
  (owner: Key, keys: readonly Key[]): Rule =>
  ({ says }) =>
    says(owner)
      ? []
      : keys
          .filter(says)
          .map((key) => ({ key, problem: `is set, but ${owner} is not: set both or neither` }));

const ordered =
  (least: Key, most: Key): Rule =>
  ({ values }) => {
    const [min, max] = [Number(values[least]), Number(values[most])];
    return min > max ? [{ key: least, problem: `is ${min}, above ${most}, which is ${max}` }] : [];
  };

/** AWS asks for both on a table with replicas: each region needs room for the writes of all (Global tables, "How it works"). */
const replicas: Rule = ({ values, because }) => {
  const { replicaRegions = [], replicaKmsKeyArns, encryption, billingMode } = values;
  if (replicaRegions.length === 0) return [];
  const mistakes: Mistake[] = [];
  if (billingMode === "provisioned") {
    mistakes.push({
      key: "replicaRegions",
      problem: `is set, but ${because("billingMode")}: replicas want on-demand or autoscaled`,
    });
  }
  if (new Set(replicaRegions).size < replicaRegions.length) {
    mistakes.push({ key: "replicaRegions", problem: "names a region twice" });
  }
  if (encryption !== "customer-key" || replicaKmsKeyArns === undefined) return mistakes;
  const regions = replicaKmsKeyArns.map((arn) => arn.split(":")[3] ?? "");
  const lacking = replicaRegions.filter((region) => !regions.includes(region));
  const strange = regions.filter((region) => !replicaRegions.includes(region));
  if (lacking.length > 0) {
    mistakes.push({
      key: "replicaKmsKeyArns",
      problem: `has no key of ${lacking.join(", ")}, and ${because("encryption")}: each replica needs one of its region`,
    });
  }
  if (strange.length > 0) {
    mistakes.push({
      key: "replicaKmsKeyArns",
      problem: `has a key of ${strange.join(", ")}, where no replica is`,
    });
  }
  return mistakes;
};

const RULES: readonly Rule[] = [
  ...BELONGINGS.map(belong),
  ordered("minReadCapacity", "maxReadCapacity"),
  ordered("minWriteCapacity", "maxWriteCapacity"),
  need("warmReadUnits", ["warmWriteUnits"]),
  need("warmWriteUnits", ["warmReadUnits"]),
  need("replicaRegions", ["replicaKmsKeyArns", "replicationLatencyAlarmSeconds"]),
  replicas,
  need("importBucket", ["importKeyPrefix", "importFormat", "importCompression"]),
  need("githubRepository", ["githubEnvironment", "githubOidcProviderArn"]),
];

/** Takes each owner whose own value is wrong for what most of its keys are for: so what else is wrong shows. */
function guessOwners({ values, says }: Judged): Seen {
  const guessed: Record<string, string | boolean> = {};
  const reasons = new Map<Key, string>();
  const saidOf = ({ keys }: Belonging) => keys.filter(says);
  for (const owner of new Set(BELONGINGS.map((belonging) => belonging.owner))) {
    if (values[owner] !== undefined) continue;
    const candidates = BELONGINGS.filter((belonging) => belonging.owner === owner);
    const [best] = candidates.sort((one, other) => saidOf(other).length - saidOf(one).length);
    const [witness] = best ? saidOf(best) : [];
    if (!best || !witness) continue;
    guessed[owner] = best.value;
    reasons.set(owner, `${witness} is for ${owner} ${best.value}`);
  }
  const all: Partial<Values> = { ...values, ...guessed };
  return { values: all, says, because: (key) => reasons.get(key) ?? `${key} is ${all[key]}` };
}

/** Every mistake that only shows when keys are seen together. */
export function combinationMistakes(judged: Judged): Mistake[] {
  const seen = guessOwners(judged);
  return RULES.flatMap((rule) => rule(seen));
}
