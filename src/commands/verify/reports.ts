import type { Argv } from "yargs";
import { UsageError } from "../../errors.ts";
import type { PlainItem } from "../../query/oracle.ts";
import type { VerifyReport } from "../../verify/report.ts";
import type { EarlierRuns } from "../../verify/reports/earlier-reports.ts";
import type { MarkdownOutcome } from "../../verify/reports/report-schema.ts";
import type { CommandContext } from "../context.ts";
import type { GlobalOptions } from "../options.ts";
import { refuseTogether } from "../run.ts";
import { writeNamedFile } from "../write-named-file.ts";

/** The reports that a verify run can be asked for besides the one it prints. */
export interface ReportOptions {
  readonly junit?: string | undefined;
  readonly jsonFile?: string | undefined;
  readonly html?: string | undefined;
  readonly history?: string | undefined;
  readonly markdown?: string | undefined;
  readonly check?: boolean | undefined;
  readonly annotations: "auto" | "github" | "none";
}

/** Adds the options of reports. */
export const withReportOptions = (yargs: Argv<GlobalOptions>) =>
  yargs
    .option("junit", { type: "string", describe: "also write a JUnit XML report", requiresArg: true })
    .option("json-file", {
      type: "string",
      describe: "also write the JSON document to a file",
      requiresArg: true,
    })
    .option("html", {
      type: "string",
      describe: "also write one HTML file: patterns, costs, the design as a picture",
      requiresArg: true,
    })
    .option("history", {
      type: "string",
      describe: "with --html: a folder with JSON documents of earlier runs",
      requiresArg: true,
    })
    .option("markdown", {
      type: "string",
      describe: "write the table of patterns between the marks of this file, such as README.md",
      requiresArg: true,
    })
    .option("check", {
      type: "boolean",
      describe: "with --markdown: write nothing, and exit 1 where the file is not up to date",
    })
    .option("annotations", {
      choices: ["auto", "github", "none"] as const,
      default: "auto" as const,
      describe: "tell GitHub at which file and line; auto: on GitHub Actions",
    });

/** What came of the reports. */
export interface WrittenReports {
  readonly markdown?: MarkdownOutcome;
}

/** The reports of a run that is to begin. */
export interface PreparedReports {
  /** Takes the items that the right answers come from, where a report shows some. */
  readonly onItems: ((items: readonly PlainItem[]) => void) | undefined;
  /**
   * Writes them.
   * @param document what `--json` prints
   * @throws {UsageError} where a file cannot be written.
   */
  write(report: VerifyReport, document: (markdown?: MarkdownOutcome) => object): Promise<WrittenReports>;
}

const need = (given: unknown, other: unknown, option: string, needs: string) => {
  if (given === undefined || other !== undefined) return;
  throw new UsageError({
    message: `--${option} says how --${needs} is to be made, which is not given`,
    next: `Give --${needs} <file> as well, or leave --${option} out.`,
    facts: { option, needs },
  });
};

/** Refuses what does not fit together. */
function checkOptions(options: ReportOptions): void {
  need(options.check, options.markdown, "check", "markdown");
  need(options.history, options.html, "history", "html");
  refuseTogether(options, "markdown", "pattern", "the table holds every pattern");
}

/** A file with marks, as it is before the run: one without them is found before anything else is done. */
async function readMarked(file: string): Promise<string> {
  const { readFile } = await import("node:fs/promises");
  const { replaceMarkedPart } = await import("../../verify/reports/marked-part.ts");
  const content = await readFile(file, "utf8").catch((error: unknown) => {
    throw new UsageError({
      message: `cannot read ${file}: ${(error as Error).message}`,
      next: "Name a file with --markdown that holds the marks of the table.",
      facts: { file },
      cause: error,
    });
  });
  replaceMarkedPart(content, "", file);
  return content;
}

async function writeMarkdown(
  context: CommandContext,
  { markdown: file = "", check }: ReportOptions,
  content: string,
  report: VerifyReport,
): Promise<MarkdownOutcome> {
  const { renderPatternTable } = await import("../../verify/reports/markdown.ts");
  const { changeOf, replaceMarkedPart } = await import("../../verify/reports/marked-part.ts");
  const table = renderPatternTable(report, await context.tableDesign());
  const after = replaceMarkedPart(content, table, file);
  const diff = changeOf(file, content, after);
  if (diff === undefined) return { file, status: "upToDate" };
  if (check) return { file, status: "outOfDate", diff };
  await writeText(context, file, after, "table of patterns", "markdown");
  return { file, status: "written", diff };
}

