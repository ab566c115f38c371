import type { Step } from "./explore.ts";

/** A request that was sent: by whom, what it asks, and in which attempt. */
export interface Sent<Request> {
  readonly from: number;
  readonly attempt: number;
  readonly ask: Request;
}

/** Somebody who sends requests, one at a time. */
export interface Party<Phase, Request> {
  readonly phase: Phase;
  /** The request whose answer it waits for. */
  readonly waitsFor: Request | null;
  readonly attempt: number;
  /** How often it may still send again what was not answered. */
  readonly resends: number;
  /** How often it may still be killed and started anew. */
  readonly crashes: number;
}

/** A table, those who work on it, and the requests under way. */
export interface World<Table, Phase, Request> {
  readonly table: Table;
  readonly parties: readonly Party<Phase, Request>[];
  readonly underway: readonly Sent<Request>[];
}

/** What a party does: where it is without a request, and what an answer tells it. */
export interface Behaviour<Table, Phase, Request, Answer> {
  /** Carries a request out as DynamoDB does, in one step: the table afterwards, and the answer. */
  readonly apply: (table: Table, request: Request) => { table: Table; answer: Answer };
  /** What a party can do when it waits for nothing: `ask` sends a request. None: it has ended. */
  readonly act: (
    phase: Phase,
    table: Table,
    party: number,
  ) => readonly { name: string; phase: Phase; ask?: Request; table?: Table }[];
  /** Where an answer brings a party. */
  readonly hear: (phase: Phase, request: Request, answer: Answer) => Phase;
  /** Where a party that was killed starts anew. */
  readonly restart: (phase: Phase) => Phase;
  /** Where a party ends that never gets an answer. */
  readonly ended: Phase;
}

const inOrder = <Request>(sent: readonly Sent<Request>[]): readonly Sent<Request>[] =>
  [...sent].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

/**
 * Everything that can happen next. A request is carried out at any time after it was sent, at most once, also
 * when its sender has given it up; its answer comes or is lost; what is not answered is sent again; a party is
 * killed at any time. So late, repeated and lost requests are all among the ways.
 */
export function happenings<Table, Phase, Request, Answer>(
  world: World<Table, Phase, Request>,
  { apply, act, hear, restart, ended }: Behaviour<Table, Phase, Request, Answer>,
): Step<World<Table, Phase, Request>>[] {
  const { table, parties, underway } = world;
  const steps: Step<World<Table, Phase, Request>>[] = [];
  const withParty = (index: number, changes: Partial<Party<Phase, Request>>) =>
    parties.map((party, at) => (at === index ? { ...party, ...changes } : party));

  for (const [at, { from, attempt, ask }] of underway.entries()) {
    const { table: after, answer } = apply(table, ask);
    const rest = underway.filter((_, index) => index !== at);
    const name = `${from} ${JSON.stringify(ask)} is carried out: ${JSON.stringify(answer)}`;
    const party = parties[from];
    steps.push({ name: `${name}, answer lost`, next: { table: after, parties, underway: rest } });
    if (party?.waitsFor && party.attempt === attempt) {
      const heard = withParty(from, { phase: hear(party.phase, ask, answer), waitsFor: null, attempt: 0 });
      steps.push({ name, next: { table: after, parties: heard, underway: rest } });
    }
  }
  for (const [index, party] of parties.entries()) {
    const { phase, waitsFor, attempt, resends, crashes } = party;
    // Numbers are used again, and requests under way have no order: else equal states would look different.
    const own = underway.filter(({ from }) => from === index).map((sent) => sent.attempt);
    const free = [1, 2, 3, 4, 5, 6].find((number) => !own.includes(number)) ?? 7;
    const send = (ask: Request) => inOrder([...underway, { from: index, attempt: free, ask }]);
    const step = (name: string, changes: Partial<Party<Phase, Request>>, after = table, sent = underway) =>
      steps.push({
        name: `${index} ${name}`,
        next: { table: after, parties: withParty(index, changes), underway: sent },
      });
    const acts = waitsFor ? [] : act(phase, table, index);
    for (const { name, phase: then, ask, table: after } of acts) {
      const changes = { phase: then, ...(ask ? { waitsFor: ask, attempt: free } : {}) };
      step(name, changes, after, ask ? send(ask) : underway);
    }
    if (waitsFor && resends > 0) {
      step("sends again", { attempt: free, resends: resends - 1 }, table, send(waitsFor));
    } else if (waitsFor && !own.includes(attempt)) {
      step("gives up", { phase: ended, waitsFor: null, attempt: 0 });
    }
    if (crashes > 0 && (waitsFor || acts.length > 0)) {
      step("is killed", { phase: restart(phase), waitsFor: null, attempt: 0, crashes: crashes - 1 });
    }
  }
  return steps;
}
