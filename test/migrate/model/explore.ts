/** One thing that can happen in a state of a model: its name, and the state that it leads to. */
export interface Step<State> {
  readonly name: string;
  readonly next: State;
}

/** A model to be explored: plain states, and all that can happen in each. */
export interface Model<State> {
  readonly start: State;
  readonly steps: (state: State) => readonly Step<State>[];
  /** What is wrong with a state; `atRest` where nothing can happen any more. */
  readonly judge: (state: State, atRest: boolean) => string | undefined;
}

/** What an exploration found. */
export interface Exploration {
  /** How many different states there are, or were seen up to the first wrong one. */
  readonly states: number;
  /** The shortest way to the first wrong state, and what is wrong with it; undefined where none is. */
  readonly wrong?: { readonly problem: string; readonly trace: readonly string[] };
}

const MAX_STATES = 2_000_000;

/**
 * Goes through every state that a model can get into, nearest first: a bounded model checker.
 * @throws where there are more states than a test should look at.
 */
export function explore<State>({ start, steps, judge }: Model<State>): Exploration {
  const cameFrom = new Map<string, { readonly before: string; readonly name: string } | undefined>();
  const keyOf = (state: State) => JSON.stringify(state);
  const traceOf = (key: string) => {
    const trace: string[] = [];
    for (let at = cameFrom.get(key); at; at = cameFrom.get(at.before)) trace.unshift(at.name);
    return trace;
  };
  let frontier = [start];
  cameFrom.set(keyOf(start), undefined);
  while (frontier.length > 0) {
    const following: State[] = [];
    for (const state of frontier) {
      const key = keyOf(state);
      const possible = steps(state);
      const problem = judge(state, possible.length === 0);
      if (problem) return { states: cameFrom.size, wrong: { problem, trace: traceOf(key) } };
      for (const { name, next } of possible) {
        const nextKey = keyOf(next);
        if (cameFrom.has(nextKey)) continue;
        cameFrom.set(nextKey, { before: key, name });
        following.push(next);
      }
    }
    if (cameFrom.size > MAX_STATES) throw new Error(`more than ${MAX_STATES} states`);
    frontier = following;
  }
  return { states: cameFrom.size };
}
