/** The kinds of step that a new migration can start with. */
export const MIGRATION_KINDS = ["backfill", "counter", "index", "script"] as const;
export type MigrationKind = (typeof MIGRATION_KINDS)[number];

const STEPS: Record<MigrationKind, { builder: string; code: string }> = {
  backfill: {
    builder: "backfill",
    code: `    // Sets attributes where they are missing. For values worked out from the item, give
    // set: { from: ["status"], attributes: ["GSI1PK"], values: (item) => ({ GSI1PK: \`STATUS#\${item.status}\` }) }
    backfill({ id: "fill", where: { PK: { beginsWith: "ENTITY#" } }, set: { attribute: 0 } }),`,
  },
  counter: {
    builder: "counter",
    code: `    // Counts members exactly, beside live traffic: the application's own writes must keep the mark first.
    counter({
      id: "count",
      members: { PK: { beginsWith: "MEMBER#" } },
      mark: "counted",
      recount: "recount",
      on: { PK: { beginsWith: "GROUP#" } },
      attributes: ["members"],
      counts: (member) => [{ key: { PK: \`GROUP#\${member.group}\`, SK: "#METADATA" }, path: ["members"] }],
    }),`,
  },
  script: {
    builder: "script",
    code: `    // What no other step can do. It cannot be planned, and only you see to it that it loses no live write: send
    // conditional updates of single attributes, and let a second run find everything done.
    script({
      id: "run",
      idempotent: true,
      // writes: [{ where: { PK: { beginsWith: "ENTITY#" } }, attributes: ["attribute"] }],
      run: async ({ client, table, signal, log, notes, remember }) => {},
      // undo: async ({ client, table }) => {},
    }),`,
  },
  index: {
    builder: "ensureIndex",
    code: `    // Makes the index, or adopts it where it is there and equal.
    ensureIndex("GSI1", {
      partitionKey: { name: "GSI1PK", type: "S" },
      sortKey: { name: "GSI1SK", type: "S" },
      projection: "ALL",
    }),`,
  },
};

/** The text of a new migration's file. */
export function migrationTemplate(kind: MigrationKind, id: string, description: string): string {
  const { builder, code } = STEPS[kind];
  const imports = [builder, "defineMigration"].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  return `import { ${imports.join(", ")} } from "tablewright/migrate";

export default defineMigration({
  id: ${JSON.stringify(id)},
  description: ${JSON.stringify(description)},
  steps: [
${code}
  ],
});
`;
}
