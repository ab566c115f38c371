import type {
  PolicyResource,
  PolicyResourceOptions,
  ResourceValidationArgs,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";
import { policies } from "../../infra/policies/rules/index.ts";

/** A resource, as far as a policy looks at it. */
export interface PolicedResource {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly protect: boolean;
}

/** What a policy said, and of which resource; of the stack, where it named none. */
export interface Violation {
  readonly policy: string;
  readonly resource: string | undefined;
  readonly message: string;
}

type Policy = ResourceValidationPolicy | StackValidationPolicy;

const optionsOf = ({ protect }: PolicedResource): PolicyResourceOptions => ({
  protect,
  ignoreChanges: [],
  aliases: [],
  customTimeouts: { createSeconds: 0, updateSeconds: 0, deleteSeconds: 0 },
  additionalSecretOutputs: [],
});

const notApplicable = (): never => {
  throw new Error("no policy of ours says that");
};

const common = {
  stackTags: new Map<string, string>(),
  getConfig: <T extends object>() => ({}) as T,
  notApplicable,
};

const toPolicy = (resource: PolicedResource): ResourceValidationArgs & PolicyResource => ({
  ...common,
  type: resource.type,
  name: resource.name,
  urn: resource.urn,
  props: resource.inputs,
  opts: optionsOf(resource),
  dependencies: [],
  propertyDependencies: {},
  isType: () => false,
  asType: () => undefined,
});

/** Runs policies over resources as Pulumi's engine does: each resource by itself, then the stack. */
export async function runPolicies(
  resources: readonly PolicedResource[],
  which: readonly Policy[] = policies,
): Promise<Violation[]> {
  const violations: Violation[] = [];
  const asSeen = resources.map(toPolicy);
  for (const policy of which) {
    const report = (urn: string | undefined) => (message: string, at?: string) => {
      const resource = asSeen.find((seen) => seen.urn === (urn ?? at))?.name;
      violations.push({ policy: policy.name, resource, message });
    };
    if ("validateStack" in policy) {
      await policy.validateStack({ ...common, resources: asSeen }, report(undefined));
      continue;
    }
    const validate = policy.validateResource;
    if (typeof validate !== "function") throw new Error(`${policy.name} judges nothing`);
    for (const seen of asSeen) await validate(seen, report(seen.urn));
  }
  return violations;
}

/** The policy whose name begins with an id. */
export function policyOf(id: string): Policy {
  const found = policies.find(({ name }) => name === id || name.startsWith(`${id}--`));
  if (!found) throw new Error(`there is no policy ${id}`);
  return found;
}
