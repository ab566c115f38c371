import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy.js";
import * as pulumi from "@pulumi/pulumi";
import type { AccessConfig, GithubTrust, Replica } from "../../config.ts";
import type { TableStore } from "../table-store/table-store.ts";
import { type Deployed, deployStatements } from "./deploy-policy.ts";
import { ROLES, type RoleDesign } from "./permissions.ts";
import { policyOf, roleStatements, type Statement } from "./policy.ts";
import {
  deployingJobs,
  githubProviderArn,
  principalsOrAccount,
  pullRequestJobs,
  type TrustStatement,
  trustGithub,
  trustPrincipals,
  trustToTagUser,
} from "./trust.ts";

/** What {@link AccessRoles} are made from. */
export interface AccessRolesArgs {
  readonly table: TableStore;
  readonly ledger: TableStore;
  /** The table's name; those of the roles begin with it. */
  readonly physicalName: string;
  readonly ledgerName: string;
  readonly access: AccessConfig;
  /** Copies of the table in other regions. @default none */
  readonly replicas?: readonly Replica[] | undefined;
  /** @default none */
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** What one role is made from. */
interface RoleArgs {
  readonly description: string;
  readonly trust: readonly TrustStatement[];
  readonly statements: pulumi.Input<Statement[]>;
  readonly sessionHours?: number | undefined;
}

const SECONDS_PER_HOUR = 3600;
/** The longest session that IAM allows, for an index or a load that takes its time. */
const LONG_SESSION_HOURS = 12;

/**
 * The roles of a table: one for each kind of command and one for the app, each with what it needs and
 * nothing else, and with GitHub two for its workflows. What each may do stands in `permissions.ts` and
 * `deploy-permissions.ts`.
 */
export class AccessRoles extends pulumi.ComponentResource {
  /** By the role's name. */
  readonly arns: Readonly<Record<string, pulumi.Output<string>>>;
  readonly #name: string;
  readonly #args: AccessRolesArgs;

  constructor(name: string, args: AccessRolesArgs, options?: pulumi.ComponentResourceOptions) {
    super("tablewright:infra:AccessRoles", name, {}, options);
    this.#name = name;
    this.#args = args;
    const { github } = args.access;
    const provider = github && githubProviderArn(`${name}-github`, github, args.tags ?? {}, { parent: this });
    const arns: Record<string, pulumi.Output<string>> = {};
    for (const [role, design] of Object.entries<RoleDesign>(ROLES)) {
      const trust = this.#trustOf(design);
      if (github && provider && design.fromGithub) trust.push(trustGithub(provider, deployingJobs(github)));
      arns[role] = this.#makeRole(role, {
        description: design.purpose,
        trust,
        statements: roleStatements(design, this.#subjects()),
        sessionHours: design.sessionHours,
      });
    }
    if (github && provider) Object.assign(arns, this.#githubRoles(github, provider));
    this.arns = arns;
    this.registerOutputs({ arns });
  }

  #subjects(): Deployed {
    const { table, ledger, physicalName, ledgerName, replicas = [] } = this.#args;
    return {
      tableArn: table.arn,
      indexNames: table.indexNames,
      ledgerArn: ledger.arn,
      tableKeyArn: table.keyArn,
      ledgerKeyArn: ledger.keyArn,
      names: [physicalName, ledgerName],
      replicaRegions: replicas.map(({ region }) => region),
    };
  }

  #trustOf({ leadingKeys }: RoleDesign): TrustStatement[] {
    const principals = principalsOrAccount(this.#args.access.principals);
    return [leadingKeys ? trustToTagUser(principals) : trustPrincipals(principals)];
  }

  #githubRoles(github: GithubTrust, provider: pulumi.Input<string>) {
    const subjects = this.#subjects();
    return {
      deploy: this.#makeRole("deploy", {
        description: "pulumi up in a workflow of GitHub Actions",
        trust: [trustGithub(provider, deployingJobs(github))],
        statements: deployStatements(subjects, true),
        sessionHours: LONG_SESSION_HOURS,
      }),
      preview: this.#makeRole("preview", {
        description: "pulumi preview in a pull request",
        trust: [trustGithub(provider, pullRequestJobs(github))],
        statements: deployStatements(subjects, false),
      }),
    };
  }

  #makeRole(role: string, { description, trust, statements, sessionHours = 1 }: RoleArgs) {
    const { physicalName, tags = {} } = this.#args;
    const name = `${physicalName}-${role}`;
    const logicalName = `${this.#name}-${role}`;
    const made = new Role(
      logicalName,
      {
        name,
        description,
        assumeRolePolicy: pulumi.jsonStringify({ Version: "2012-10-17", Statement: trust }),
        maxSessionDuration: sessionHours * SECONDS_PER_HOUR,
        tags,
      },
      { parent: this },
    );
    new RolePolicy(
      logicalName,
      { name, role: made.name, policy: pulumi.output(statements).apply(policyOf) },
      { parent: this },
    );
    return made.arn;
  }
}
