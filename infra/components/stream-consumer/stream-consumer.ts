import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup.js";
import { EventSourceMapping } from "@pulumi/aws/lambda/eventSourceMapping.js";
import { Function as LambdaFunction } from "@pulumi/aws/lambda/function.js";
import type { Queue } from "@pulumi/aws/sqs/queue.js";
import * as pulumi from "@pulumi/pulumi";
import type { ConsumerConfig } from "../../config.ts";
import type { TableStore } from "../table-store/table-store.ts";
import { bundleFunction, HANDLER } from "./bundle-function.ts";
import { consumerMistakes } from "./check-consumer.ts";
import { deadLetterQueue } from "./dead-letter-queue.ts";
import { functionRole } from "./function-role.ts";

/** What a {@link StreamConsumer} is made from. */
export interface StreamConsumerArgs extends ConsumerConfig {
  /** The function's name on AWS, which role, queue and log group are named after; at most 64 characters. */
  readonly physicalName: string;
  /** The table whose changes it handles; it must have a stream. */
  readonly source: TableStore;
  /** The tables that it writes, by the environment variable that gives the function the table's name. */
  readonly tables: Readonly<Record<string, TableStore>>;
  /** How long the function's log lines are kept. */
  readonly logRetentionDays: number;
  /**
   * Which changes wake the function, as filter patterns of Lambda; one that fits is enough.
   * What none of them fits is never seen by the function, nor by the dead-letter queue.
   * @default all changes
   */
  readonly filters?: readonly object[] | undefined;
  /** Seconds that one batch may take. @default 60 */
  readonly timeoutSeconds?: number | undefined;
  /** @default 256 */
  readonly memoryMegabytes?: number | undefined;
  /** Copies of the function that may run at once. @default what the account has left */
  readonly reservedConcurrency?: number | undefined;
  /** @default none */
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** The newest of Lambda's Node.js runtimes that the provider knows, and what the bundler calls it. */
const RUNTIME = { lambda: "nodejs24.x", bundler: "node24" } as const;

/**
 * A Lambda function that reads a table's stream, with role, log group and dead-letter queue. Its code is
 * infra/functions/<name>/handler.ts, `name` being the component's own; `tablewright stream run` runs the
 * same file on a local engine, with the settings declared here.
 *
 * A batch that fails is halved until the record at fault stands alone; that one goes to the dead-letter
 * queue after `retryAttempts` more tries, and the stream goes on behind it.
 *
 * @throws {pulumi.RunError} naming everything that AWS would refuse.
 */
export class StreamConsumer extends pulumi.ComponentResource {
  readonly function: LambdaFunction;
  readonly deadLetterQueue: Queue;
  readonly functionName: pulumi.Output<string>;
  readonly deadLetterQueueName: pulumi.Output<string>;
  readonly deadLetterQueueUrl: pulumi.Output<string>;

  constructor(name: string, args: StreamConsumerArgs, options?: pulumi.ComponentResourceOptions) {
    super("tablewright:infra:StreamConsumer", name, {}, options);
    const mistakes = consumerMistakes(args);
    if (mistakes.length > 0) {
      throw new pulumi.RunError(`the stream consumer ${name} is wrong:\n${mistakes.join("\n")}`);
    }
    const child = { parent: this };
    const { physicalName, source, tables, tags = {} } = args;

    this.deadLetterQueue = deadLetterQueue(name, `${physicalName}-dead-letters`, tags, child);
    const logGroup = new LogGroup(
      name,
      { name: `/aws/lambda/${physicalName}`, retentionInDays: args.logRetentionDays, tags },
      child,
    );
    const { role, policy } = functionRole(
      name,
      {
        physicalName,
        source,
        writes: Object.values(tables),
        deadLetterQueueArn: this.deadLetterQueue.arn,
        logGroupArn: logGroup.arn,
        tags,
      },
      child,
    );
    const { reservedConcurrency } = args;
    this.function = new LambdaFunction(
      name,
      {
        name: physicalName,
        runtime: RUNTIME.lambda,
        architectures: ["arm64"],
        code: bundleFunction(name, RUNTIME.bundler),
        handler: HANDLER,
        role: role.arn,
        timeout: args.timeoutSeconds ?? 60,
        memorySize: args.memoryMegabytes ?? 256,
        environment: {
          variables: Object.fromEntries(
            Object.entries(tables).map(([variable, table]) => [variable, table.name]),
          ),
        },
        tracingConfig: { mode: "Active" },
        loggingConfig: { logFormat: "Text", logGroup: logGroup.name },
        ...(reservedConcurrency !== undefined && { reservedConcurrentExecutions: reservedConcurrency }),
        tags,
      },
      // AWS tries the role's permissions when it makes a function with traces, and again for the mapping.
      { ...child, dependsOn: [policy] },
    );
    new EventSourceMapping(
      name,
      {
        ...(source.streamArn && { eventSourceArn: source.streamArn }),
        functionName: this.function.name,
        startingPosition: "TRIM_HORIZON",
        batchSize: args.batchSize,
        parallelizationFactor: args.parallelization,
        bisectBatchOnFunctionError: true,
        maximumRetryAttempts: args.retryAttempts,
        maximumRecordAgeInSeconds: args.maximumRecordAgeSeconds,
        functionResponseTypes: ["ReportBatchItemFailures"],
        destinationConfig: { onFailure: { destinationArn: this.deadLetterQueue.arn } },
        ...(args.filters && {
          filterCriteria: { filters: args.filters.map((filter) => ({ pattern: JSON.stringify(filter) })) },
        }),
        tags,
      },
      { ...child, dependsOn: [policy] },
    );
    this.functionName = this.function.name;
    this.deadLetterQueueName = this.deadLetterQueue.name;
    this.deadLetterQueueUrl = this.deadLetterQueue.url;
    this.registerOutputs({ functionName: this.functionName, deadLetterQueueUrl: this.deadLetterQueueUrl });
  }
}
