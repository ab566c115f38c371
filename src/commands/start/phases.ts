import { counted, whole } from "../../counted.ts";
import type { DeployResult } from "../../deploy/deploy.ts";
import type { Evaluation } from "../../deploy/evaluate-program.ts";
import { ExitCode } from "../../errors.ts";
import type { MigrateResult } from "../../migrate/index.ts";
import type { Proof } from "../../seed/prove/proof.ts";
import type { CommandContext } from "../context.ts";
import type { Phase, PhaseOutcome } from "./run-phases.ts";

function deploySummary({ tables }: DeployResult, evaluation: Evaluation): string {
  const made = tables
    .filter(({ steps }) => steps.some(({ kind }) => kind === "createTable"))
    .map(({ name }) => name);
  return `${counted(evaluation.resources.length, "resource")}; ${made.join(", ") || "no table"} made`;
}

async function deploy(context: CommandContext, evaluation: Promise<Evaluation>): Promise<PhaseOutcome> {
  const [{ deploy: runDeploy }, { describeDrift }] = await Promise.all([
    import("../../deploy/deploy.ts"),
    import("../../deploy/plan-reconcile.ts"),
  ]);
  const evaluated = await evaluation;
  const { project, log, signal } = context;
  const { client } = await context.connect();
  const settings = await context.stackSettings();
  const result = await runDeploy({ project, settings, client, log, signal, evaluation: evaluated });
  const drift = result.tables.flatMap((table) => table.drift.map(describeDrift));
  return {
    summary: deploySummary(result, evaluated),
    document: { ...result, indexOwner: settings.indexOwner },
    exitCode: drift.length > 0 ? ExitCode.no : ExitCode.fine,
    details: drift.join("\n"),
  };
}

const equality = ({ status }: Proof) => (status === "equal" ? "table = file" : `table and file: ${status}`);

async function seed(context: CommandContext): Promise<PhaseOutcome> {
  const [{ runSeed }, { seedCommandResult }] = await Promise.all([
    import("../seed/run-seed.ts"),
    import("../seed/load.ts"),
  ]);
  const outcome = await runSeed(context, { proof: "full", ledger: false });
  const { document, text, exitCode = ExitCode.fine } = await seedCommandResult(context.options, outcome);
  const { read, written, requests, proof } = outcome.result;
  return {
    summary: `${counted(read, "item")} read, ${whole(written)} written, ${counted(requests, "request")}; ${equality(proof)}`,
    document,
    exitCode,
    details: text,
  };
}

function migrateSummary({ results, pending }: MigrateResult): string {
  const applied = results.filter(({ result }) => result === "applied");
  const steps = applied.flatMap((migration) => migration.steps);
  return `${counted(applied.length, "migration")} applied in ${counted(steps.length, "step")}, ${pending} pending`;
}

async function migrate(context: CommandContext): Promise<PhaseOutcome> {
  const { openMigrator } = await import("../migrate/open-migrator.ts");
  const { migrateResult } = await import("../migrate/render.ts");
  const { showRun } = await import("../migrate/show-run.ts");
  const migrator = await openMigrator(context);
  const result = await showRun(context, migrator.up());
  const { document, text, exitCode = ExitCode.fine } = migrateResult(result);
  return { summary: migrateSummary(result), document, exitCode, details: text };
}

async function prove(context: CommandContext): Promise<PhaseOutcome> {
  const { runProve } = await import("../seed/prove.ts");
  const { proofDocument, proofLines } = await import("../seed/text.ts");
  const { proofExitCode } = await import("../../seed/verdict.ts");
  const { table, source, proof } = await runProve(context, { exact: true });
  return {
    summary: `${equality(proof)}, leaving out what migrations wrote`,
    document: { proof: proofDocument(proof, false) },
    exitCode: proofExitCode(proof),
    details: proofLines(proof, table, source, false).join("\n"),
  };
}

async function verify(context: CommandContext): Promise<PhaseOutcome> {
  const { DEFAULT_INPUTS, runVerify } = await import("../verify.ts");
  const { exitCodeOfReport } = await import("../../verify/report.ts");
  const { renderText } = await import("../../verify/reports/text.ts");
  const report = await runVerify(context, { inputs: DEFAULT_INPUTS });
  const inputs = report.patterns.reduce((sum, pattern) => sum + pattern.inputs, 0);
  return {
    summary: `${report.passed} of ${counted(report.patterns.length, "access pattern")} pass on ${counted(inputs, "input")}`,
    document: { ...report },
    exitCode: exitCodeOfReport(report),
    details: renderText(report, context.log.style),
  };
}

/** The life of a table, in the order in which a team lives it. */
export function lifePhases(context: CommandContext, evaluation: Promise<Evaluation>): Phase[] {
  return [
    { name: "deploy", doing: "evaluating the Pulumi program", run: () => deploy(context, evaluation) },
    { name: "seed", doing: "loading the items in parallel batches", run: () => seed(context) },
    { name: "migrate", doing: "running the versioned migrations", run: () => migrate(context) },
    { name: "prove", doing: "comparing table and file", run: () => prove(context) },
    { name: "verify", doing: "judging every access pattern", run: () => verify(context) },
  ];
}
