import { z } from "zod";
import { LoadLedgerError, LoadLedgerVersionError } from "../../errors.ts";
import { settledCount } from "../account.ts";

/** The version of the file's format. A program that knows less refuses it. */
export const LOAD_LEDGER_VERSION = 1;

const count = z.int().min(0);
const position = z
  .object({
    read: count,
    open: z.array(z.int().min(1)),
    counts: z.object({ written: count, identical: count, rejected: count, superseded: count }),
  })
  .refine(
    ({ read, open }) => new Set(open).size === open.length && open.every((ordinal) => ordinal <= read),
    {
      message: "what is open is not among what was read",
    },
  )
  .refine((at) => settledCount(at) === Object.values(at.counts).reduce((sum, items) => sum + items, 0), {
    message: "the counts do not add up",
  });

const shape = z.object({
  version: z.literal(LOAD_LEDGER_VERSION),
  model: z.string(),
  table: z.object({ name: z.string(), arn: z.string(), id: z.string() }),
  source: z.array(z.object({ name: z.string(), bytes: count, sha256: z.string() })),
  options: z.record(z.string(), z.string()),
  startedAt: z.iso.datetime(),
  savedAt: z.iso.datetime(),
  /** Before the first run: then nothing else may be in it at the end. */
  tableWasEmpty: z.boolean(),
  position,
  /** Rejects behind so many bytes are of items that are open. */
  rejects: z.object({ file: z.string(), bytes: count }),
});

/** What is known of a load that has not ended well yet. */
export type LedgerContent = z.output<typeof shape>;

/** Which load it is: of what, into what, and how. */
export type LoadIdentity = Pick<LedgerContent, "model" | "table" | "source" | "options">;

/**
 * Reads the content of a ledger.
 * @throws {LoadLedgerError} {@link LoadLedgerVersionError}
 */
export function parseLedger(file: string, text: string): LedgerContent {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new LoadLedgerError(file, error);
  }
  const { data: version } = z.object({ version: z.int() }).safeParse(json);
  if (version && version.version > LOAD_LEDGER_VERSION)
    throw new LoadLedgerVersionError(file, version.version, LOAD_LEDGER_VERSION);
  const { data, error } = shape.safeParse(json);
  if (error) throw new LoadLedgerError(file, new Error(z.prettifyError(error), { cause: error }));
  return data;
}

function sourceDifferences(was: LoadIdentity["source"], is: LoadIdentity["source"]): string[] {
  if (was.length !== is.length)
    return [
      `the source had ${was.length} files (${was.map(({ name }) => name).join(", ")}), and has ${is.length}`,
    ];
  return was.flatMap((before, index) => {
    const now = is[index];
    if (now?.sha256 === before.sha256) return [];
    const size =
      now?.bytes === before.bytes
        ? `still ${before.bytes} bytes`
        : `${before.bytes} bytes, now ${now?.bytes} bytes`;
    const then =
      now?.name === before.name ? "when the load began" : `${before.name}, which the load began with`;
    return [`${now?.name} has other content than ${then} (${size})`];
  });
}

function tableDifferences(was: LoadIdentity["table"], is: LoadIdentity["table"]): string[] {
  if (was.arn !== is.arn) return [`the table was ${was.arn}, and is ${is.arn}`];
  return was.id === is.id
    ? []
    : [`the table ${is.name} was deleted and made again (${was.id}, now ${is.id})`];
}

/** What tells one load from another, in words; nothing where they are the same. Files may have been moved. */
export function loadDifferences(was: LoadIdentity, is: LoadIdentity): string[] {
  const names = new Set([...Object.keys(was.options), ...Object.keys(is.options)]);
  return [
    ...(was.model === is.model ? [] : [`the model was ${was.model}, and is ${is.model}`]),
    ...tableDifferences(was.table, is.table),
    ...sourceDifferences(was.source, is.source),
    ...[...names]
      .filter((name) => was.options[name] !== is.options[name])
      .map(
        (name) =>
          `--${name} was ${was.options[name] ?? "not given"}, and is ${is.options[name] ?? "not given"}`,
      ),
  ];
}
