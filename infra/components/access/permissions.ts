/** Where an action is allowed: on what a stack has, or on the tables that `verify` makes and deletes. */
export type Place = "table" | "indexes" | "ledger" | "scratch" | "scratchIndexes" | "everyTable";

/** DynamoDB actions by place, without their `dynamodb:`. */
export type Actions = Readonly<Partial<Record<Place, readonly string[]>>>;

/** What a role is for, and all that it may do. */
export interface RoleDesign {
  /** What it runs, as docs/access.md says it. */
  readonly purpose: string;
  readonly allow: Actions;
  /** Refused whatever else is attached to the role. */
  readonly deny?: Actions;
  /** Hours that a session may last. @default 1 */
  readonly sessionHours?: number;
  /** Whether the workflows that deploy may take it as well. @default false */
  readonly fromGithub?: boolean;
  /**
   * The only partition keys that the role may touch, written as IAM policy variables.
   * @default every key
   */
  readonly leadingKeys?: readonly string[];
}

const WRITES = ["BatchWriteItem", "DeleteItem", "PutItem", "UpdateItem"];
const LEDGER_READS = ["DescribeTable", "GetItem", "Query"];
/** Records are written in transactions that begin with the check that the run still holds the lease. */
const LEDGER_WRITES = ["ConditionCheckItem", "PutItem", "UpdateItem"];

/** The session tag that says which user a session of the role `user` is. */
export const USER_TAG = "username";

/**
 * The roles of a stack by name. `test/infra/access/roles.test.ts` records what every command sends and holds
 * these lists against it: nothing may lack, and nothing may be too much.
 */
export const ROLES = {
  seeder: {
    purpose: "`seed`, `seed prove`",
    // A load looks whether the table is empty and ends with a proof, which scans; a single item is put, or in
    // `--mode replace` deleted, alone. In batches the role may do both anyway.
    allow: {
      table: [
        "BatchGetItem",
        "BatchWriteItem",
        "DeleteItem",
        "DescribeTable",
        "DescribeTimeToLive",
        "PutItem",
        "Scan",
      ],
      // A proof counts what the indexes hold.
      indexes: ["Scan"],
      ledger: [...LEDGER_READS, ...LEDGER_WRITES],
    },
    sessionHours: 12,
    fromGithub: true,
  },
  migrator: {
    purpose: "`migrate up`, `down`, `status`, `check`, `reconcile`",
    allow: {
      table: [
        "BatchGetItem",
        "DescribeTable",
        "DescribeTimeToLive",
        "Scan",
        "UpdateItem",
        "UpdateTable",
        "UpdateTimeToLive",
      ],
      // A new index is asked until it answers; a `verify` step may look at the items through it.
      indexes: ["Query", "Scan"],
      ledger: [...LEDGER_READS, ...LEDGER_WRITES, "DeleteItem"],
    },
    deny: {
      table: ["DeleteBackup", "DeleteResourcePolicy", "DeleteTable", "PutResourcePolicy"],
      ledger: ["DeleteBackup", "DeleteResourcePolicy", "DeleteTable", "PutResourcePolicy"],
    },
    sessionHours: 12,
    fromGithub: true,
  },
  verifier: {
    purpose: "`verify --read-only`, `verify --scratch`, `table describe`",
    allow: {
      table: ["BatchGetItem", "DescribeTable", "GetItem", "Query"],
      indexes: ["Query"],
      scratch: [
        "BatchGetItem",
        "BatchWriteItem",
        "ConditionCheckItem",
        "CreateTable",
        "DeleteItem",
        "DeleteTable",
        "DescribeTable",
        "GetItem",
        "PutItem",
        "Query",
        "Scan",
        "TagResource",
        "UpdateItem",
      ],
      scratchIndexes: ["Query"],
      // What earlier runs left behind is found by its name.
      everyTable: ["ListTables"],
    },
    deny: { table: ["DeleteTable", "Scan", "UpdateTable", ...WRITES], indexes: ["Scan"] },
    fromGithub: true,
  },
  prover: {
    purpose: "`seed prove`, `verify --read-only --source table`, `table count`, `migrate status`, `check`",
    allow: {
      table: ["BatchGetItem", "DescribeTable", "DescribeTimeToLive", "GetItem", "Query", "Scan"],
      indexes: ["Query", "Scan"],
      ledger: LEDGER_READS,
    },
    deny: { table: ["DeleteTable", "UpdateTable", ...WRITES], ledger: ["DeleteTable", ...WRITES] },
    fromGithub: true,
  },
  app: {
    purpose: "the access patterns of `queries/quick-photos`, and `query`",
    allow: {
      table: [
        "BatchGetItem",
        "ConditionCheckItem",
        "DeleteItem",
        "GetItem",
        "PutItem",
        "Query",
        "UpdateItem",
      ],
      indexes: ["Query"],
    },
  },
  user: {
    purpose: "the access patterns of one user's own item collection",
    allow: { table: ["ConditionCheckItem", "GetItem", "PutItem", "Query", "UpdateItem"] },
    leadingKeys: [`USER#\${aws:PrincipalTag/${USER_TAG}}`],
  },
} as const satisfies Readonly<Record<string, RoleDesign>>;

/** The name of a role of the stack. */
export type RoleName = keyof typeof ROLES;
