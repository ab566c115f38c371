import { isDeepStrictEqual } from "node:util";
import type { InvalidCursorError } from "../../query/errors.ts";
import type { Random } from "../../query/oracle.ts";
import { expectedRows } from "../judge-answer.ts";
import { drawingOf } from "../judge-patterns.ts";
import { type Question, questionsOf } from "../judge-read.ts";
import { openProbe, type Probe } from "../probe.ts";
import { createRandom } from "../random.ts";
import { isPaged, type ReadablePattern } from "../read-answer.ts";
import { type Outcome, type RunOptions, runPattern } from "../run-pattern.ts";
import { combine, fail, PASS, type Verdict } from "../verdict.ts";
import { addProblem, problemOf, type Run } from "../verify-run.ts";
import { damagedCursors, type WrongCursor } from "./wrong-cursors.ts";

/** The code of the refusal that a wrong cursor must meet. */
const REFUSAL: InvalidCursorError["code"] = "invalid-cursor";

/** A paged pattern with a cursor of its own. */
interface Paged {
  readonly readable: ReadablePattern;
  /** The input that the cursor is of, and another one. */
  readonly input: object;
  readonly otherInput: object | undefined;
  readonly cursor: string;
}

const optionsFor = (run: Run, { client }: Probe): RunOptions => ({
  client,
  table: run.table,
  timeoutMs: run.limits.timeoutMs,
  signal: run.signal,
});

const rowCount = ({ expectation }: Question) => expectedRows(expectation);

/** Reads one row of a pattern for its cursor; undefined where no answer has a second page. */
async function openPaged(run: Run, readable: ReadablePattern, probe: Probe): Promise<Paged | undefined> {
  const { pattern, check } = readable;
  const questions = questionsOf(drawingOf(run, readable));
  const room = 1 + (check.leading ?? 0);
  const long = questions.filter((question) => rowCount(question) > room);
  for (const { input } of long) {
    const outcome = await runPattern(pattern, { ...input.input, limit: 1 }, optionsFor(run, probe));
    const cursor = outcome.kind === "answer" ? check.nextCursor?.(outcome.result) : undefined;
    if (cursor === undefined) continue;
    // An example may be drawn as well.
    const isOther = (question: Question) => !isDeepStrictEqual(question.input.input, input.input);
    const otherInput = questions.find(isOther)?.input.input;
    return { readable, input: input.input, otherInput, cursor };
  }
  return undefined;
}

/** The cursors that a pattern must refuse, each with the input that it is given with. */
function wrongCursors(paged: Paged, all: readonly Paged[], random: Random) {
  const { input, otherInput, cursor } = paged;
  const others = all
    .filter((other) => other !== paged)
    .map((other) => ({ cursor: other.cursor, what: `of another pattern, ${other.readable.pattern.id}` }));
  const given = (wrong: WrongCursor) => ({ ...wrong, input });
  return [
    ...others.map(given),
    ...(otherInput ? [{ cursor, what: "of another input", input: otherInput }] : []),
    ...damagedCursors(cursor, random).map(given),
  ];
}

/** How an outcome that should be a refusal reads. */
function describe(outcome: Outcome): string {
  if (outcome.kind === "answer") return "was answered";
  if (outcome.kind === "refusal") return `was refused with ${outcome.code}`;
  return `failed: ${outcome.message}`;
}

function judgeOutcome(what: string, outcome: Outcome, isSent: boolean): Verdict {
  if (outcome.kind === "unknown") return { status: "indeterminate", lines: [outcome.message] };
  const say = (end: string) => `a cursor ${what} must be refused with ${REFUSAL}, and it ${end}`;
  const isRefused = "code" in outcome && outcome.code === REFUSAL;
  if (isRefused && !isSent) return PASS;
  const told = isRefused ? "was, but only after a request" : describe(outcome);
  // What DynamoDB says of a key may quote it.
  return { ...fail(say(told)), masked: [say(isRefused ? told : "was not")] };
}

/** Gives a pattern every wrong cursor. */
async function judgePaged(run: Run, paged: Paged, all: readonly Paged[], probe: Probe): Promise<void> {
  const { pattern } = paged.readable;
  const verdicts: Verdict[] = [];
  const random = createRandom(run.seed, `cursors of ${pattern.id}`);
  for (const { input, cursor, what } of wrongCursors(paged, all, random)) {
    probe.takeFirst();
    const outcome = await runPattern(pattern, { ...input, limit: 1, cursor }, optionsFor(run, probe));
    verdicts.push(judgeOutcome(what, outcome, probe.takeFirst() !== undefined));
  }
  const verdict = combine(verdicts);
  const before = run.results.get(pattern.id);
  if (verdict.status !== "pass") addProblem(run, pattern.id, verdict);
  else if (before) run.results.set(pattern.id, { ...before, refusedCursors: verdicts.length });
}

/**
 * Judges that every paged pattern refuses, before it sends anything, what is no cursor of its own: one of another
 * pattern or of another input, and one that was tampered with. Patterns that are wrong already are left out.
 * @throws the signal's reason when it is aborted.
 */
export async function judgeCursors(run: Run, readers: readonly ReadablePattern[]): Promise<void> {
  const sound = readers.filter(({ pattern }) => {
    const status = run.results.get(pattern.id)?.status;
    return isPaged(pattern) && (status === "pass" || status === "overBudget");
  });
  const probe = openProbe(run.target, { readOnly: true, maxAttempts: run.maxAttempts });
  const guarded = async (readable: ReadablePattern, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      run.signal?.throwIfAborted();
      addProblem(run, readable.pattern.id, problemOf(error));
    }
  };
  try {
    const opened: Paged[] = [];
    for (const readable of sound) {
      await guarded(readable, async () => {
        const paged = await openPaged(run, readable, probe);
        if (paged) opened.push(paged);
      });
    }
    for (const paged of opened) await guarded(paged.readable, () => judgePaged(run, paged, opened, probe));
  } finally {
    probe.close();
  }
}
