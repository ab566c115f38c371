import { type Props, resourceRule } from "./define.ts";
import { listOf, type Statement, statementsOf } from "./statements.ts";

const ROLE = "aws:iam/role:Role";

/**
 * Actions that AWS knows no resource for, so that only `*` can be said.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
const WITHOUT_RESOURCES = new Set([
  "application-autoscaling:DescribeScalableTargets",
  "application-autoscaling:DescribeScalingPolicies",
  "application-autoscaling:DescribeScheduledActions",
  "cloudwatch:DescribeAlarms",
  "dynamodb:DescribeLimits",
  "dynamodb:ListStreams",
  "dynamodb:ListTables",
  "kms:ListAliases",
  "logs:DescribeLogGroups",
  "sns:GetSubscriptionAttributes",
  "sts:GetCallerIdentity",
  "tag:GetResources",
  "xray:PutTelemetryRecords",
  "xray:PutTraceSegments",
]);

/** Families of one action in variants, which AWS's own documentation spells with a star. */
const FAMILIES = new Set(["kms:GenerateDataKey*", "kms:ReEncrypt*"]);

/** Resources whose ids AWS makes up: a policy can only name all of their kind. */
const NAMED_BY_AWS = new Set(["backup-plan:*", "event-source-mapping:*", "scalable-target/*"]);

/** `*`, an ARN whose resource is all of them (`arn:…:*`), or all of one kind (`arn:…:table/*`). */
function isEverything(resource: string): boolean {
  const named = resource.split(":").slice(5).join(":");
  return resource === "*" || (/^(?:[a-z-]+[/:])?\*$/.test(named) && !NAMED_BY_AWS.has(named));
}

/**
 * Condition keys that narrow down what is touched or who touches it. Others, such as aws:SecureTransport or
 * aws:MultiFactorAuthPresent, say how a request comes, and leave it everything.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
const NARROWING = [
  /^aws:(?:ResourceAccount|ResourceOrgID|ResourceTag\/.+)$/,
  /^aws:(?:PrincipalAccount|PrincipalArn|PrincipalOrgID|SourceAccount|SourceArn|SourceOrgID)$/,
  /^kms:(?:CallerAccount|ResourceAliases)$/,
  /^lambda:FunctionArn$/,
];

/** True where a condition narrows down who or what is meant: an account, an alias, a function, a tag. */
const isNarrowed = ({ condition }: Statement) =>
  Object.values(condition)
    .flatMap((comparison) => Object.keys(comparison))
    .some((key) => NARROWING.some((pattern) => pattern.test(key)));

function allowProblems(statement: Statement): string[] {
  const { actions, resources, negations } = statement;
  const wild = actions.filter((action) => action.includes("*") && !FAMILIES.has(action));
  const bound = actions.filter((action) => !WITHOUT_RESOURCES.has(action));
  const everything = bound.length === 0 || isNarrowed(statement) ? [] : resources.filter(isEverything);
  return [
    ...negations.map((key) => `allows by ${key}: say what is allowed instead`),
    ...wild.map((action) => `allows ${action}: name the actions`),
    ...everything.map(
      (resource) =>
        `allows ${bound.join(", ")} on ${resource}: name the resources, or narrow them down by a condition`,
    ),
  ];
}

/** The permissions that a resource gives: of a policy, or of those inside a role. */
function permissionsOf(props: Props): Statement[] {
  const inline = listOf(props.inlinePolicies as { policy?: unknown } | readonly { policy?: unknown }[]);
  return [...statementsOf(props.policy), ...inline.flatMap(({ policy }) => statementsOf(policy))];
}

const noWildcard = resourceRule<Props>({
  id: "iam-no-wildcard",
  controls: ["IAM.1", "IAM.21", "CKV_AWS_62", "CKV_AWS_63", "CKV_AWS_290", "CKV_AWS_355"],
  description: "A policy names its actions, and names its resources or narrows them down.",
  severity: "critical",
  types: ["aws:iam/policy:Policy", "aws:iam/rolePolicy:RolePolicy", ROLE],
  problems: ({ name, props }) =>
    permissionsOf(props)
      .filter(({ effect }) => effect === "Allow")
      .flatMap(allowProblems)
      .map((problem) => `The policy ${name} ${problem}.`),
});

/** Where resources keep the policy that says who may use them. */
const RESOURCE_POLICIES: Readonly<Record<string, string>> = {
  "aws:backup/vaultPolicy:VaultPolicy": "policy",
  "aws:dynamodb/resourcePolicy:ResourcePolicy": "policy",
  "aws:kms/key:Key": "policy",
  "aws:sns/topic:Topic": "policy",
  "aws:sns/topicPolicy:TopicPolicy": "policy",
  "aws:sqs/queue:Queue": "policy",
  "aws:sqs/queuePolicy:QueuePolicy": "policy",
  [ROLE]: "assumeRolePolicy",
};

const isEverybody = ({ principal }: Statement) => principal === "*" || principal.AWS?.includes("*") === true;

const noPublic = resourceRule<Props>({
  id: "iam-no-public-principal",
  controls: ["KMS.5", "SNS.4", "SQS.3", "CKV_AWS_33", "CKV_AWS_60", "CKV_AWS_168", "CKV_AWS_169"],
  description: "A policy of a resource names who may use it, or under which condition.",
  severity: "critical",
  types: Object.keys(RESOURCE_POLICIES),
  problems: ({ name, type, props }) =>
    statementsOf(props[RESOURCE_POLICIES[type] ?? ""])
      .filter(({ effect }) => effect === "Allow")
      .flatMap((statement) => [
        ...statement.negations.map((key) => `must not allow by ${key}`),
        ...(isEverybody(statement) && !isNarrowed(statement)
          ? [
              `must name its principals, or narrow them down by a condition, for ${statement.actions.join(", ")}`,
            ]
          : []),
      ])
      .map((problem) => `The policy of ${name} ${problem}.`),
});

const GITHUB = "token.actions.githubusercontent.com";

/** The values that a condition compares a key with. */
const comparedWith = ({ condition }: Statement, key: string) =>
  Object.values(condition).flatMap((comparison) => listOf<string>(comparison[key]));

function githubProblems(statement: Statement): string[] {
  const subjects = comparedWith(statement, `${GITHUB}:sub`);
  const loose = subjects.filter((subject) => !/^repo:[^*?/:]+\/[^*?/:]+:[^*?]/.test(subject));
  return [
    ...(comparedWith(statement, `${GITHUB}:aud`).length > 0 ? [] : [`must compare ${GITHUB}:aud`]),
    ...(subjects.length > 0 ? [] : [`must compare ${GITHUB}:sub`]),
    ...loose.map((subject) => `must name a repository and a branch or environment, not ${subject}`),
  ];
}

const githubTrust = resourceRule<Props>({
  id: "iam-github-trust",
  controls: ["CKV_AWS_358"],
  description: "Only one repository's workflows, of one branch or environment, take a role by GitHub's OIDC.",
  severity: "critical",
  types: [ROLE],
  problems: ({ name, props }) =>
    statementsOf(props.assumeRolePolicy)
      .filter(
        ({ principal }) => principal !== "*" && principal.Federated?.some((arn) => arn.includes(GITHUB)),
      )
      .flatMap(githubProblems)
      .map((problem) => `The trust of ${name} ${problem}.`),
});

export const iamRules = [noWildcard, noPublic, githubTrust];
