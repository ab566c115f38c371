import { ENTITIES, PAGE, USERNAME } from "./data.ts";

/** A pattern that every contestant runs: what it asks, and what its answer must hold. */
export interface BenchedPattern {
  readonly id: string;
  /** Pages of items in an answer; a single item counts as none. */
  readonly pages: number;
  /** Requests that the design needs: no contestant can do with fewer. */
  readonly requests: number;
  readonly input: Readonly<Record<string, unknown>>;
  /** The rows of a right answer, in order. */
  readonly rows: readonly object[];
}

export const PATTERNS: readonly BenchedPattern[] = [
  { id: "fetch-user", pages: 0, requests: 1, input: { username: USERNAME }, rows: [ENTITIES.user] },
  { id: "find-followers", pages: 1, requests: 1, input: { username: USERNAME }, rows: ENTITIES.followers },
  {
    id: "recent-photos",
    pages: 1,
    requests: 1,
    input: { username: USERNAME, limit: PAGE },
    rows: ENTITIES.photos,
  },
  {
    id: "find-and-enrich-following",
    pages: 2,
    requests: 2,
    input: { username: USERNAME },
    rows: ENTITIES.followed,
  },
];

/** A contestant's way to run each pattern: resolves to the rows of the answer. */
export type Runners = Readonly<Record<string, () => Promise<readonly unknown[]>>>;
