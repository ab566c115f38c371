/**
 * What `pulumi preview` and `pulumi up` ask of AWS for some types of resources. In ARNs and conditions,
 * `{name}` stands for the physical names of table and ledger, `{nameWithoutDots}` for what keys, topics,
 * dashboards and vaults are called after them, `{region}` for the stack's region, and `{regions}` for that
 * and those of its replicas.
 */
export interface DeployGrant {
  /** Its name in the policy. */
  readonly sid: string;
  /** The types that it serves, as Pulumi names them. */
  readonly types: readonly string[];
  readonly resources: readonly string[];
  /** What looks: for pull requests and for deploys. */
  readonly read?: readonly string[];
  /** What changes: for deploys alone. Without it, a change is for an administrator. */
  readonly change?: readonly string[];
  readonly condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/**
 * The roles that GitHub may take to deploy cannot widen what anybody may do: they change no role, policy,
 * provider or key, and delete no table. Such a change is refused to them and is for an administrator, as
 * the first `pulumi up` is, which makes the roles themselves.
 */
export const DEPLOY_GRANTS: readonly DeployGrant[] = [
  {
    sid: "Tables",
    types: [
      "aws:dynamodb/table:Table",
      "aws:dynamodb/contributorInsights:ContributorInsights",
      "aws:dynamodb/kinesisStreamingDestination:KinesisStreamingDestination",
      "aws:dynamodb/resourcePolicy:ResourcePolicy",
      "aws:dynamodb/tableReplica:TableReplica",
    ],
    resources: ["arn:{partition}:dynamodb:{regions}:{account}:table/{name}*"],
    read: [
      "dynamodb:DescribeContinuousBackups",
      "dynamodb:DescribeContributorInsights",
      "dynamodb:DescribeKinesisStreamingDestination",
      "dynamodb:DescribeTable",
      "dynamodb:DescribeTimeToLive",
      "dynamodb:GetResourcePolicy",
      "dynamodb:ListTagsOfResource",
    ],
    change: [
      "dynamodb:TagResource",
      "dynamodb:UntagResource",
      "dynamodb:UpdateContinuousBackups",
      "dynamodb:UpdateContributorInsights",
      "dynamodb:UpdateTable",
      "dynamodb:UpdateTimeToLive",
    ],
  },
  {
    sid: "Autoscaling",
    types: [
      "aws:appautoscaling/target:Target",
      "aws:appautoscaling/policy:Policy",
      "aws:appautoscaling/scheduledAction:ScheduledAction",
    ],
    resources: ["arn:{partition}:application-autoscaling:{region}:{account}:scalable-target/*"],
    read: ["application-autoscaling:ListTagsForResource"],
    change: [
      "application-autoscaling:DeleteScalingPolicy",
      "application-autoscaling:DeleteScheduledAction",
      "application-autoscaling:DeregisterScalableTarget",
      "application-autoscaling:PutScalingPolicy",
      "application-autoscaling:PutScheduledAction",
      "application-autoscaling:RegisterScalableTarget",
      "application-autoscaling:TagResource",
      "application-autoscaling:UntagResource",
    ],
  },
  {
    sid: "Keys",
    types: ["aws:kms/key:Key", "aws:kms/alias:Alias", "aws:dynamodb/tableReplica:TableReplica"],
    resources: ["arn:{partition}:kms:{regions}:{account}:key/*"],
    read: ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"],
    condition: {
      // The provider looks whether a copy has the account's own key.
      "ForAnyValue:StringLike": { "kms:ResourceAliases": ["alias/{nameWithoutDots}*", "alias/aws/dynamodb"] },
    },
  },
  {
    sid: "Roles",
    types: [
      "aws:iam/role:Role",
      "aws:iam/rolePolicy:RolePolicy",
      "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
      "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
    ],
    resources: [
      "arn:{partition}:iam::{account}:role/{name}*",
      "arn:{partition}:iam::{account}:oidc-provider/token.actions.githubusercontent.com",
    ],
    read: [
      "iam:GetOpenIDConnectProvider",
      "iam:GetRole",
      "iam:GetRolePolicy",
      "iam:ListAttachedRolePolicies",
      "iam:ListRolePolicies",
    ],
  },
  {
    sid: "Alarms",
    types: ["aws:cloudwatch/metricAlarm:MetricAlarm"],
    resources: [
      "arn:{partition}:cloudwatch:{region}:{account}:alarm:{name}*",
      // Target tracking makes alarms of its own, in the name of whoever made the policy.
      "arn:{partition}:cloudwatch:{region}:{account}:alarm:TargetTracking-table/{name}*",
    ],
    read: ["cloudwatch:ListTagsForResource"],
    change: [
      "cloudwatch:DeleteAlarms",
      "cloudwatch:PutMetricAlarm",
      "cloudwatch:TagResource",
      "cloudwatch:UntagResource",
    ],
  },
  {
    sid: "Dashboards",
    types: ["aws:cloudwatch/dashboard:Dashboard"],
    resources: ["arn:{partition}:cloudwatch::{account}:dashboard/{nameWithoutDots}*"],
    read: ["cloudwatch:GetDashboard"],
    change: ["cloudwatch:DeleteDashboards", "cloudwatch:PutDashboard"],
  },
  {
    sid: "Topics",
    types: [
      "aws:sns/topic:Topic",
      "aws:sns/topicPolicy:TopicPolicy",
      "aws:sns/topicSubscription:TopicSubscription",
    ],
    resources: ["arn:{partition}:sns:{region}:{account}:{nameWithoutDots}*"],
    read: ["sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic", "sns:ListTagsForResource"],
    change: [
      "sns:CreateTopic",
      "sns:DeleteTopic",
      "sns:SetTopicAttributes",
      "sns:Subscribe",
      "sns:TagResource",
      "sns:UntagResource",
    ],
  },
  {
    sid: "Queues",
    types: ["aws:sqs/queue:Queue", "aws:sqs/queuePolicy:QueuePolicy"],
    resources: ["arn:{partition}:sqs:{region}:{account}:{name}*"],
    read: ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags"],
    change: [
      "sqs:CreateQueue",
      "sqs:DeleteQueue",
      "sqs:SetQueueAttributes",
      "sqs:TagQueue",
      "sqs:UntagQueue",
    ],
  },
  {
    sid: "Functions",
    types: ["aws:lambda/function:Function"],
    resources: ["arn:{partition}:lambda:{region}:{account}:function:{name}*"],
    read: [
      "lambda:GetFunction",
      "lambda:GetFunctionCodeSigningConfig",
      "lambda:GetFunctionConcurrency",
      "lambda:GetFunctionConfiguration",
      "lambda:GetFunctionRecursionConfig",
      "lambda:GetPolicy",
      "lambda:GetRuntimeManagementConfig",
      "lambda:ListTags",
      "lambda:ListVersionsByFunction",
    ],
    change: [
      "lambda:CreateFunction",
      "lambda:DeleteFunction",
      "lambda:DeleteFunctionConcurrency",
      "lambda:PutFunctionConcurrency",
      "lambda:TagResource",
      "lambda:UntagResource",
      "lambda:UpdateFunctionCode",
      "lambda:UpdateFunctionConfiguration",
    ],
  },
  {
    sid: "Mappings",
    types: ["aws:lambda/eventSourceMapping:EventSourceMapping"],
    resources: ["arn:{partition}:lambda:{region}:{account}:event-source-mapping:*"],
    read: ["lambda:GetEventSourceMapping", "lambda:ListTags"],
    change: ["lambda:TagResource", "lambda:UntagResource"],
  },
  {
    sid: "Logs",
    types: ["aws:cloudwatch/logGroup:LogGroup"],
    resources: ["arn:{partition}:logs:{region}:{account}:log-group:/aws/lambda/{name}*"],
    read: ["logs:ListTagsForResource"],
    change: [
      "logs:CreateLogGroup",
      "logs:DeleteLogGroup",
      "logs:DeleteRetentionPolicy",
      "logs:PutRetentionPolicy",
      "logs:TagResource",
      "logs:UntagResource",
    ],
  },
  {
    sid: "Backups",
    types: ["aws:backup/vault:Vault", "aws:backup/plan:Plan", "aws:backup/selection:Selection"],
    resources: [
      "arn:{partition}:backup:{region}:{account}:backup-vault:{nameWithoutDots}*",
      "arn:{partition}:backup:{region}:{account}:backup-plan:*",
    ],
    read: [
      "backup:DescribeBackupVault",
      "backup:GetBackupPlan",
      "backup:GetBackupSelection",
      "backup:ListTags",
    ],
    change: ["backup:UpdateBackupPlan"],
  },
  {
    sid: "Budgets",
    types: ["aws:budgets/budget:Budget"],
    resources: ["arn:{partition}:budgets::{account}:budget/{name}*"],
    read: ["budgets:ListTagsForResource", "budgets:ViewBudget"],
    change: ["budgets:ModifyBudget", "budgets:TagResource", "budgets:UntagResource"],
  },
  {
    sid: "HandOverRoles",
    types: ["aws:lambda/function:Function", "aws:backup/selection:Selection"],
    resources: ["arn:{partition}:iam::{account}:role/{name}*"],
    change: ["iam:PassRole"],
    condition: {
      StringEquals: { "iam:PassedToService": ["backup.amazonaws.com", "lambda.amazonaws.com"] },
    },
  },
  {
    sid: "ServiceLinkedRoles",
    types: ["aws:appautoscaling/target:Target", "aws:dynamodb/contributorInsights:ContributorInsights"],
    resources: ["arn:{partition}:iam::{account}:role/aws-service-role/*"],
    change: ["iam:CreateServiceLinkedRole"],
    condition: {
      StringEquals: {
        "iam:AWSServiceName": [
          "contributorinsights.dynamodb.amazonaws.com",
          "dynamodb.application-autoscaling.amazonaws.com",
        ],
      },
    },
  },
  {
    sid: "MappingsOfFunctions",
    types: ["aws:lambda/eventSourceMapping:EventSourceMapping"],
    // These actions have no resource; the function takes its place.
    resources: ["*"],
    change: [
      "lambda:CreateEventSourceMapping",
      "lambda:DeleteEventSourceMapping",
      "lambda:UpdateEventSourceMapping",
    ],
    condition: {
      ArnLike: { "lambda:FunctionArn": ["arn:{partition}:lambda:{region}:{account}:function:{name}*"] },
    },
  },
  {
    sid: "Lists",
    types: [
      "aws:appautoscaling/target:Target",
      "aws:appautoscaling/policy:Policy",
      "aws:appautoscaling/scheduledAction:ScheduledAction",
      "aws:kms/alias:Alias",
      "aws:cloudwatch/metricAlarm:MetricAlarm",
      "aws:cloudwatch/logGroup:LogGroup",
      "aws:sns/topicSubscription:TopicSubscription",
    ],
    // These actions have no resource, or only all of a kind.
    resources: ["*"],
    read: [
      "application-autoscaling:DescribeScalableTargets",
      "application-autoscaling:DescribeScalingPolicies",
      "application-autoscaling:DescribeScheduledActions",
      "cloudwatch:DescribeAlarms",
      "kms:ListAliases",
      "logs:DescribeLogGroups",
      "sns:GetSubscriptionAttributes",
    ],
    condition: { StringEquals: { "aws:RequestedRegion": ["{regions}"] } },
  },
];