async function writeText({ log }: CommandContext, file: string, text: string, what: string, option: string) {
  const { writeFile } = await import("node:fs/promises");
  await writeNamedFile(file, (path) => writeFile(path, text), { what, option, log });
}

/** A path as GitHub wants it: relative to the repository, which may hold the project in a folder of it. */
async function inRepository({ environment, project }: CommandContext): Promise<(file: string) => string> {
  const { join, relative, sep } = await import("node:path");
  const from = environment.githubWorkspace;
  const folder = from === undefined ? "" : relative(from, project.root);
  const prefix = folder.startsWith("..") ? "" : folder;
  return (file) => join(prefix, file).replaceAll(sep, "/");
}

/** Tells GitHub: annotations on standard error, which it reads as well, and the job's summary. */
async function tellGitHub(context: CommandContext, report: VerifyReport): Promise<void> {
  const { renderAnnotations, renderSummary } = await import("../../verify/reports/github.ts");
  const { findPatternPlaces } = await import("../../verify/reports/pattern-place.ts");
  const { project, options, environment, log } = context;
  const toRepository = await inRepository(context);
  const places = [...(await findPatternPlaces(project.root, options.table))].map(
    ([id, { file, line }]) => [id, { file: toRepository(file), line }] as const,
  );
  for (const command of renderAnnotations(report, new Map(places))) log.info(command);
  if (environment.githubStepSummary === undefined) return;
  const { appendFile } = await import("node:fs/promises");
  const summary = renderSummary(report, await context.tableDesign());
  const named = { what: "job's summary", option: "annotations", log };
  await writeNamedFile(environment.githubStepSummary, (path) => appendFile(path, summary), named);
}

async function writeHtml(
  context: CommandContext,
  file: string,
  report: VerifyReport,
  items: readonly PlainItem[],
  history: EarlierRuns | undefined,
): Promise<void> {
  const { loadOracles } = await import("../../verify/load-oracles.ts");
  const { renderHtml } = await import("../../verify/reports/html/render-html.ts");
  const { project, options } = context;
  const oracles = await loadOracles(project, options.table);
  const page = await renderHtml({
    report,
    design: await context.tableDesign(),
    items,
    entityOf: oracles.entityOf,
    history,
  });
  await writeText(context, file, page, "HTML report", "html");
}

/**
 * Makes ready for the reports that a run is asked for: what can be found wrong with them is found here.
 * @throws {UsageError} {@link EarlierReportError} {@link UnmarkedFileError}
 */
export async function prepareReports(
  context: CommandContext,
  options: ReportOptions,
): Promise<PreparedReports> {
  checkOptions(options);
  const { junit, jsonFile, html, history: folder, markdown: markdownFile, annotations } = options;
  const marked = markdownFile === undefined ? undefined : await readMarked(markdownFile);
  let history: EarlierRuns | undefined;
  if (folder !== undefined) {
    const { readEarlierRuns } = await import("../../verify/reports/earlier-reports.ts");
    history = await readEarlierRuns(folder, folder, context.options.table);
  }
  const onGitHub = annotations === "github" || (annotations === "auto" && context.environment.githubActions);
  let kept: readonly PlainItem[] = [];
  return {
    onItems: html === undefined ? undefined : (items) => (kept = items),
    async write(report, document) {
      if (junit !== undefined) {
        const { renderJunit } = await import("../../verify/reports/junit.ts");
        await writeText(context, junit, renderJunit(report), "JUnit report", "junit");
      }
      if (html !== undefined) await writeHtml(context, html, report, kept, history);
      const markdown =
        marked === undefined ? undefined : await writeMarkdown(context, options, marked, report);
      if (jsonFile !== undefined) {
        const text = `${JSON.stringify(document(markdown), null, 2)}\n`;
        await writeText(context, jsonFile, text, "JSON document", "json-file");
      }
      if (onGitHub) await tellGitHub(context, report);
      return { ...(markdown && { markdown }) };
    },
  };
}

/** What a text report says of the file that a table was written to. */
export function markdownText({ file, status, diff }: MarkdownOutcome): string {
  if (status === "upToDate") return `${file} is up to date`;
  if (status === "written") return `wrote the table of patterns to ${file}`;
  return `${file} is not up to date; write it with verify --markdown ${file}\n${diff}`;
}
