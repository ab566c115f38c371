import type { Model } from "./explore.ts";
import { type Behaviour, happenings, type Party, type World } from "./network.ts";

/** A friendship: not there, there without the mark, or marked. */
type Member = "-" | "unmarked" | "marked";

/** Friendships of one followed user, that user's counter, and the other users' counters. */
interface Table {
  readonly members: readonly Member[];
  readonly hub: number;
  readonly others: readonly number[];
}

type Request =
  | {
      readonly do: "create" | "oldCreate" | "deleteMarked" | "deleteUnmarked" | "deleteAny";
      readonly member: number;
    }
  /** Marks and adds, or removes marks and subtracts, in one transaction. */
  | { readonly do: "claim" | "unclaim" | "mark" | "add"; readonly members: readonly number[] };

type Answer = { readonly done: boolean; readonly seen: readonly Member[] };

type Phase =
  | { readonly at: "end" }
  | { readonly at: "start" | "deleteMarked" | "deleteUnmarked"; readonly job: Job }
  | { readonly at: "claim" | "add"; readonly job: Job; readonly batch: readonly number[] };

/** What a party is there for. */
export type Job =
  | { readonly kind: "create" | "oldCreate" | "delete"; readonly member: number }
  | { readonly kind: "backfill" | "takeBack" };

/** What is wrong with a protocol on purpose; "none": it is the real one. */
export type Flaw =
  | "none"
  /** The backfill marks in one request and adds in another. */
  | "mark and ADD apart"
  /** A delete always subtracts. */
  | "delete ignores the mark, and subtracts"
  /** A delete never subtracts. */
  | "delete ignores the mark, and does not subtract"
  /** The backfill does not ask whether a friendship is marked already. */
  | "no not-marked condition"
  /** A delete that has found no mark deletes without asking again. */
  | "delete of the unmarked without a condition";

const END: Phase = { at: "end" };

function count(table: Table, members: readonly number[], amount: number): Table {
  const others = table.others.map((value, index) => (members.includes(index) ? value + amount : value));
  return { ...table, hub: table.hub + amount * members.length, others };
}

const become = (table: Table, members: readonly number[], member: Member): Table => ({
  ...table,
  members: table.members.map((value, index) => (members.includes(index) ? member : value)),
});

function apply(table: Table, request: Request, flaw: Flaw): { table: Table; answer: Answer } {
  const members = "members" in request ? request.members : [request.member];
  const seen = members.map((member) => table.members[member] ?? "-");
  const all = (...wanted: Member[]) => seen.every((member) => wanted.includes(member));
  const done = (changed: Table) => ({ table: changed, answer: { done: true, seen } });
  const refused = { table, answer: { done: false, seen } };
  switch (request.do) {
    case "create":
      return all("-") ? done(count(become(table, members, "marked"), members, 1)) : refused;
    case "oldCreate":
      return all("-") ? done(become(table, members, "unmarked")) : refused;
    case "deleteMarked":
      return all("marked") ? done(count(become(table, members, "-"), members, -1)) : refused;
    case "deleteUnmarked": {
      const fine = flaw === "delete of the unmarked without a condition" ? !all("-") : all("unmarked");
      return fine ? done(become(table, members, "-")) : refused;
    }
    case "deleteAny": {
      const amount = flaw === "delete ignores the mark, and subtracts" ? -1 : 0;
      return all("-") ? refused : done(count(become(table, members, "-"), members, amount));
    }
    case "claim": {
      const fine = flaw === "no not-marked condition" ? all("unmarked", "marked") : all("unmarked");
      return fine ? done(count(become(table, members, "marked"), members, 1)) : refused;
    }
    case "unclaim":
      return all("marked") ? done(count(become(table, members, "unmarked"), members, -1)) : refused;
    case "mark":
      return all("unmarked") ? done(become(table, members, "marked")) : refused;
    case "add":
      return done(count(table, members, 1));
  }
}

