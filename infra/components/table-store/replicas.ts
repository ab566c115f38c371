import { TableReplica } from "@pulumi/aws/dynamodb/tableReplica.js";
import type * as pulumi from "@pulumi/pulumi";
import type { Replica } from "../../config.ts";
import { type Tags, tagArgs } from "../naming.ts";

/** What the copies of a table share. */
export interface ReplicasArgs {
  readonly tableArn: pulumi.Input<string>;
  readonly replicas: readonly Replica[];
  readonly pointInTimeRecovery: boolean;
  /** AWS and Pulumi both refuse to delete a copy. */
  readonly deletionProtection: boolean;
  readonly tags?: Tags | undefined;
  /** Every other resource that changes the table. */
  readonly after: readonly pulumi.Resource[];
}

/**
 * Copies a table to other regions. AWS refuses a copy of a provisioned table until its write capacity scales,
 * and refuses other changes of the table while it makes one: so copies come last, one after another.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
 */
export function replicate(
  name: string,
  { tableArn, replicas, pointInTimeRecovery, deletionProtection, tags, after }: ReplicasArgs,
  parent: pulumi.Resource,
): void {
  const dependsOn = [...after];
  for (const { region, keyArn } of replicas) {
    const copy = new TableReplica(
      `${name}-${region}`,
      {
        globalTableArn: tableArn,
        region,
        ...(keyArn !== undefined && { kmsKeyArn: keyArn }),
        pointInTimeRecovery,
        deletionProtectionEnabled: deletionProtection,
        ...tagArgs(tags),
      },
      // Another key makes another copy, and a region holds one.
      { parent, protect: deletionProtection, dependsOn: [...dependsOn], deleteBeforeReplace: true },
    );
    dependsOn.push(copy);
  }
}
