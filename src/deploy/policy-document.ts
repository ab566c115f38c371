/** A statement of an IAM policy, as far as it is looked at here. */
export interface PolicyStatement {
  readonly Action?: string | readonly string[];
  readonly Resource?: string | readonly string[];
}

const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === "string" ? [value] : value;

/** The statements of a policy that a program declares, as JSON text or as an object; none where it is neither. */
export function policyDocument(policy: unknown): readonly PolicyStatement[] {
  let document = policy;
  if (typeof policy === "string") {
    try {
      document = JSON.parse(policy);
    } catch {
      return [];
    }
  }
  const { Statement: statements } = (document ?? {}) as { Statement?: PolicyStatement | PolicyStatement[] };
  if (statements === undefined) return [];
  return Array.isArray(statements) ? statements : [statements];
}

const unique = (values: readonly string[]) => [...new Set(values)].sort();

/** Every action that a policy names, once. */
export const actionsOf = (statements: readonly PolicyStatement[]) =>
  unique(statements.flatMap(({ Action }) => listOf(Action)));

/** Every resource that a policy names, once. */
export const resourcesOf = (statements: readonly PolicyStatement[]) =>
  unique(statements.flatMap(({ Resource }) => listOf(Resource)));
