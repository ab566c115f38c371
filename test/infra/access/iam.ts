/** A policy as IAM has it, evaluated: every list is one. */
export interface PolicyDocument {
  readonly Statement: readonly PolicyStatement[];
}

/** A statement of a policy of an identity. */
export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Conditions;
}

type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** What somebody wants to do. */
export interface IamRequest {
  readonly action: string;
  readonly resource: string;
  /** Condition keys of the request and of who makes it. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

type Context = NonNullable<IamRequest["context"]>;

const toList = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === "string" ? [value] : value;

const literal = (text: string) => text.replaceAll(/[.+^${}()|[\]\\/]/g, "\\$&");

/** Whether a text is one that a pattern with `*` and `?` means. */
export const matches = (pattern: string, text: string): boolean =>
  new RegExp(`^${literal(pattern).replaceAll("*", ".*").replaceAll("?", ".")}$`, "s").test(text);

/** Puts the context's values in the place of variables such as `${aws:PrincipalTag/username}`; undefined where one is missing. */
function substitute(text: string, context: Context): string | undefined {
  let known = true;
  const filled = text.replaceAll(/\$\{([^}]+)\}/g, (_whole, key: string) => {
    const [value] = toList(context[key]);
    known &&= value !== undefined;
    return value ?? "";
  });
  return known ? filled : undefined;
}

const COMPARISONS: Readonly<Record<string, (wanted: string, value: string) => boolean>> = {
  StringEquals: (wanted, value) => wanted === value,
  StringLike: matches,
  ArnLike: matches,
};

/**
 * Judges one operator on one key.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 */
function holds(operator: string, wanted: readonly string[], key: string, context: Context): boolean {
  const values = toList(context[key]);
  if (operator === "Null") return wanted.includes(String(values.length === 0));
  const [quantifier, name] = operator.includes(":") ? operator.split(":") : [undefined, operator];
  const compare = COMPARISONS[name ?? ""];
  if (!compare) throw new Error(`the condition operator ${operator} is not known here`);
  const texts = wanted.map((text) => substitute(text, context)).filter((text) => text !== undefined);
  const meets = (value: string) => texts.some((text) => compare(text, value));
  return quantifier === "ForAllValues" ? values.every(meets) : values.some(meets);
}

function applies(statement: PolicyStatement, { action, resource, context = {} }: IamRequest): boolean {
  return (
    statement.Action.some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase())) &&
    statement.Resource.some((pattern) => matches(pattern, resource)) &&
    Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
      Object.entries(keys).every(([key, wanted]) => holds(operator, toList(wanted), key, context)),
    )
  );
}

/**
 * Whether a policy allows a request: some statement allows it and none denies it. Only what this program's
 * policies use is known here; anything else throws.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function isAllowed({ Statement }: PolicyDocument, request: IamRequest): boolean {
  const applying = Statement.filter((statement) => applies(statement, request));
  return (
    applying.some(({ Effect }) => Effect === "Allow") && !applying.some(({ Effect }) => Effect === "Deny")
  );
}
