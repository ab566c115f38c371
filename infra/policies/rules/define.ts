import type {
  PolicyResource,
  PolicyResourceOptions,
  ResourceValidationPolicy,
  Severity,
  StackValidationPolicy,
} from "@pulumi/policy";

/** What every rule says of itself. */
interface RuleFacts {
  /** What it is about: `dynamodb-pitr`. */
  readonly id: string;
  /** The controls of AWS Security Hub, checkov and trivy that ask for it. */
  readonly controls: readonly string[];
  readonly description: string;
  readonly severity: Severity;
  /** True for a rule that never stops an update. @default false */
  readonly advisory?: boolean;
}

/** A resource's properties, as far as a rule knows them; what it does not name may be there too. */
export type Props = Readonly<Record<string, unknown>>;

/** What a rule looks at in one resource. */
export interface Judged<P> {
  readonly name: string;
  readonly type: string;
  readonly props: P;
  readonly opts: PolicyResourceOptions;
}

interface ResourceRule<P> extends RuleFacts {
  readonly types: readonly string[];
  /** What is wrong, as sentences that say what to do; nothing where all is well. */
  readonly problems: (resource: Judged<P>) => readonly string[];
}

interface StackRule extends RuleFacts {
  /** Each problem may name the resource that has it. */
  readonly problems: (resources: readonly PolicyResource[]) => readonly StackProblem[];
}

/** What is wrong with a stack, and where. */
export interface StackProblem {
  readonly message: string;
  readonly urn?: string;
}

/**
 * A policy's name: its id and its controls. Pulumi allows letters, digits, dashes, underscores and dots, up
 * to 100 (https://www.pulumi.com/docs/iac/crossguard/best-practices/).
 */
export const policyName = ({ id, controls }: Pick<RuleFacts, "id" | "controls">) =>
  [id, ...controls].join("--");

const factsOf = ({ id, controls, description, severity, advisory }: RuleFacts) => ({
  name: policyName({ id, controls }),
  description,
  severity,
  tags: [...controls],
  ...(advisory && { enforcementLevel: "advisory" as const }),
});

/** A rule about resources of certain types, each by itself. */
export function resourceRule<P>(rule: ResourceRule<P>): ResourceValidationPolicy {
  return {
    ...factsOf(rule),
    validateResource: ({ type, name, props, opts }, report) => {
      if (!rule.types.includes(type)) return;
      for (const problem of rule.problems({ type, name, opts, props: props as P })) report(problem);
    },
  };
}

/** A rule about resources seen together. */
export function stackRule(rule: StackRule): StackValidationPolicy {
  return {
    ...factsOf(rule),
    validateStack: ({ resources }, report) => {
      for (const { message, urn } of rule.problems(resources)) report(message, urn);
    },
  };
}

/** The resources of one type, their properties as that type's. */
export const ofType = <P>(resources: readonly PolicyResource[], type: string) =>
  resources
    .filter((resource) => resource.type === type)
    .map(({ name, urn, props }) => ({ name, urn, props: props as P }));

/** One problem where something does not hold. */
export const unless = (holds: boolean | undefined, problem: string): readonly string[] =>
  holds ? [] : [problem];
