import { marshall } from "@aws-sdk/util-dynamodb";
import type { AnyAccessPattern } from "../../query/access-pattern.ts";
import type { PlainItem, ReadCheck, WriteCheck } from "../../query/oracle.ts";
import { runCost } from "../cost/budget.ts";
import { measure } from "../cost/measure.ts";
import type { PlannedPattern } from "../coverage.ts";
import { judgeNoAnswer } from "../judge-answer.ts";
import { openProbe, type Probe } from "../probe.ts";
import { createRandom } from "../random.ts";
import { hasOwnLimit } from "../read-answer.ts";
import type { GrowthFigures, ModelResult } from "../report.ts";
import { runPattern } from "../run-pattern.ts";
import { type ScratchTable, withScratchTable } from "../scratch-table.ts";
import { fail, PASS, type Verdict } from "../verdict.ts";
import type { Run } from "../verify-run.ts";
import { classOfGrowth } from "./growth-class.ts";
import { type GrowthInput, type GrowthInputs, readInputs, writeInput } from "./growth-inputs.ts";
import { judgeModel, type NotJudged } from "./model-result.ts";

/** How many times the data there is. */
const FACTORS = [1, 10, 100] as const;

/** The data at one size. */
interface Stage {
  readonly factor: number;
  readonly items: readonly PlainItem[];
}

/** A pattern with what is measured of it. */
interface Growing {
  readonly pattern: AnyAccessPattern;
  readonly largest: GrowthFigures[];
  readonly still: GrowthFigures[];
  /** Whether it gives one page unless asked for more. */
  isPaged: boolean;
  /** What a reading pattern is given, or why there is nothing to give it. */
  inputs?: GrowthInputs | string;
  /** Why it cannot be judged. */
  problem?: Verdict;
}

/** Where patterns are run. */
interface Bench {
  readonly run: Run;
  readonly probe: Probe;
  readonly scratch: ScratchTable;
}

const fill = (scratch: ScratchTable, items: readonly PlainItem[]) =>
  scratch.fill(items.map((item) => marshall(item, { removeUndefinedValues: true })));

/** Runs a pattern once, whatever it answers, and puts down what it cost: a paged one answers with one page. */
async function measureOnce(
  { run, probe, scratch }: Bench,
  growing: Growing,
  stage: Stage,
  { input, rows }: GrowthInput,
  figures: GrowthFigures[],
): Promise<void> {
  const { pattern } = growing;
  const options = { client: probe.client, table: scratch.name, signal: run.signal, ...run.limits };
  const { value, sent } = await measure(probe, () => runPattern(pattern, input, options));
  if (value.kind !== "answer") {
    growing.problem = judgeNoAnswer(value, `an answer at ${stage.factor} times the data`);
    return;
  }
  const { requests, readUnits } = runCost(rows, sent.commands);
  figures.push({
    factor: stage.factor,
    items: stage.items.length,
    ...(rows !== undefined && { rows }),
    requests,
    ...(pattern.kind === "read" && readUnits !== undefined && { readUnits }),
  });
}

async function measureReading(
  bench: Bench,
  growing: Growing,
  check: ReadCheck<unknown>,
  stages: readonly Stage[],
  sources: readonly unknown[],
  position: number,
): Promise<void> {
  const stage = stages[position];
  growing.inputs ??= readInputs(check, sources, createRandom(bench.run.seed, "growth"));
  const chosen = growing.inputs;
  if (typeof chosen === "string") {
    growing.problem = fail(chosen);
    return;
  }
  const largest = chosen.largest[position];
  if (!stage || !largest || !chosen.still) return;
  growing.isPaged = hasOwnLimit(growing.pattern, largest.input);
  await measureOnce(bench, growing, stage, largest, growing.largest);
  await measureOnce(bench, growing, stage, chosen.still, growing.still);
}

async function measureWriting(
  bench: Bench,
  growing: Growing,
  check: WriteCheck<unknown>,
  stage: Stage,
): Promise<void> {
  const { run, scratch } = bench;
  const items = check.prepare?.(stage.items) ?? stage.items;
  const chosen = writeInput(
    check,
    run.oracles.parseSource(items),
    createRandom(run.seed, growing.pattern.id),
  );
  if (typeof chosen === "string") {
    growing.problem = fail(chosen);
    return;
  }
  await fill(scratch, items);
  await measureOnce(bench, growing, stage, chosen, growing.largest);
}

