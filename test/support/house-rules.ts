import type { Import, SourceModule } from "./imports.ts";

// The rooms of the house and what each may import (docs: CONTRIBUTING.md, "How the house is laid out").
const BASE = ["base"];
const PROJECT = ["project", ...BASE];
const DYNAMO = ["dynamo", ...PROJECT];
const LEDGER = ["ledger", ...DYNAMO];
const PAGE = ["report-page", ...BASE];
const FEATURES = ["deploy", "migrate", "seed", "query", "stream", "verify", "engine"];

/** Which rooms a room of src/ may import, besides itself. */
const SOURCE_ARROWS: Record<string, readonly string[]> = {
  base: [],
  project: BASE,
  "report-page": BASE,
  dynamo: PROJECT,
  ledger: DYNAMO,
  deploy: LEDGER,
  migrate: LEDGER,
  seed: [...PAGE, ...LEDGER],
  query: LEDGER,
  stream: DYNAMO,
  engine: LEDGER,
  verify: ["query", ...PAGE, ...LEDGER],
  commands: [...FEATURES, ...LEDGER],
  library: [...FEATURES, ...LEDGER],
  cli: ["commands", ...BASE],
};

/** Packages that only some rooms may use, by the beginning of their name. */
const PACKAGE_ROOMS: readonly { package: RegExp; rooms: RegExp; why: string }[] = [
  { package: /^@pulumi\//, rooms: /^(infra|src\/deploy)\//, why: "@pulumi/* stays in infra/ and src/deploy" },
  { package: /^(@grpc\/|google-protobuf)/, rooms: /^src\/deploy\//, why: "gRPC stays in src/deploy" },
  {
    package: /^yargs(\/|$)/,
    rooms: /^src\/(cli\.ts|commands\/)/,
    why: "yargs stays in src/cli.ts and src/commands",
  },
  { package: /^(@faker-js|pure-rand)\//, rooms: /^seeds\//, why: "made-up people belong to seeds/" },
  {
    package: /^p-limit$/,
    rooms: /^src\/(seed|migrate|verify)\//,
    why: "the window limiter belongs to the bulk work",
  },
];

/** What may be touched in few places only. */
const GLOBALS = /^(process\.exit|process\.env|console)(\.|$)/;
const GLOBAL_HOMES = new Set(["src/cli.ts", "src/log.ts", "src/settings.ts"]);

/** What each kind of content may import, beyond node:* and its own file's listed friends. */
const CONTENT_ARROWS: readonly { file: RegExp; may: (entry: Import) => boolean; rule: string }[] = [
  {
    file: /^migrations\//,
    may: ({ specifier }) => specifier === "tablewright/migrate",
    rule: "a migration is frozen in time: it imports tablewright/migrate and nothing else",
  },
  {
    file: /^infra\/tables\//,
    may: ({ typeOnly }) => typeOnly,
    rule: "infra/tables imports types only",
  },
  {
    file: /^infra\/functions\//,
    may: ({ specifier, file, typeOnly }) =>
      typeOnly ||
      /^@aws-sdk\//.test(specifier) ||
      file?.startsWith("infra/functions/") === true ||
      /^queries\/[^/]+\/(entities|keys)\.ts$/.test(file ?? ""),
    rule: "a Lambda function imports the AWS SDK, its own folder, and a model's entities and keys only",
  },
  {
    file: /^infra\/policies\//,
    may: ({ specifier, file }) =>
      specifier === "@pulumi/policy" || file?.startsWith("infra/policies/") === true,
    rule: "the policy pack imports @pulumi/policy and itself only",
  },
  {
    file: /^infra\//,
    may: ({ specifier, file, typeOnly }) =>
      /^@pulumi\//.test(specifier) ||
      specifier === "zod" ||
      specifier === "esbuild" ||
      specifier === "yaml" ||
      file?.startsWith("infra/") === true ||
      (typeOnly && specifier === "tablewright/table-design"),
    rule: "the Pulumi program imports infra/, @pulumi/*, zod, esbuild, yaml and the type of a table's design only",
  },
  {
    file: /^queries\/[^/]+\/oracles\//,
    may: ({ specifier, file, typeOnly }) =>
      specifier === "tablewright/query" ||
      file?.includes("/oracles/") === true ||
      (file?.startsWith("queries/") === true && (typeOnly || !/\/(keys|entities)\.ts$/.test(file))),
    rule: "an oracle imports entity types and the pattern it judges, never keys",
  },
  {
    file: /^queries\//,
    may: ({ specifier, file }) =>
      ["tablewright/query", "zod", "@aws-sdk/lib-dynamodb"].includes(specifier) ||
      file?.startsWith("queries/") === true ||
      file?.startsWith("infra/tables/") === true,
    rule: "queries import tablewright/query, infra/tables, zod and lib-dynamodb",
  },
  {
    file: /^seeds\//,
    may: ({ specifier, file }) =>
      /^(@faker-js\/|pure-rand\/)/.test(specifier) ||
      file?.startsWith("seeds/") === true ||
      /^queries\/[^/]+\/(keys|entities)\.ts$/.test(file ?? ""),
    rule: "a generator imports the model's keys and entities",
  },
];

/** The room of src/ that a file stands in; undefined for content. */
export function roomOf(file: string): string | undefined {
  const [top, first, second] = file.split("/");
  if (top !== "src" || first === undefined) return undefined;
  if (second !== undefined) return first;
  if (first === "cli.ts") return "cli";
  if (first === "index.ts") return "library";
  return "base";
}

function arrowProblem(module: SourceModule, entry: Import): string | undefined {
  const room = roomOf(module.file);
  if (room !== undefined && entry.file !== undefined) {
    const target = roomOf(entry.file);
    if (target === undefined) return "src/ never imports content";
    const allowed = SOURCE_ARROWS[room];
    if (!allowed) return `src/${room} is no room of the house`;
    return target === room || allowed.includes(target)
      ? undefined
      : `src/${room} may not import src/${target}`;
  }
  if (room !== undefined || entry.specifier.startsWith("node:")) return undefined;
  const content = CONTENT_ARROWS.find((rule) => rule.file.test(module.file));
  return content && !content.may(entry) ? content.rule : undefined;
}

function packageProblem(module: SourceModule, entry: Import): string | undefined {
  const rule = PACKAGE_ROOMS.find((candidate) => candidate.package.test(entry.specifier));
  return rule && !rule.rooms.test(module.file) ? rule.why : undefined;
}

/** Every breach of the arrows and of the rules about packages and globals, as `file: what`. */
export function findBreaches(modules: readonly SourceModule[]): string[] {
  const breaches: string[] = [];
  for (const module of modules) {
    for (const entry of module.imports) {
      const problem = arrowProblem(module, entry) ?? packageProblem(module, entry);
      if (problem) breaches.push(`${module.file}: imports ${entry.specifier}: ${problem}`);
    }
    if (!module.file.startsWith("src/") || GLOBAL_HOMES.has(module.file) || module.file.endsWith(".mjs"))
      continue;
    for (const access of module.accesses) {
      if (GLOBALS.test(access)) breaches.push(`${module.file}: touches ${access}`);
    }
  }
  return breaches;
}

/** Every import cycle, as the files in it; imports of types alone make none. */
export function findCycles(modules: readonly SourceModule[]): string[][] {
  const edges = new Map(
    modules.map((module) => [
      module.file,
      module.imports.flatMap((entry) => (entry.file && !entry.typeOnly ? [entry.file] : [])),
    ]),
  );
  const cycles: string[][] = [];
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]) => {
    const seenAt = path.indexOf(file);
    if (seenAt >= 0) {
      cycles.push([...path.slice(seenAt), file]);
      return;
    }
    if (done.has(file)) return;
    for (const next of edges.get(file) ?? []) walk(next, [...path, file]);
    done.add(file);
  };
  for (const file of edges.keys()) walk(file, []);
  return cycles;
}
