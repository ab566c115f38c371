import { Queue, QueuePolicy } from "@pulumi/aws/sqs/index.js";
import * as pulumi from "@pulumi/pulumi";

/** The longest that SQS keeps a message: 14 days (API_SetQueueAttributes). */
const RETENTION_SECONDS = 14 * 24 * 3600;

/** Makes the queue that gets what the function could not handle; encrypted, at rest and on the way. */
export function deadLetterQueue(
  name: string,
  physicalName: string,
  tags: Readonly<Record<string, string>>,
  options: pulumi.CustomResourceOptions,
): Queue {
  const queue = new Queue(
    name,
    { name: physicalName, sqsManagedSseEnabled: true, messageRetentionSeconds: RETENTION_SECONDS, tags },
    options,
  );
  new QueuePolicy(
    name,
    {
      queueUrl: queue.url,
      policy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "RefusePlainHttp",
            Effect: "Deny",
            Principal: "*",
            Action: "sqs:*",
            Resource: queue.arn,
            Condition: { Bool: { "aws:SecureTransport": "false" } },
          },
        ],
      }),
    },
    options,
  );
  return queue;
}
