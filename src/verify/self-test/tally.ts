import type { Verdict } from "../verdict.ts";
import type { Exchange } from "../wire/wire.ts";
import { ALL_KINDS, MUTATION_KINDS, type MutationKind } from "./kinds.ts";
import type { Mutation } from "./mutant.ts";
import type { KindResult, NotTested, SelfTestReport, Survivor } from "./self-test-report.ts";
import { type WireFact, wireFacts } from "./wire-facts.ts";

/** Where a mistake was made. */
interface Place {
  readonly pattern: string;
  readonly input?: string;
}

/** Counts what becomes of mutants. */
export class Tally {
  readonly #kinds = new Map<MutationKind, KindResult>(
    ALL_KINDS.map((kind) => [kind, { kind, mutants: 0, killed: 0, withoutEffect: 0 }]),
  );
  readonly #survivors: Survivor[] = [];
  readonly #notTested: NotTested[] = [];
  readonly #seen = new Set<WireFact>();

  /** What was seen of the patterns without any mistake. */
  get seen(): ReadonlySet<WireFact> {
    return this.#seen;
  }

  /** Looks at what a pattern without any mistake has sent and got. */
  look(exchanges: readonly Exchange[]): void {
    for (const fact of wireFacts(exchanges)) this.#seen.add(fact);
  }

  #of(kind: MutationKind): KindResult {
    return this.#kinds.get(kind) as KindResult;
  }

  /** A mistake changed nothing of what the pattern answered or left: it is no mutant. */
  withoutEffect({ kind }: Mutation): void {
    this.#of(kind).withoutEffect += 1;
  }

  /** A mistake showed, and was judged. */
  judged({ kind, what }: Mutation, place: Place, { status }: Verdict): void {
    const counts = this.#of(kind);
    counts.mutants += 1;
    if (status === "fail") counts.killed += 1;
    else this.#survivors.push({ kind, ...place, what, verdict: status });
  }

  /** A pattern's mutants could not be judged. */
  notTested(problem: NotTested): void {
    this.#notTested.push(problem);
  }

  /** @param absent why the model cannot have a kind; undefined where it can */
  report(absent: (kind: MutationKind) => string | undefined, seconds: number): SelfTestReport {
    const kinds = [...this.#kinds.values()].map((counts): KindResult => {
      const reason = counts.mutants === 0 ? absent(counts.kind) : undefined;
      return reason === undefined ? counts : { ...counts, absent: reason };
    });
    const sum = (of: "mutants" | "killed") => kinds.reduce((total, counts) => total + counts[of], 0);
    const [mutants, killed] = [sum("mutants"), sum("killed")];
    const missing = kinds.filter((counts) => counts.mutants === 0 && counts.absent === undefined);
    // Of a pattern whose mutants could not be judged nobody knows which kinds there would have been.
    const gaps = this.#notTested.length > 0 ? [] : missing.map(({ kind }) => gapLine(kind));
    const rate = mutants === 0 ? 0 : killed / mutants;
    return {
      kinds,
      mutants,
      killed,
      rate,
      survivors: this.#survivors,
      notTested: this.#notTested,
      gaps,
      seconds,
    };
  }
}

const gapLine = (kind: MutationKind) =>
  `no mutant of the kind "${MUTATION_KINDS[kind]}" could be drawn, though the patterns can have it`;