/** Measures every pattern at every size, on one table that grows. */
async function measureAll(bench: Bench, patterns: readonly PlannedPattern[]): Promise<Map<string, Growing>> {
  const { run, scratch } = bench;
  const grow = run.oracles.grow?.bind(run.oracles);
  const stages = FACTORS.map((factor) => ({
    factor,
    items: grow?.(run.items, factor, createRandom(run.seed, "growth")) ?? [],
  }));
  const sources = stages.map(({ items }) => run.oracles.parseSource(items));
  const found = new Map<string, Growing>(
    patterns.map(({ pattern }) => [pattern.id, { pattern, largest: [], still: [], isPaged: false }]),
  );
  // One after the other, as writing patterns change the table: the readers first.
  const inOrder = [...patterns].sort((a, b) => (a.pattern.kind < b.pattern.kind ? -1 : 1));
  for (const [position, stage] of stages.entries()) {
    await fill(scratch, stage.items);
    for (const { pattern, check } of inOrder) {
      const growing = found.get(pattern.id);
      if (!growing || growing.problem || !check) continue;
      if (check.kind === "read") await measureReading(bench, growing, check, stages, sources, position);
      else await measureWriting(bench, growing, check, stage);
    }
  }
  return found;
}

function costText(figures: readonly GrowthFigures[]): string {
  const list = (of: (one: GrowthFigures) => number | undefined) =>
    figures.map((one) => of(one) ?? "?").join(", ");
  const units = figures.some(({ readUnits }) => readUnits !== undefined)
    ? `${list(({ readUnits }) => readUnits)} read units in `
    : "";
  const sizes = figures.map(({ items }) => items).join(", ");
  return `${units}${list(({ requests }) => requests)} requests, of ${sizes} items in the table`;
}

/** Judges what was measured against what the pattern declares. */
function judgeClass({ pattern, largest, still, isPaged, problem }: Growing): Verdict | NotJudged {
  if (problem) return problem;
  if (largest.length < FACTORS.length) return fail("it was not measured");
  const measured = classOfGrowth(largest, still, isPaged);
  const { growth } = pattern;
  if (growth === undefined && measured !== "table")
    return {
      status: "notRun",
      lines: [`it declares no growth; measured: ${measured} (${costText(largest)})`],
    };
  if (growth === measured) return PASS;
  const grown = measured === "table" ? still : largest;
  const said = measured === "table" ? "it grows with what its answer does not hold" : `it is ${measured}`;
  return fail(`its growth is declared ${growth ?? "nowhere"}, and ${said}: ${costText(grown)}`);
}

/**
 * Judges how the cost of each pattern grows with the data: at 1, 10 and 100 times what the oracles grow, on a scratch
 * table, against the class that the pattern declares.
 */
export async function judgeGrowth(run: Run, patterns: readonly PlannedPattern[]): Promise<ModelResult[]> {
  const able = patterns.filter(({ check }) => check !== undefined);
  const probe = openProbe(run.target, { maxAttempts: run.maxAttempts });
  let found = new Map<string, Growing>();
  let failure: (() => never) | undefined;
  try {
    if (run.oracles.grow) {
      found = await withScratchTable({ ...run, client: probe.client }, (scratch) =>
        measureAll({ run, probe, scratch }, able),
      );
    }
  } catch (error) {
    run.signal?.throwIfAborted();
    failure = () => {
      throw error;
    };
  } finally {
    probe.close();
  }
  const results: ModelResult[] = [];
  for (const { pattern } of able) {
    const growing = found.get(pattern.id);
    const topic = {
      id: pattern.id,
      kind: "growth",
      title: `The cost of ${pattern.id} grows as declared`,
    } as const;
    const result = await judgeModel(topic, run, () => {
      failure?.();
      return growing ? judgeClass(growing) : fail("the oracles cannot grow the data: they have no grow");
    });
    results.push(growing ? { ...result, figures: growing.largest } : result);
  }
  return results;
}
