/** An attribute's value as plain data. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [name: string]: Value };

/** Attributes by name, as plain data. */
export type Values = Readonly<Record<string, Value>>;

/** An item as a migration's functions see it. */
export type PlainItem = Readonly<Record<string, unknown>>;
