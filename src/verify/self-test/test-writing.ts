import { isDeepStrictEqual } from "node:util";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { canonicalItem } from "../../dynamo/canonical-item.ts";
import type { StoredItem } from "../../dynamo/scan.ts";
import { primaryKeyNames, type TableDesign } from "../../dynamo/table-design.ts";
import type { Random } from "../../query/oracle.ts";
import { judgeWrite } from "../judge-write.ts";
import { fillRequests, type ScratchTable } from "../scratch-table.ts";
import type { Problem, Verdict } from "../verdict.ts";
import { problemOf } from "../verify-run.ts";
import { type Exchange, openWire, type Tampering, type Wire } from "../wire/wire.ts";
import { writeAll } from "../write-batches.ts";
import type { WriteJudging } from "../write-judging.ts";
import type { Tally } from "./tally.ts";
import { type WatchedPattern, watchPattern } from "./watched-pattern.ts";
import { isWrite } from "./write-actions.ts";
import { writeMutations } from "./write-mutations.ts";

/** A writing pattern under test. */
export interface WriteTesting extends Omit<WriteJudging, "random"> {
  /** The cases must be the same each time. */
  readonly drawRandom: () => Random;
  readonly design: TableDesign;
  /** Fills the scratch table. */
  readonly client: DynamoDBClient;
}

/** A scratch table of which it is known what it held, each time that somebody looked. */
interface WatchedTable {
  readonly scratch: ScratchTable;
  takeSights(): string[];
  /** From now on the table is looked at before it is filled: somebody may have written behind its back. */
  forget(): void;
}

/**
 * Nobody else writes to a scratch table, so that it is known between two looks what it holds: it is filled from
 * there, and not scanned before and after.
 */
function watchTable({ scratch, client, design, signal }: WriteTesting): WatchedTable {
  const keyNames = primaryKeyNames(design);
  let sights: string[] = [];
  let known: readonly StoredItem[] | undefined;
  let justFilled = false;
  const fill = async (wanted: readonly StoredItem[]) => {
    if (known) await writeAll(client, scratch.name, fillRequests(known, wanted, keyNames), signal);
    else await scratch.fill(wanted);
    known = wanted;
    justFilled = true;
  };
  const items = async () => {
    const found = justFilled && known ? [...known] : await scratch.items();
    justFilled = false;
    known = found;
    sights.push(found.map(canonicalItem).sort().join("\n"));
    return found;
  };
  return {
    scratch: { name: scratch.name, fill, items },
    takeSights: () => {
      const taken = sights;
      sights = [];
      return taken;
    },
    forget: () => {
      known = undefined;
    },
  };
}

interface Bench {
  readonly testing: WriteTesting;
  readonly watched: WatchedPattern;
  readonly table: WatchedTable;
  readonly wire: Wire;
}

/** What all cases of a check came to, with or without a mistake. */
interface Attempt {
  readonly verdict: Verdict;
  /** How each run ended: its result is not judged, only that it was done, or how it failed. */
  readonly ends: readonly unknown[];
  /** What the table held, each time that somebody looked. */
  readonly sights: readonly string[];
  readonly exchanges: readonly Exchange[];
}

const endOf = (outcome: unknown) => (outcome as { failure?: string }).failure ?? "done";

async function attempt(bench: Bench, tampering?: Tampering): Promise<Attempt> {
  const { testing, watched, table, wire } = bench;
  wire.tamper(tampering);
  watched.takeOutcomes();
  table.takeSights();
  try {
    const judging = { ...testing, pattern: watched.pattern, scratch: table.scratch };
    const { verdict } = await judgeWrite({ ...judging, random: testing.drawRandom() }).catch((error) => {
      testing.signal?.throwIfAborted();
      table.forget();
      return { verdict: problemOf(error) };
    });
    // A run that was given up may still write.
    if (verdict.status === "indeterminate") table.forget();
    return {
      verdict,
      ends: watched.takeOutcomes().map(endOf),
      sights: table.takeSights(),
      exchanges: wire.takeExchanges(),
    };
  } finally {
    wire.tamper(undefined);
  }
}

/** Whether the pattern ended otherwise, or left the table otherwise, as far as it got. */
function shows(right: Attempt, wrong: Attempt): boolean {
  return (["ends", "sights"] as const).some(
    (what) => !isDeepStrictEqual(right[what].slice(0, wrong[what].length), wrong[what]),
  );
}

/**
 * Makes mistakes between a writing pattern and the scratch table, one at a time, and tells the tally what its check
 * says of them. A mistake counts where the pattern ends otherwise, or the table holds something else,
 * to the last attribute and key: what the check makes of it has no part in that.
 * @returns what is wrong where the pattern is not right without any mistake, so that nothing can be learnt of its check
 */
export async function testWriting(testing: WriteTesting, tally: Tally): Promise<Problem | undefined> {
  const bench: Bench = {
    testing,
    watched: watchPattern(testing.pattern),
    table: watchTable(testing),
    wire: openWire(testing.probe),
  };
  const right = await attempt(bench);
  if (right.verdict.status === "fail" || right.verdict.status === "indeterminate") return right.verdict;
  tally.look(right.exchanges.filter(({ operation }) => isWrite(operation)));
  for (const mutation of writeMutations({ design: testing.design, exchanges: right.exchanges })) {
    const wrong = await attempt(bench, mutation.tampering);
    if (!shows(right, wrong)) tally.withoutEffect(mutation);
    else tally.judged(mutation, { pattern: testing.pattern.id }, wrong.verdict);
  }
  return undefined;
}
