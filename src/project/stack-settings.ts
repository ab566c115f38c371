import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parseDocument } from "yaml";
import { type ConfigMistake, StackConfigError } from "./errors.ts";
import type { Project } from "./find-project.ts";

/** Who makes, and may drop, a table's secondary indexes. */
export type IndexOwner = "pulumi" | "migration";

/**
 * What the program gets for a value that it shall not judge, as it is told of already: the word that the
 * Pulumi CLI shows for a secret.
 */
const WITHHELD = "[secret]";

/** What the verbs need to know of a stack, read from Pulumi.yaml and Pulumi.<stack>.yaml alone. */
export interface StackSettings {
  readonly project: string;
  readonly stack: string;
  readonly indexOwner: IndexOwner;
  /** The name of the table that holds migration history and locks. */
  readonly ledgerTable: string;
  /** The physical name of a model's table in this stack. */
  tableName(model: string): string;
  /** Every configuration value as the Pulumi program gets it: `namespace:key` to text, objects as JSON. */
  readonly config: Readonly<Record<string, string>>;
}

/** Values that win over the files, by bare key: how `start` chooses its own index owner. */
export type ConfigOverrides = Readonly<Record<string, string>>;

/** What one configuration file says, before it is merged. */
interface ConfigFile {
  name: string;
  content: Record<string, unknown>;
  /** What stands below `config` in it. */
  config: Record<string, unknown>;
}

/** Parses a file; what is wrong with it as YAML goes to `mistakes`. */
function parseYaml(file: string, name: string, mistakes: ConfigMistake[]): unknown {
  try {
    const document = parseDocument(readFileSync(file, "utf8"));
    for (const { linePos, message } of document.errors) {
      const [problem = ""] = message.split("\n");
      mistakes.push({ file: name, key: `line ${linePos?.[0].line ?? 1}`, problem });
    }
    return document.errors.length === 0 ? (document.toJS() ?? {}) : undefined;
  } catch (error) {
    // A folder, no right to read it, or an alias of nothing.
    const problem = `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    mistakes.push({ file: name, key: "file", problem });
    return undefined;
  }
}

/** Reads a file; where it is none that a stack can be read from, the mistakes go to `mistakes`. */
function readConfigFile(file: string, root: string, mistakes: ConfigMistake[]): ConfigFile | undefined {
  const name = relative(root, file);
  const content = parseYaml(file, name, mistakes);
  if (content === undefined) return undefined;
  if (!isMapping(content)) {
    mistakes.push({ file: name, key: "line 1", problem: "must be a mapping of keys to values" });
    return undefined;
  }
  const config = content.config ?? {};
  if (isMapping(config)) return { name, content, config };
  const problem = `must be a mapping of keys to values, and is ${JSON.stringify(config)}`;
  mistakes.push({ file: name, key: "config", problem });
  return undefined;
}

const asText = (value: unknown) => (typeof value === "object" ? JSON.stringify(value) : String(value));
const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Pulumi gives a key without a namespace the project's own (docs: Pulumi project file, `config`). */
const qualify = (project: string, key: string) => (key.includes(":") ? key : `${project}:${key}`);

/** A schema entry of Pulumi.yaml: `{type, default, description}`, `{value}`, or the value itself. */
function defaultOf(entry: unknown): unknown {
  if (!isMapping(entry)) return entry;
  return entry.value ?? entry.default;
}

/** True where a value, or a part of it, is encrypted (Pulumi docs: Secrets, "secure"). */
function holdsSecret(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(holdsSecret);
  return isMapping(value) && ("secure" in value || Object.values(value).some(holdsSecret));
}

/** The stacks of a project: those that have a file. */
function listStacks(project: Project): string[] {
  return readdirSync(project.root)
    .flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [])
    .sort();
}

function missingStack(project: Project, stack: string): ConfigMistake {
  const stacks = listStacks(project);
  const known = stacks.length === 0 ? "there is none at all" : `there are ${stacks.join(", ")}`;
  const problem = `there is no such file, so no stack "${stack}"; ${known}`;
  return { file: `Pulumi.${stack}.yaml`, key: "stack", problem };
}

/** What a stack's file may hold; Pulumi passes over anything else without a word (pulumi, sdk/go/common/workspace, ProjectStack). */
const STACK_FILE_KEYS = ["config", "environment", "secretsprovider", "encryptedkey", "encryptionsalt"];

/** A key that Pulumi does not know is mostly a misspelt one: its settings would be lost in silence. */
function strangeKeys({ name, content }: ConfigFile): ConfigMistake[] {
  return Object.keys(content)
    .filter((key) => !STACK_FILE_KEYS.includes(key))
    .map((key) => ({
      file: name,
      key,
      problem: `is no key of a stack's file; it has ${STACK_FILE_KEYS.join(", ")}`,
    }));
}

