import type { DeclaredResource } from "./monitor.ts";

const REPLICA = "aws:dynamodb/tableReplica:TableReplica";

/** A copy of a table in another region. */
export interface ReplicaState {
  readonly region: string;
  readonly keyArn?: string | undefined;
  readonly pointInTimeRecovery: boolean;
  /** True for one that is a resource of its own, not a part of the table's. */
  readonly separate?: true;
}

/** Copies that are resources of their own, by the ARN of their table. */
export type ReplicasByTable = ReadonlyMap<string, readonly ReplicaState[]>;

/** The aws.dynamodb.TableReplica among a program's resources, by region. */
export function readTableReplicas(resources: readonly DeclaredResource[]): ReplicasByTable {
  const replicas = new Map<string, readonly ReplicaState[]>();
  for (const { inputs } of resources.filter(({ type }) => type === REPLICA)) {
    const table = String(inputs.globalTableArn);
    const copy: ReplicaState = {
      // Without it, the provider's own, which stands in no input.
      region: String(inputs.region ?? "its provider's region"),
      ...(inputs.kmsKeyArn !== undefined && { keyArn: String(inputs.kmsKeyArn) }),
      pointInTimeRecovery: inputs.pointInTimeRecovery === true,
      separate: true,
    };
    const all = [...(replicas.get(table) ?? []), copy];
    replicas.set(
      table,
      all.sort((one, other) => (one.region < other.region ? -1 : 1)),
    );
  }
  return replicas;
}

/** The copies of the table of that name. */
export function replicasOf(table: string, replicas: ReplicasByTable): readonly ReplicaState[] {
  return [...replicas].flatMap(([arn, copies]) => (arn.endsWith(`:table/${table}`) ? copies : []));
}
