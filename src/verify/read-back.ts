import { isDeepStrictEqual } from "node:util";
import type { CheckInput, Expectation, Random, ReadCheck } from "../query/oracle.ts";
import { judgeWhole } from "./judge-pages.ts";
import { createPatience } from "./patience.ts";
import type { ReadablePattern } from "./read-answer.ts";
import type { RunOptions } from "./run-pattern.ts";
import { combine, fail, named, type Verdict } from "./verdict.ts";

/** An answer of a reading pattern that a write must have changed. */
interface ChangedAnswer {
  readonly reader: ReadablePattern;
  readonly input: CheckInput;
  readonly expectation: Expectation;
}

function expectationOf(
  check: ReadCheck<unknown>,
  source: unknown,
  input: CheckInput,
): Expectation | undefined {
  try {
    return check.expected(source, input.input);
  } catch {
    // An oracle may not know a question that the source before the write cannot be asked.
    return undefined;
  }
}

const rowCount = ({ expectation }: ChangedAnswer) =>
  expectation.kind === "rows" ? expectation.rows.length : 0;

/** Up to `most` of the answers: the one with the most rows, and others that are drawn. */
function chooseAnswers(answers: readonly ChangedAnswer[], random: Random, most: number): ChangedAnswer[] {
  if (answers.length <= most) return [...answers];
  const [largest, ...others] = [...answers].sort((a, b) => rowCount(b) - rowCount(a));
  return [...(largest ? [largest] : []), ...random.sample(others, most - 1)];
}

/** The questions that have another right answer after the writes than before. */
function changedAnswers(
  readers: readonly ReadablePattern[],
  before: unknown,
  after: unknown,
  random: Random,
  most = Number.POSITIVE_INFINITY,
): ChangedAnswer[] {
  return readers.flatMap((reader) => {
    const changed = reader.check.inputs(after, random, Number.POSITIVE_INFINITY).flatMap((input) => {
      const expectation = reader.check.expected(after, input.input);
      const old = expectationOf(reader.check, before, input);
      return isDeepStrictEqual(old, expectation) ? [] : [{ reader, input, expectation }];
    });
    return chooseAnswers(changed, random, most);
  });
}

/** How what was written is read back. */
interface ReadBackOptions extends RunOptions {
  readonly indexDeadlineMs: number;
  /** Answers to ask of each reading pattern at most. Default: all that have changed. */
  readonly mostAnswers?: number | undefined;
}

/**
 * Judges whether what was written can be read: source records carry no keys, so an item under a wrong key
 * shows only here, where the reading patterns look for it.
 * @param before the source as the scratch table started, and `after` as the writes must have left it
 */
export async function judgeReadBack(
  readers: readonly ReadablePattern[],
  before: unknown,
  after: unknown,
  random: Random,
  options: ReadBackOptions,
): Promise<Verdict> {
  const changed = changedAnswers(readers, before, after, random, options.mostAnswers);
  if (changed.length === 0) return fail("no reading pattern shows what it wrote");
  const verdicts: Verdict[] = [];
  const patience = createPatience(options.indexDeadlineMs, options.signal);
  for (const { reader, input, expectation } of changed) {
    const { verdict } = await patience(() => judgeWhole(reader, input.input, expectation, options));
    const how = `read back by ${reader.pattern.id}`;
    verdicts.push(named(`${how}, ${input.name}`, verdict, how));
  }
  return combine(verdicts);
}
