import type { Proof } from "../../seed/prove/proof.ts";
import type { CommandContext } from "../context.ts";
import type { GlobalOptions } from "../options.ts";
import { type CommandResult, defineCommand } from "../run.ts";
import { openTable, requireSoundFile } from "./open-seed.ts";
import { defineSeedInput, openSeedInput, type SeedInputOptions } from "./seed-input.ts";

interface ProveCommandOptions extends GlobalOptions, SeedInputOptions {
  exact: boolean;
}

/** What a proof compared, with the names it goes by. */
export interface ProveOutcome {
  readonly table: string;
  readonly source: string;
  readonly proof: Proof;
}

/** Compares the table that the context names with a seed file, leaving out what applied migrations wrote. */
export async function runProve(
  context: CommandContext,
  request: SeedInputOptions & { readonly exact: boolean },
): Promise<ProveOutcome> {
  const { appliedWrites, identityOf, openLedger, readHistory } = await import("../../ledger/index.ts");
  const { proveTable } = await import("../../seed/prove/prove-table.ts");
  const { readSeedFile } = await import("../../seed/file/read-seed-file.ts");
  const file = await openSeedInput(context, request);
  const connection = await context.connect({ readOnly: true });
  const { client } = connection;
  const { table, description, keys } = await openTable(context, connection);
  await requireSoundFile(context, file, keys);
  const ledger = await openLedger({
    client,
    ledgerTable: (await context.stackSettings()).ledgerTable,
    table: identityOf(description),
    mayCreate: false,
    readOnly: true,
  });
  const proof = await proveTable(
    { client, table, keys, readFile: () => readSeedFile(file.input, keys) },
    {
      scope: request.exact ? "exact" : "contained",
      leftOut: appliedWrites(await readHistory(ledger)),
      signal: context.signal,
    },
  );
  return { table, source: file.shown, proof };
}

async function prove(context: CommandContext, options: ProveCommandOptions): Promise<CommandResult> {
  const { proofDocument, proofLines } = await import("./text.ts");
  const { proofExitCode } = await import("../../seed/verdict.ts");
  const { table, source, proof } = await runProve(context, options);
  return {
    document: { model: options.table, table, source, proof: proofDocument(proof) },
    text: proofLines(proof, table, source).join("\n"),
    exitCode: proofExitCode(proof),
  };
}

export const proveCommand = defineCommand<ProveCommandOptions>({
  name: "seed prove",
  command: "prove [files..]",
  describe: "compare table and file, by key and content",
  options: (yargs) =>
    defineSeedInput(yargs).option("exact", {
      type: "boolean",
      default: false,
      describe: "the table must hold nothing else",
    }),
  run: prove,
});
