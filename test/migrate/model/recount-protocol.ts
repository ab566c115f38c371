import type { Model } from "./explore.ts";
import { type Behaviour, happenings, type Party, type World } from "./network.ts";

/** Marked friendships of one user, and that user's counter, which is wrong by {@link DRIFT} to begin with. */
interface Table {
  /** As transactions see them: whether each friendship is there. */
  readonly members: readonly boolean[];
  /** As a scan sees them: what a transaction does to them may show later than what it does to the counter. */
  readonly shown: readonly boolean[];
  readonly counter: number;
  /** The run that has marked the counter's item for a recount. */
  readonly recount: number | null;
  /** The runs whose tag was set: a transaction's token has it set once, however often it is sent. */
  readonly tagged: readonly number[];
}

type Request =
  | { readonly do: "create" | "delete"; readonly member: number }
  | { readonly do: "tag"; readonly run: number }
  | { readonly do: "repair"; readonly run: number; readonly was: number; readonly is: number };

/** The counter's value after a tag. */
type Answer = number;

/** What a party is there for: `storage` lets scans see what transactions did. */
export type Job =
  | { readonly kind: "create" | "delete"; readonly member: number }
  | { readonly kind: "recount"; readonly run: number }
  | { readonly kind: "storage" };

type Phase =
  | { readonly at: "end" }
  | { readonly at: "start"; readonly job: Job }
  | { readonly at: "settle"; readonly job: Job & { kind: "recount" }; readonly was: number }
  | {
      readonly at: "scan";
      readonly job: Job & { kind: "recount" };
      readonly was: number;
      readonly next: number;
      readonly found: number;
    };

/** What is wrong with a protocol on purpose; "none": it is the real one. */
export type Flaw =
  | "none"
  /** The counter's value alone says whether anybody has written. */
  | "no tag, only the value is compared"
  /** The scan begins at once, while transactions may still be half visible. */
  | "no time to settle"
  /** A tag that is sent again, and comes late, is set again. */
  | "no token on the tag"
  /** Live writes leave the tag alone. */
  | "live writes leave the tag";

const END: Phase = { at: "end" };
const DRIFT = 2;

function apply(table: Table, request: Request, flaw: Flaw): { table: Table; answer: Answer } {
  const refused = { table, answer: table.counter };
  switch (request.do) {
    case "create":
    case "delete": {
      const there = request.do === "create";
      if (table.members[request.member] === there) return refused;
      const members = table.members.map((value, at) => (at === request.member ? there : value));
      const recount = flaw === "live writes leave the tag" ? table.recount : null;
      const counter = table.counter + (there ? 1 : -1);
      return { table: { ...table, members, counter, recount }, answer: counter };
    }
    case "tag": {
      const { run } = request;
      if (flaw !== "no token on the tag" && table.tagged.includes(run)) return refused;
      return { table: { ...table, recount: run, tagged: [...table.tagged, run] }, answer: table.counter };
    }
    case "repair": {
      const { run, was, is } = request;
      const tagged = flaw === "no tag, only the value is compared" || table.recount === run;
      if (!tagged || table.counter !== was) return refused;
      return { table: { ...table, counter: is, recount: null }, answer: is };
    }
  }
}

const isSettled = ({ members, shown }: Table) => members.every((value, at) => shown[at] === value);

function behaviour(flaw: Flaw): Behaviour<Table, Phase, Request, Answer> {
  return {
    apply: (table, request) => apply(table, request, flaw),
    act(phase, table) {
      if (phase.at === "end") return [];
      const { job } = phase;
      const ask = (request: Request) => [{ name: `sends ${JSON.stringify(request)}`, phase, ask: request }];
      if (job.kind === "storage") {
        return table.members.flatMap((value, member) => {
          if (table.shown[member] === value) return [];
          const shown = table.shown.map((old, at) => (at === member ? value : old));
          return [{ name: `shows ${member}`, phase, table: { ...table, shown } }];
        });
      }
      if (job.kind !== "recount") return ask({ do: job.kind, member: job.member });
      if (phase.at === "start") return ask({ do: "tag", run: job.run });
      if (phase.at === "settle") {
        const scan = { ...phase, at: "scan", next: 0, found: 0 } as const;
        const ready = flaw === "no time to settle" || isSettled(table);
        return ready ? [{ name: "begins to scan", phase: scan }] : [];
      }
      const { was, next, found } = phase;
      if (next < table.members.length) {
        const seen = found + (table.shown[next] ? 1 : 0);
        return [{ name: `reads ${next}`, phase: { ...phase, next: next + 1, found: seen } }];
      }
      return was === found ? [] : ask({ do: "repair", run: job.run, was, is: found });
    },
    hear(phase, request, answer) {
      if (phase.at === "start" && phase.job.kind === "recount" && request.do === "tag") {
        return { at: "settle", job: phase.job, was: answer };
      }
      return END;
    },
    restart: (phase) => (phase.at === "end" ? END : { at: "start", job: phase.job }),
    ended: END,
  };
}

/** Who takes part, and what may happen to each. */
export type Cast = readonly (Job & { readonly resends?: number; readonly crashes?: number })[];

/** A recount either leaves the error as it is or takes all of it away. */
function judgeDrift({ members, counter }: Table): string | undefined {
  const drift = counter - members.filter(Boolean).length;
  return drift === 0 || drift === DRIFT ? undefined : `the counter was wrong by ${DRIFT}, and is by ${drift}`;
}

/** A recount of one counter beside those who write to it. */
export function recountProtocol(
  cast: Cast,
  flaw: Flaw = "none",
  members: readonly boolean[] = [true, false],
): Model<World<Table, Phase, Request>> {
  const parties = cast.map(({ resends = 0, crashes = 0, ...job }): Party<Phase, Request> => {
    return { phase: { at: "start", job }, waitsFor: null, attempt: 0, resends, crashes };
  });
  const counter = members.filter(Boolean).length + DRIFT;
  const rules = behaviour(flaw);
  return {
    start: { table: { members, shown: members, counter, recount: null, tagged: [] }, parties, underway: [] },
    steps: (world) => happenings(world, rules),
    judge: ({ table }, atRest) => (atRest || flaw === "none" ? judgeDrift(table) : undefined),
  };
}
