/** Tags of a resource. */
export type Tags = Readonly<Record<string, string>>;

/** A resource's `tags`, and nothing where there are none. */
export const tagArgs = (tags: Tags = {}): { readonly tags?: Tags } =>
  Object.keys(tags).length > 0 ? { tags } : {};

/** A table's name as a name elsewhere: key aliases, topics, dashboards and vaults have no dots. */
export const withoutDots = (tableName: string): string => tableName.replaceAll(".", "-");

/** The tag by which a backup plan finds its tables: they alone carry it, and its value is the plan's name. */
export const backupTag = (plan: string) => ({ key: "tablewright:backup-plan", value: withoutDots(plan) });
