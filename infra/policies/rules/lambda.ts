import { ofType, resourceRule, stackRule, unless } from "./define.ts";

const FUNCTION = "aws:lambda/function:Function";
const LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup";

/** Days that Security Hub and checkov ask for. */
const YEAR = 365;

interface LogGroupProps {
  readonly name?: string;
  readonly retentionInDays?: number;
}

const retention = resourceRule<LogGroupProps>({
  id: "logs-retention",
  controls: ["CloudWatch.16", "CKV_AWS_66", "CKV_AWS_338"],
  description: "Log lines are kept for a year, and not for ever.",
  severity: "medium",
  types: [LOG_GROUP],
  problems: ({ name, props: { retentionInDays = 0 } }) =>
    unless(
      retentionInDays >= YEAR,
      `The log group ${name} must keep its lines for ${YEAR} days or more: set logRetentionDays.`,
    ),
});

interface FunctionProps {
  readonly name?: string;
  readonly reservedConcurrentExecutions?: number;
  readonly tracingConfig?: { readonly mode: string };
  readonly loggingConfig?: { readonly logGroup?: string };
}

/** Lambda makes a missing log group by itself, and keeps it for ever. */
const logGroup = stackRule({
  id: "lambda-log-group",
  controls: [],
  description: "A function writes to a log group of the stack.",
  severity: "medium",
  problems: (resources) => {
    const groups = new Set(ofType<LogGroupProps>(resources, LOG_GROUP).map(({ props }) => props.name));
    return ofType<FunctionProps>(resources, FUNCTION)
      .filter(({ props }) => !groups.has(props.loggingConfig?.logGroup ?? `/aws/lambda/${props.name ?? ""}`))
      .map(({ name, urn }) => ({
        message: `The function ${name} must have a log group in the stack: declare /aws/lambda/<name of the function>.`,
        urn,
      }));
  },
});

const tracing = resourceRule<FunctionProps>({
  id: "lambda-tracing",
  controls: ["Lambda.7", "CKV_AWS_50", "AWS-0066"],
  description: "A function is traced by X-Ray.",
  severity: "low",
  types: [FUNCTION],
  problems: ({ name, props }) =>
    unless(
      props.tracingConfig?.mode === "Active",
      `The function ${name} must be traced: set tracingConfig.mode to Active.`,
    ),
});

const concurrency = resourceRule<FunctionProps>({
  id: "lambda-concurrency",
  controls: ["CKV_AWS_115"],
  description: "A function has a most that runs at once. Shards bound a stream consumer already.",
  severity: "low",
  advisory: true,
  types: [FUNCTION],
  problems: ({ name, props: { reservedConcurrentExecutions = -1 } }) =>
    unless(
      reservedConcurrentExecutions >= 0,
      `The function ${name} should have a limit: set reservedConcurrentExecutions.`,
    ),
});

interface MappingProps {
  readonly destinationConfig?: { readonly onFailure?: { readonly destinationArn?: string } };
  readonly maximumRetryAttempts?: number;
}

const deadLetters = resourceRule<MappingProps>({
  id: "lambda-dead-letters",
  controls: ["CKV_AWS_116"],
  description: "A record that cannot be handled is set aside, and does not block its shard until it expires.",
  severity: "high",
  types: ["aws:lambda/eventSourceMapping:EventSourceMapping"],
  problems: ({ name, props: { destinationConfig, maximumRetryAttempts = -1 } }) => [
    ...unless(
      destinationConfig?.onFailure?.destinationArn !== undefined,
      `The event source mapping ${name} must send failures to a queue: set destinationConfig.onFailure.`,
    ),
    ...unless(
      maximumRetryAttempts >= 0,
      `The event source mapping ${name} must give up at some time: set maximumRetryAttempts.`,
    ),
  ],
});

export const lambdaRules = [retention, logGroup, tracing, concurrency, deadLetters];
