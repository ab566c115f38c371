import { getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity.js";
import { getPartitionOutput } from "@pulumi/aws/getPartition.js";
import { getRegionOutput } from "@pulumi/aws/getRegion.js";
import type { Output } from "@pulumi/pulumi";

/** The account that the stack is deployed to. */
export const accountId = (): Output<string> => getCallerIdentityOutput().accountId;

/** The partition of the region: aws, aws-cn or aws-us-gov. */
export const partition = (): Output<string> => getPartitionOutput().partition;

/** The region that the stack is deployed to. */
export const region = (): Output<string> => getRegionOutput().region;
