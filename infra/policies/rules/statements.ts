/** One statement of an IAM policy. What may be a list or a single value is a list here. */
export interface Statement {
  readonly effect: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** `*`, or the values by their kind: AWS, Service, Federated. */
  readonly principal: "*" | Readonly<Record<string, readonly string[]>>;
  readonly condition: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
  /** The parts that say what a statement is not about: NotAction, NotResource, NotPrincipal. */
  readonly negations: readonly string[];
}

interface RawStatement {
  readonly Effect?: string;
  readonly Action?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Principal?: string | Readonly<Record<string, string | readonly string[]>>;
  readonly Condition?: Statement["condition"];
}

const NEGATIONS = ["NotAction", "NotResource", "NotPrincipal"];

export const listOf = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value as T];

function principalOf({ Principal: principal }: RawStatement): Statement["principal"] {
  if (typeof principal === "string") return "*";
  return Object.fromEntries(
    Object.entries(principal ?? {}).map(([kind, values]) => [kind, listOf<string>(values)]),
  );
}

const parse = (raw: RawStatement): Statement => ({
  effect: raw.Effect ?? "Allow",
  actions: listOf(raw.Action),
  resources: listOf(raw.Resource),
  principal: principalOf(raw),
  condition: raw.Condition ?? {},
  negations: NEGATIONS.filter((key) => key in raw),
});

/** The statements of a policy document, given as JSON or as an object; none where there is no policy. */
export function statementsOf(policy: unknown): Statement[] {
  if (policy === undefined) return [];
  const document = (typeof policy === "string" ? JSON.parse(policy) : policy) as {
    Statement?: RawStatement | readonly RawStatement[];
  };
  return listOf<RawStatement>(document.Statement).map(parse);
}
