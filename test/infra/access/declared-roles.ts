import type { Evaluation } from "../../../src/deploy/evaluate-program.ts";
import { named } from "../evaluate.ts";
import type { AuthorizedCall } from "./authorized-calls.ts";
import { type IamRequest, isAllowed, matches, type PolicyDocument } from "./iam.ts";

/** What the program declares of a role. */
export interface DeclaredRole {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly policy: PolicyDocument;
  readonly trust: { readonly Statement: readonly Readonly<Record<string, unknown>>[] };
}

/** The role of a name, its policy and its trust, as an evaluated program declares them. */
export function declaredRole(evaluation: Evaluation, role: string): DeclaredRole {
  const { inputs } = named(evaluation, "iam/role:Role", `quick-photos-access-${role}`);
  const policy = named(evaluation, "iam/rolePolicy:RolePolicy", `quick-photos-access-${role}`).inputs;
  return {
    inputs,
    policy: JSON.parse(String(policy.policy)),
    trust: JSON.parse(String(inputs.assumeRolePolicy)),
  };
}

/** The ARN of a table in an evaluated program. */
export const tableArn = (table: string) => `arn:aws:dynamodb:us-east-1:000000000000:table/${table}`;

/** A call as IAM sees it. */
export function toIamRequest(call: AuthorizedCall, context: IamRequest["context"] = {}): IamRequest {
  const { action, table = "*", index, leadingKeys } = call;
  const resource = index === undefined ? tableArn(table) : `${tableArn(table)}/index/${index}`;
  return { action, resource, context: { "dynamodb:LeadingKeys": leadingKeys, ...context } };
}

const show = ({ action, resource }: Pick<IamRequest, "action" | "resource">) => `${action} on ${resource}`;

/** How a policy fits the calls made under it. */
export interface Fit {
  /** Calls that it does not allow. */
  readonly refused: string[];
  /** Rights that no call used. */
  readonly unused: string[];
}

/** Holds a policy against what was really sent. */
export function fitOf(policy: PolicyDocument, requests: readonly IamRequest[]): Fit {
  const refused = requests.filter((request) => !isAllowed(policy, request)).map(show);
  const rights = policy.Statement.filter(({ Effect }) => Effect === "Allow").flatMap(({ Action, Resource }) =>
    Action.flatMap((action) => Resource.map((resource) => ({ action, resource }))),
  );
  const unused = rights.filter(
    (right) =>
      !requests.some(({ action, resource }) => action === right.action && matches(right.resource, resource)),
  );
  return { refused: [...new Set(refused)].sort(), unused: unused.map(show).sort() };
}
