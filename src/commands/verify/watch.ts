import { join, relative, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { ErrorDocument } from "../../errors.ts";
import { createStyle, printResult, type Style } from "../../log.ts";
import type { VerifyReport } from "../../verify/report.ts";
import type { KeptScratch } from "../../verify/watch/kept-scratch.ts";
import type { ModuleGraph } from "../../verify/watch/module-graph.ts";
import type { CommandContext } from "../context.ts";
import type { VerifyRequest } from "../verify.ts";
import { WatchProcesses } from "./watch-process.ts";

/** An editor writes a file in several steps; what comes within this time is one save, in milliseconds. */
const ONE_SAVE_MS = 20;
const CLEAR_SCREEN = "\u001b[2J\u001b[3J\u001b[H";
const TABLE_SOURCE = "table";

/** Files that were saved and not yet judged. */
class Saves {
  #files = new Set<string>();
  #since: number | undefined;
  #wake: (() => void) | undefined;

  add(file: string): void {
    this.#files.add(file);
    this.#since ??= performance.now();
    this.#wake?.();
  }

  /** Waits for a save. @returns the files, and since when they wait; rejects with the signal's reason */
  async take(signal: AbortSignal): Promise<{ files: string[]; since: number }> {
    signal.throwIfAborted();
    if (this.#files.size === 0) {
      await new Promise<void>((resolve, reject) => {
        this.#wake = resolve;
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      });
    }
    await delay(ONE_SAVE_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
    const files = [...this.#files].sort();
    const since = this.#since ?? performance.now();
    this.#files = new Set();
    this.#since = undefined;
    this.#wake = undefined;
    return { files, since };
  }
}

/** What is known of the patterns so far. */
interface Known {
  readonly report: VerifyReport | undefined;
  readonly graph: ModuleGraph | undefined;
  /** Patterns that still have to be judged, such as those of a file that did not load; undefined: all. */
  readonly waiting: readonly string[] | undefined;
}

/** A newer report's patterns in the place of the older one's. */
async function merge(before: VerifyReport | undefined, now: VerifyReport): Promise<VerifyReport> {
  const { summarize } = await import("../../verify/report.ts");
  if (!before || now.notSelected.length === 0) return now;
  const fresh = new Map(now.patterns.map((result) => [result.id, result]));
  const patterns = before.patterns.map((result) => fresh.get(result.id) ?? result);
  const judged = new Map(
    now.modelResults.filter(({ status }) => status !== "notRun").map((result) => [result.id, result]),
  );
  const modelResults = before.modelResults.map((result) => judged.get(result.id) ?? result);
  return summarize({ ...now, modelResults, notSelected: before.notSelected }, patterns);
}

interface Shown {
  readonly saved: readonly string[];
  readonly seconds: number;
  readonly style: Style;
}

const headline = ({ saved, seconds }: Shown, what: string) =>
  `${saved.length > 0 ? `saved ${saved.join(", ")}: ` : ""}${what} in ${seconds.toFixed(2)} s`;

/** A run's results as lines: for a terminal everything that is known, elsewhere what is new. */
async function showReport(
  now: VerifyReport,
  all: VerifyReport,
  shown: Shown,
  onScreen: boolean,
): Promise<void> {
  const { renderProblems, renderText } = await import("../../verify/reports/text.ts");
  const counts = `${now.patterns.length} judged, ${now.passed} passed`;
  const line = headline(shown, counts);
  if (onScreen) {
    await printResult(`${CLEAR_SCREEN}${renderText(all, shown.style)}\n\n${shown.style.bold(line)}`);
    return;
  }
  await printResult([line, ...renderProblems(now, shown.style)].join("\n"));
}

async function showError({ message, next }: ErrorDocument, shown: Shown, onScreen: boolean): Promise<void> {
  const line = headline(shown, shown.style.red("not judged"));
  await printResult(`${onScreen ? CLEAR_SCREEN : ""}${line}\n${message}\n${next}`);
}

/** What to judge after a save: everything, some patterns, or nothing. */
async function chooseNext(
  root: string,
  model: string,
  { report, graph, waiting }: Known,
  files: readonly string[],
): Promise<Pick<Known, "graph" | "waiting">> {
  const { affectedPatterns, readModuleGraph } = await import("../../verify/watch/module-graph.ts");
  const fresh = await readModuleGraph(root, model);
  if (!report || waiting === undefined) return { graph: fresh ?? graph, waiting: undefined };
  const isModule = (file: string) => file.startsWith("queries/") && file.endsWith(".ts");
  const ids = report.patterns.map(({ id }) => id);
  // The design, the source and the lock are everybody's.
  if (!files.every(isModule)) return { graph: fresh ?? graph, waiting: undefined };
  const graphs = [graph, fresh].filter((found) => found !== undefined);
  const affected = graphs.flatMap((found) => affectedPatterns(found, model, ids, files));
  const next = graphs.length === 0 ? ids : ids.filter((id) => affected.includes(id) || waiting.includes(id));
  return { graph: fresh ?? graph, waiting: next.length === ids.length ? undefined : next };
}

/** The files that a watch looks at. */
interface Watched {
  readonly root: string;
  readonly model: string;
  /** The file of the right answers; undefined where they come from the table. */
  readonly source: string | undefined;
}

const designOf = ({ model }: Watched) => `infra/tables/${model}.ts`;

const pathsOf = ({ root, model, source }: Watched): string[] => [
  join(root, "queries", model),
  join(root, "infra", "tables"),
  ...(source === undefined ? [] : [source]),
];

/** Not the files that editors keep beside, and not the designs of other models. */
function isWatched(watched: Watched, file: string): boolean {
  const { root, model, source } = watched;
  return (
    (source !== undefined && file === relative(root, source)) ||
    file === designOf(watched) ||
    file === `queries/${model}/patterns.lock.json` ||
    (file.startsWith(`queries/${model}/`) && file.endsWith(".ts"))
  );
}

/** Puts down every file that is saved. @returns what ends it */
async function watchFiles(
  watched: Watched,
  saves: Saves,
  log: CommandContext["log"],
): Promise<() => Promise<void>> {
  const { watch } = await import("chokidar");
  const design = designOf(watched);
  const watcher = watch(pathsOf(watched), { ignoreInitial: true });
  watcher.on("all", (event, path) => {
    const file = relative(watched.root, path).replaceAll("\\", "/");
    if (event === "addDir" || event === "unlinkDir" || !isWatched(watched, file)) return;
    if (file === design)
      log.warn(`${design} was saved: deploy it and start the watch again, as its tables stay as they are`);
    saves.add(file);
  });
  return () => watcher.close();
}

/** One scratch table for the whole watch; undefined where no pattern may write. */
async function openScratch(
  context: CommandContext,
  { readOnly, scratch }: VerifyRequest,
): Promise<KeptScratch | undefined> {
  const target = await context.target();
  if (readOnly || (target.kind !== "local" && scratch !== true)) return undefined;
  const { keepScratch } = await import("../../verify/watch/kept-scratch.ts");
  const { client } = await context.connect();
  const { log, signal } = context;
  return keepScratch({ client, design: await context.tableDesign(), log, signal });
}

/** What judging takes. */
interface Judging {
  readonly context: CommandContext;
  readonly request: VerifyRequest;
  readonly processes: WatchProcesses;
  readonly scratch: KeptScratch | undefined;
}

/** Judges what is waiting, and shows it. @returns what is known now */
async function judgeWaiting(
  { context, request, processes, scratch }: Judging,
  known: Known,
  saved: readonly string[],
  since: number,
): Promise<Known> {
  const { options, signal, environment } = context;
  const onScreen = process.stdout.isTTY === true && !environment.plainLines;
  const style = createStyle(options.color && !environment.noColor && process.stdout.isTTY === true);
  const selected = known.waiting ?? request.pattern;
  // Many writes at once take seconds: whoever waits for a save has no use for them.
  const wanted: VerifyRequest = {
    ...request,
    pattern: selected && [...selected],
    contention: false,
    scratchTable: await scratch?.name(),
  };
  const answer = await processes.run({ options, request: wanted }, signal);
  signal.throwIfAborted();
  const shown: Shown = { saved, seconds: (performance.now() - since) / 1000, style };
  if ("error" in answer) {
    await showError(answer.error, shown, onScreen);
    return known;
  }
  const report = known.waiting ? await merge(known.report, answer.report) : answer.report;
  await showReport(answer.report, report, shown, onScreen);
  return { ...known, report, waiting: [] };
}

/** Judges all patterns, and then again and again what saved files touch, until the signal ends it. */
export async function watchPatterns(context: CommandContext, request: VerifyRequest): Promise<never> {
  const { project, options, signal, log } = context;
  const { root } = project;
  const model = options.table;
  const file =
    request.source === undefined ? join(root, "seeds", model, "items.json") : resolve(request.source);
  const watched: Watched = { root, model, source: request.source === TABLE_SOURCE ? undefined : file };
  const scratch = await openScratch(context, request);
  const processes = new WatchProcesses();
  const saves = new Saves();
  const judging: Judging = { context, request, processes, scratch };
  const endWatch = await watchFiles(watched, saves, log);
  let known: Known = { report: undefined, graph: undefined, waiting: undefined };
  try {
    known = { ...known, ...(await chooseNext(root, model, known, [])) };
    known = await judgeWaiting(judging, known, [], performance.now());
    const shown = pathsOf(watched).map((path) => relative(root, path));
    log.info(`watching ${shown.join(", ")}; Ctrl-C ends it`);
    for (;;) {
      const { files, since } = await saves.take(signal);
      known = { ...known, ...(await chooseNext(root, model, known, files)) };
      if (known.waiting?.length === 0) continue;
      known = await judgeWaiting(judging, known, files, since);
    }
  } finally {
    await endWatch();
    await processes.stop();
    await scratch?.close();
  }
}
