import type { EnforcementLevel, Policies } from "@pulumi/policy";
import { alarmRules } from "./alarms.ts";
import { dynamodbRules } from "./dynamodb.ts";
import { encryptionRules } from "./encryption.ts";
import { iamRules } from "./iam.ts";
import { lambdaRules } from "./lambda.ts";
import { tagRules } from "./tags.ts";

/** Every rule. It is no policy pack yet, so that tests can run it over an evaluated program. */
export const policies: Policies = [
  ...dynamodbRules,
  ...alarmRules,
  ...encryptionRules,
  ...iamRules,
  ...lambdaRules,
  ...tagRules,
];

/** Stacks that may break the rules and are told so: `dev`, and whatever begins with `dev-`. */
const DEVELOPMENT = /^dev(-|$)/;

/** What a broken rule does to a stack. A stack of an unknown name is held to the rules. */
export const enforcementOf = (stack: string): EnforcementLevel =>
  DEVELOPMENT.test(stack) ? "advisory" : "mandatory";
