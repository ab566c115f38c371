import type { CheckInput, Expectation, Random } from "tablewright/query";
import type { User } from "../entities.ts";
import type { Source } from "./source.ts";

/** A username that no user of the source has. */
export function unknownUser(source: Source): string {
  const names = new Set(source.users.map(({ username }) => username));
  let name = "nobody";
  while (names.has(name)) name += "0";
  return name;
}

/** The first element; where there is none, the source lacks what a check needs, and the check must not pass. */
export function required<T>(elements: readonly T[], what: string): T {
  const [first] = elements;
  if (first === undefined) throw new Error(`the source has no ${what}, so this pattern cannot be judged`);
  return first;
}

/** The answer to a question about a username. */
export const rowsOf = (compare: "ordered" | "bag", rows: readonly unknown[]): Expectation => ({
  kind: "rows",
  compare,
  rows,
});

/** The input of a question about a user. */
export type ByUsername = Pick<User, "username">;

/** The element with the most of something, and others drawn at random: `count` together. */
export function mostAndSample<T>(
  elements: readonly T[],
  random: Random,
  count: number,
  size: (element: T) => number,
): T[] {
  const [most, ...rest] = [...elements].sort((a, b) => size(b) - size(a));
  return most === undefined ? [] : [most, ...random.sample(rest, count - 1)];
}

/**
 * Inputs that are usernames: the user with the most rows and others that have some, one user who has none,
 * and a name that nobody has.
 * @param rows how many rows each user's answer has
 * @param what what the rows are, for reports: "followers"
 */
export function userInputs(
  source: Source,
  random: Random,
  count: number,
  what: string,
  rows: (username: string) => number,
): CheckInput<ByUsername>[] {
  const users = source.users.map(({ username }) => ({ username, size: rows(username) }));
  const some = users.filter(({ size }) => size > 0);
  const none = users.filter(({ size }) => size === 0);
  return [
    ...mostAndSample(some, random, count, ({ size }) => size).map(({ username, size }) => ({
      name: `${username}, ${size} ${what}`,
      input: { username },
    })),
    ...random.sample(none, 1).map(({ username }) => ({
      name: `${username}, no ${what}`,
      input: { username },
      empty: true,
    })),
    { name: "a user who does not exist", input: { username: unknownUser(source) }, empty: true },
  ];
}

/** The users of the lab's examples who are in the source: a table of somebody's own has others. */
export const exampleUsers = (source: Source, ...usernames: string[]): CheckInput<ByUsername>[] =>
  usernames
    .filter((username) => source.users.some((user) => user.username === username))
    .map((username) => ({ name: `${username}, an example`, input: { username } }));
