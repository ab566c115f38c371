/** How a table is billed. Capacity units are per second, and the same for the table and each index. */
export type Billing =
  | { readonly mode: "on-demand" }
  | { readonly mode: "provisioned"; readonly readCapacity: number; readonly writeCapacity: number };

/** Who makes the secondary indexes: this program, or migration 0001. */
export type IndexOwner = "pulumi" | "migration";

/** A stack's configuration, typed. What each key means stands in Pulumi.yaml. */
export interface StackConfig {
  readonly tableNamePrefix: string;
  readonly ledgerTableName: string;
  readonly indexOwner: IndexOwner;
  readonly billing: Billing;
  readonly stream: boolean;
  readonly ttlAttribute?: string;
  readonly deletionProtection: boolean;
}

/** Where the values come from; `values` is what `pulumi.runtime.allConfig()` returns. */
export interface ConfigSource {
  readonly project: string;
  readonly stack: string;
  readonly values: Readonly<Record<string, string>>;
}

/** A configuration, or every mistake in it as one line each. */
export type ParsedConfig =
  | { readonly config: StackConfig; readonly mistakes: readonly [] }
  | { readonly config?: undefined; readonly mistakes: readonly string[] };

const KEYS = [
  "tableNamePrefix",
  "ledgerTableName",
  "indexOwner",
  "billingMode",
  "readCapacity",
  "writeCapacity",
  "stream",
  "ttlAttribute",
  "deletionProtection",
] as const;
type Key = (typeof KEYS)[number];

const isKey = (key: string): key is Key => (KEYS as readonly string[]).includes(key);

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
const TABLE_NAME = /^[a-zA-Z0-9_.-]{3,255}$/;
const NAME_PREFIX = /^[a-zA-Z0-9_.-]{0,200}$/;
const NAME_RULE = "letters, digits, dot, dash and underscore";
/** Bytes of an attribute name (ServiceQuotas, "Attribute name"). */
const MAX_ATTRIBUTE_NAME = 255;

/** Reads single values and collects what is wrong with them, so that one run names every mistake. */
class Reader {
  readonly mistakes: string[] = [];
  readonly #values: Readonly<Record<string, string>>;
  readonly #project: string;

  constructor({ values, project }: ConfigSource) {
    this.#values = values;
    this.#project = project;
  }

  mistake(key: Key, problem: string): void {
    this.mistakes.push(`${this.#project}:${key} ${problem}`);
  }

  text(key: Key): string | undefined {
    return this.#values[`${this.#project}:${key}`];
  }

  choice<T extends string>(key: Key, choices: readonly [T, ...T[]]): T {
    const given = this.text(key) ?? choices[0];
    const found = choices.find((choice) => choice === given);
    if (found === undefined) {
      this.mistake(key, `is ${JSON.stringify(given)}; it must be ${choices.join(" or ")}`);
    }
    return found ?? choices[0];
  }

  flag(key: Key): boolean {
    return this.choice(key, ["false", "true"]) === "true";
  }

  matching(key: Key, pattern: RegExp, rule: string, fallback: string): string {
    const given = this.text(key) ?? fallback;
    if (!pattern.test(given)) this.mistake(key, `is ${JSON.stringify(given)}; it must be ${rule}`);
    return given;
  }

  /** A whole number above 0, or undefined where the key is not set. */
  units(key: Key): number | undefined {
    const given = this.text(key);
    if (given === undefined) return undefined;
    const units = /^\d+$/.test(given) ? Number(given) : 0;
    if (units < 1 || !Number.isSafeInteger(units)) {
      this.mistake(key, `is ${JSON.stringify(given)}; it must be a whole number of units, 1 or more`);
    }
    return units;
  }
}

function refuseUnknownKeys(reader: Reader, { project, values }: ConfigSource): void {
  for (const name of Object.keys(values)) {
    const key = name.startsWith(`${project}:`) ? name.slice(project.length + 1) : undefined;
    if (key !== undefined && !isKey(key)) {
      reader.mistakes.push(`${name} is not a setting of this program; it knows ${KEYS.join(", ")}`);
    }
  }
}

function readBilling(reader: Reader): Billing {
  const mode = reader.choice("billingMode", ["on-demand", "provisioned"]);
  const readCapacity = reader.units("readCapacity");
  const writeCapacity = reader.units("writeCapacity");
  for (const [key, units] of [
    ["readCapacity", readCapacity],
    ["writeCapacity", writeCapacity],
  ] as const) {
    if (mode === "provisioned" && units === undefined) {
      reader.mistake(key, "is missing, and billingMode is provisioned");
    }
    if (mode === "on-demand" && units !== undefined) {
      reader.mistake(
        key,
        "is set, but billingMode is on-demand: leave it out, or set billingMode provisioned",
      );
    }
  }
  if (mode === "on-demand") return { mode };
  return { mode, readCapacity: readCapacity ?? 0, writeCapacity: writeCapacity ?? 0 };
}

function readTtlAttribute(reader: Reader): string | undefined {
  const name = reader.text("ttlAttribute");
  if (name !== undefined && (name === "" || Buffer.byteLength(name) > MAX_ATTRIBUTE_NAME)) {
    reader.mistake("ttlAttribute", `must be an attribute name of 1 to ${MAX_ATTRIBUTE_NAME} bytes`);
  }
  return name;
}

/** Parses a stack's configuration: a whole one, or every mistake at once. */
export function parseStackConfig(source: ConfigSource): ParsedConfig {
  const reader = new Reader(source);
  refuseUnknownKeys(reader, source);
  const ttlAttribute = readTtlAttribute(reader);
  const config: StackConfig = {
    tableNamePrefix: reader.matching("tableNamePrefix", NAME_PREFIX, `at most 200 ${NAME_RULE}`, ""),
    ledgerTableName: reader.matching(
      "ledgerTableName",
      TABLE_NAME,
      `3 to 255 ${NAME_RULE}`,
      `tablewright-ledger-${source.stack}`,
    ),
    indexOwner: reader.choice("indexOwner", ["pulumi", "migration"]),
    billing: readBilling(reader),
    stream: reader.flag("stream"),
    ...(ttlAttribute === undefined ? {} : { ttlAttribute }),
    deletionProtection: reader.flag("deletionProtection"),
  };
  return reader.mistakes.length > 0 ? { mistakes: reader.mistakes } : { config, mistakes: [] };
}
