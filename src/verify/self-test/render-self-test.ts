import type { Style } from "../../log.ts";
import { MUTATION_KINDS } from "./kinds.ts";
import type { KindResult, NotTested, SelfTestReport, Survivor } from "./self-test-report.ts";

const survivorLine = ({ kind, pattern, input, what, verdict }: Survivor) =>
  `${pattern}: ${MUTATION_KINDS[kind]} (${what}) was judged ${verdict}${input === undefined ? "" : `, on ${input}`}`;

const notTestedLine = ({ pattern, reason }: NotTested) => `${pattern} was not tested: ${reason}`;

/** What is wrong with the checks, one line each; empty where every mutant was killed and every kind was drawn. */
export const selfTestProblems = ({ survivors, notTested, gaps }: SelfTestReport): string[] => [
  ...survivors.map(survivorLine),
  ...notTested.map(notTestedLine),
  ...gaps,
];

/** What is wrong with the mutants of one kind. */
export const kindProblems = (
  { survivors, gaps }: SelfTestReport,
  { kind, mutants }: KindResult,
): string[] => [
  ...survivors.filter((survivor) => survivor.kind === kind).map(survivorLine),
  ...(mutants === 0 ? gaps.filter((gap) => gap.includes(`"${MUTATION_KINDS[kind]}"`)) : []),
];

function kindRow({ kind, mutants, killed, absent }: KindResult): string {
  const counts = absent === undefined ? `${killed} of ${mutants} killed` : `none: ${absent}`;
  return `  ${MUTATION_KINDS[kind].padEnd(34)}  ${counts}`;
}

/** The rate in whole percents, never rounded up to all. */
const percent = (rate: number) => `${Math.floor(rate * 100)} %`;

/** The self-test as lines of text: what survived first, then each kind with its counts. */
export function renderSelfTest(report: SelfTestReport, style: Style): string[] {
  const { kinds, killed, mutants, rate, seconds } = report;
  const problems = selfTestProblems(report).map((line) => `  ${line}`);
  const sum = `self-test: ${killed} of ${mutants} mutants killed (${percent(rate)}) in ${seconds.toFixed(1)} s`;
  const painted = problems.length > 0 ? style.red(sum) : sum;
  return [painted, ...problems, ...kinds.map(kindRow)];
}