/** A delete by the rule: marked, with subtraction; unmarked, without; looked at again where that changed. */
function afterDelete(job: Job, { done, seen: [seen] }: Answer): Phase {
  if (done || seen === "-" || seen === undefined) return END;
  return { at: seen === "marked" ? "deleteMarked" : "deleteUnmarked", job };
}

function behaviour(flaw: Flaw): Behaviour<Table, Phase, Request, Answer> {
  const blind = flaw.startsWith("delete ignores");
  const wanted = (job: Job) => (job.kind === "takeBack" ? "marked" : "unmarked");
  return {
    apply: (table, request) => apply(table, request, flaw),
    act(phase, table) {
      if (phase.at === "end") return [];
      const { job } = phase;
      const ask = (request: Request) => [{ name: `sends ${JSON.stringify(request)}`, phase, ask: request }];
      if (job.kind === "create" || job.kind === "oldCreate") return ask({ do: job.kind, member: job.member });
      if (job.kind === "delete") {
        if (blind) return ask({ do: "deleteAny", member: job.member });
        return ask({ do: phase.at === "deleteUnmarked" ? phase.at : "deleteMarked", member: job.member });
      }
      if (phase.at === "claim" || phase.at === "add") {
        const { batch: members } = phase;
        if (phase.at === "add") return ask({ do: "add", members });
        if (flaw === "mark and ADD apart") return ask({ do: "mark", members });
        return ask({ do: job.kind === "takeBack" ? "unclaim" : "claim", members });
      }
      // A scan: what it finds is a hint, and old by the time it is acted on.
      const batch = table.members.flatMap((member, index) => (member === wanted(job) ? [index] : []));
      return [{ name: `finds ${batch}`, phase: batch.length > 0 ? { at: "claim", job, batch } : END }];
    },
    hear(phase, request, answer) {
      if (phase.at === "end") return END;
      const { job } = phase;
      if (job.kind === "delete") return blind ? END : afterDelete(job, answer);
      if (phase.at !== "claim" && phase.at !== "add") return END;
      if (request.do === "mark" && answer.done) return { at: "add", job, batch: phase.batch };
      if (answer.done) return { at: "start", job };
      const batch = phase.batch.filter((_, index) => answer.seen[index] === wanted(job));
      return batch.length > 0 ? { at: "claim", job, batch } : { at: "start", job };
    },
    restart: (phase) => (phase.at === "end" ? END : { at: "start", job: phase.job }),
    ended: END,
  };
}

/** Who takes part, and what may happen to each. */
export type Cast = readonly (Job & { readonly resends?: number; readonly crashes?: number })[];

/** Whether every counter is the number of marked friendships: what holds in every state. */
function invariant({ members, hub, others }: Table): string | undefined {
  const marked = members.filter((member) => member === "marked").length;
  const right = hub === marked && members.every((member, at) => others[at] === (member === "marked" ? 1 : 0));
  return right ? undefined : `${marked} are marked, counted are ${hub} and ${others}`;
}

/**
 * Two friendships of one user, one of them there before any counter was, and those who work on them. The real
 * protocol must be right in every state; a flawed one may be wrong in between, so it is judged when all rest.
 */
export function claimProtocol(
  cast: Cast,
  flaw: Flaw = "none",
  members: readonly Member[] = ["unmarked", "-"],
): Model<World<Table, Phase, Request>> {
  const parties = cast.map(({ resends = 0, crashes = 0, ...job }): Party<Phase, Request> => {
    return { phase: { at: "start", job }, waitsFor: null, attempt: 0, resends, crashes };
  });
  const table: Table = { members, hub: 0, others: members.map(() => 0) };
  const rules = behaviour(flaw);
  return {
    start: { table, parties, underway: [] },
    steps: (world) => happenings(world, rules),
    judge: (world, atRest) => (atRest || flaw === "none" ? invariant(world.table) : undefined),
  };
}