/** Every value as the program gets it: defaults, then the stack's own, then `overrides`. */
function mergeConfig(
  name: string,
  projectFile: ConfigFile,
  stackFile: ConfigFile,
  overrides: ConfigOverrides,
  mistakes: ConfigMistake[],
): Record<string, string> {
  const config: Record<string, string> = {};
  for (const [key, entry] of Object.entries(projectFile.config)) {
    const value = defaultOf(entry);
    if (value !== undefined && value !== null) config[qualify(name, key)] = asText(value);
  }
  for (const [key, value] of Object.entries(stackFile.config)) {
    if (holdsSecret(value)) {
      const problem =
        "is encrypted, and only the Pulumi CLI can open it: keep secrets out of stacks used locally";
      mistakes.push({ file: stackFile.name, key, problem });
      config[qualify(name, key)] = WITHHELD;
    } else if (value !== null && value !== undefined) {
      config[qualify(name, key)] = asText(value);
    }
  }
  for (const [key, value] of Object.entries(overrides)) config[qualify(name, key)] = value;
  return config;
}

/** A stack's settings as far as its files are right, and every mistake in them. */
export interface StackReading {
  readonly settings: StackSettings;
  /** With any of these the settings are only good for finding more mistakes. */
  readonly mistakes: readonly ConfigMistake[];
}

const OWNERS: readonly string[] = ["pulumi", "migration"] satisfies IndexOwner[];

/**
 * Reads a stack's settings the way the Pulumi CLI does: defaults of Pulumi.yaml, then Pulumi.<stack>.yaml,
 * then `overrides`.
 * @throws {StackConfigError} where a file is missing or cannot be read, with every mistake of the other.
 */
export function readStack(project: Project, stack: string, overrides: ConfigOverrides = {}): StackReading {
  const mistakes: ConfigMistake[] = [];
  const projectFile = readConfigFile(join(project.root, "Pulumi.yaml"), project.root, mistakes);
  const name = String(projectFile?.content.name ?? "");
  if (projectFile && !name) mistakes.push({ file: projectFile.name, key: "name", problem: "is missing" });
  const stackPath = join(project.root, `Pulumi.${stack}.yaml`);
  const stackFile = existsSync(stackPath) ? readConfigFile(stackPath, project.root, mistakes) : undefined;
  if (!existsSync(stackPath)) mistakes.push(missingStack(project, stack));
  if (stackFile) mistakes.push(...strangeKeys(stackFile));
  if (!projectFile || !name || !stackFile) throw new StackConfigError(mistakes);
  const config = mergeConfig(name, projectFile, stackFile, overrides, mistakes);

  const own = (key: string) => config[`${name}:${key}`];
  const indexOwner = own("indexOwner") ?? "pulumi";
  if (indexOwner !== WITHHELD && !OWNERS.includes(indexOwner)) {
    const problem = `is ${JSON.stringify(indexOwner)}; it must be "pulumi" or "migration"`;
    mistakes.push({ file: stackFile.name, key: "indexOwner", problem });
    config[`${name}:indexOwner`] = WITHHELD;
  }
  const prefix = own("tableNamePrefix") ?? "";
  const settings = {
    project: name,
    stack,
    indexOwner: indexOwner as IndexOwner,
    ledgerTable: own("ledgerTableName") ?? `tablewright-ledger-${stack}`,
    tableName: (model: string) => `${prefix}${model}`,
    config,
  };
  return { settings, mistakes };
}

/**
 * Reads a stack's settings, which must be right.
 * @throws {StackConfigError} naming every mistake, with file and key.
 */
export function readStackSettings(
  project: Project,
  stack: string,
  overrides: ConfigOverrides = {},
): StackSettings {
  const { settings, mistakes } = readStack(project, stack, overrides);
  if (mistakes.length > 0) throw new StackConfigError(mistakes);
  return settings;
}
