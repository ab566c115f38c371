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

/** The questions that have another right answer after the writes than before. */
function changedAnswers(
  readers: readonly ReadablePattern[],
  before: unknown,
  after: unknown,
  random: Random,
): ChangedAnswer[] {
  return readers.flatMap((reader) =>
    reader.check.inputs(after, random, Number.POSITIVE_INFINITY).flatMap((input) => {
      const expectation = reader.check.expected(after, input.input);
      const old = expectationOf(reader.check, before, input);
      return isDeepStrictEqual(old, expectation) ? [] : [{ reader, input, expectation }];
    }),
  );
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
  options: RunOptions & { readonly indexDeadlineMs: number },
): Promise<Verdict> {
  const changed = changedAnswers(readers, before, after, random);
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
