import type { Proof } from "../../seed/prove/proof.ts";
import type { ProofRequest } from "../../seed/prove/proof-request.ts";
import type { CommandContext } from "../context.ts";
import { type GlobalOptions, isRedacted } from "../options.ts";
import { RATE_OPTION } from "../rate-option.ts";
import { type CommandResult, defineCommand } from "../run.ts";
import { openTable, requireSoundFile } from "./open-seed.ts";
import {
  defineProofOptions,
  type ProofCommandOptions,
  type ProofWishes,
  proofSettings,
  readProofOptions,
} from "./proof-options.ts";
import { defineSeedInput, openSeedInput, type SeedInputOptions, sizeOf } from "./seed-input.ts";
import { RunShow } from "./show-run.ts";

/** What `--proof` may be. */
const PROOFS = ["full", "sample=n%"];

interface ProveCommandOptions extends GlobalOptions, SeedInputOptions, ProofCommandOptions {
  exact: boolean;
  rate?: string[] | undefined;
}

/** How a proof is asked for. */
export interface ProveRequest extends SeedInputOptions, ProofWishes {
  /** The table must hold nothing else. */
  readonly exact: boolean;
  /** Default: full. */
  readonly proof?: Exclude<ProofRequest, "none"> | undefined;
  /** How fast it may read, as on the command line. Default: half of the table's capacity on AWS, where it has any. */
  readonly rate?: readonly string[] | undefined;
}

/** What a proof compared, with the names it goes by. */
export interface ProveOutcome {
  readonly table: string;
  readonly source: string;
  readonly proof: Proof;
}

/** Compares the table that the context names with a seed file, leaving out what applied migrations wrote. */
export async function runProve(context: CommandContext, request: ProveRequest): Promise<ProveOutcome> {
  const { appliedWrites, identityOf, openLedger, readHistory } = await import("../../ledger/index.ts");
  const { parseRate } = await import("../../dynamo/pace/rate-limit.ts");
  const { timeToLiveAttribute } = await import("../../dynamo/time-to-live.ts");
  const { paceReads } = await import("../../seed/pace-reads.ts");
  const { prepareProof } = await import("../../seed/prove/prepare-proof.ts");
  const { proveTable } = await import("../../seed/prove/prove-table.ts");
  const { readKeptFile } = await import("../../seed/file/read-checked-file.ts");
  const { readCostText } = await import("./text.ts");
  const { proof: asked = "full", exact } = request;
  const { signal } = context;
  const rate = request.rate && parseRate(request.rate);
  const show = new RunShow(context.log, undefined);
  const file = await openSeedInput(context, request);
  const fileBytes = await sizeOf(file);
  const connection = await context.connect({ readOnly: true });
  const { client, target } = connection;
  const { table, description, keys } = await openTable(context, connection);
  const reader = paceReads(client, { description, partitionKey: keys.partitionKey.name, target, rate });
  const checked = await show.check(fileBytes, (hooks) => requireSoundFile(context, file, keys, hooks));
  const ledger = await openLedger({
    client,
    ledgerTable: (await context.stackSettings()).ledgerTable,
    table: identityOf(description),
    mayCreate: false,
    readOnly: true,
  });
  const about = { description, checked, wasEmpty: false, scope: exact ? "exact" : "contained" } as const;
  const settings = proofSettings(context, request, await timeToLiveAttribute(client, table, signal));
  const { estimate, options } = prepareProof(asked, about, settings);
  show.log.info(readCostText(estimate));
  const { items } = checked;
  const tableItems = description.ItemCount ?? 0;
  const shown = show.proofHooks({ items, fileBytes, tableItems });
  const { onProofBytes: onBytes, onProofScanned: onScanned, onCounted } = shown;
  const readFile = () => readKeptFile(file.input, keys, checked, { signal, onBytes });
  const leftOut = appliedWrites(await readHistory(ledger));
  shown.onProof();
  try {
    const subject = { client: reader, table, keys, readFile };
    const proof = await proveTable(subject, { ...options, leftOut, signal, onScanned, onCounted });
    shown.onProved(proof);
    return { table, source: file.shown, proof };
  } finally {
    show.end();
  }
}

async function prove(context: CommandContext, options: ProveCommandOptions): Promise<CommandResult> {
  const { proofDocument, proofLines } = await import("./text.ts");
  const { proofExitCode } = await import("../../seed/verdict.ts");
  const { files, format, duplicates, exact, rate } = options;
  const { proof: asked, ...wishes } = await readProofOptions(options, PROOFS);
  const request = {
    files,
    format,
    duplicates,
    exact,
    rate,
    ...wishes,
    ...(asked !== "none" && { proof: asked }),
  };
  const { table, source, proof } = await runProve(context, request);
  const redact = isRedacted(options);
  return {
    document: { model: options.table, table, source, proof: proofDocument(proof, redact) },
    text: proofLines(proof, table, source, redact).join("\n"),
    exitCode: proofExitCode(proof),
  };
}

export const proveCommand = defineCommand<ProveCommandOptions>({
  name: "seed prove",
  command: "prove [files..]",
  describe: "compare table and file, by key and content",
  options: (yargs) =>
    defineProofOptions(defineSeedInput(yargs), PROOFS)
      .option("exact", {
        type: "boolean",
        default: false,
        describe: "the table must hold nothing else",
      })
      .option("rate", RATE_OPTION),
  run: prove,
});
