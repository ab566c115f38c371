import { Topic } from "@pulumi/aws/sns/topic.js";
import { TopicPolicy } from "@pulumi/aws/sns/topicPolicy.js";
import { TopicSubscription } from "@pulumi/aws/sns/topicSubscription.js";
import * as pulumi from "@pulumi/pulumi";
import { accountId } from "../account.ts";
import { customerKey, useByServices } from "../customer-key.ts";
import { type Tags, tagArgs, withoutDots } from "../naming.ts";

/** What an alarm topic is made from. */
export interface AlarmTopicArgs {
  readonly physicalName: string;
  /** Gets every message, once it has confirmed. @default nobody */
  readonly email?: string | undefined;
  /** @default none */
  readonly tags?: Tags | undefined;
}

const PUBLISHERS = ["cloudwatch.amazonaws.com", "budgets.amazonaws.com"];

/**
 * Makes the topic of the alarms and of the budget. Its key is a customer key, because the account's `aws/sns` key
 * does not let CloudWatch publish.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 * https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html
 * @returns the topic's ARN, known once its policy lets them write.
 */
export function alarmTopic(
  name: string,
  { physicalName, email, tags }: AlarmTopicArgs,
  options: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const key = customerKey(name, { physicalName, tags, uses: [useByServices(...PUBLISHERS)] }, options);
  const topic = new Topic(
    name,
    { name: withoutDots(physicalName), kmsMasterKeyId: key.arn, ...tagArgs(tags) },
    options,
  );
  const publish = {
    Sid: "AlarmsAndBudgetsOfTheAccountPublish",
    Effect: "Allow",
    Principal: { Service: PUBLISHERS },
    Action: "sns:Publish",
    Resource: topic.arn,
    Condition: { StringEquals: { "aws:SourceAccount": accountId() } },
  };
  const policy = pulumi.jsonStringify({ Version: "2012-10-17", Statement: [publish] });
  const { arn } = new TopicPolicy(name, { arn: topic.arn, policy }, options);
  if (email !== undefined) {
    new TopicSubscription(name, { topic: topic.arn, protocol: "email", endpoint: email }, options);
  }
  return arn;
}
