import type { Random } from "../../query/oracle.ts";

/** A text that must not be taken for a cursor, and what is wrong with it. */
export interface WrongCursor {
  readonly cursor: string;
  /** Without anything that stands in items: `with character 3 changed`. */
  readonly what: string;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Each kind of damage is done in so many places. */
const PLACES = 4;

/** A cursor with one character changed, cut or added, in places that are drawn; and with its last one cut. */
export function damagedCursors(cursor: string, random: Random): WrongCursor[] {
  const places = [...cursor].map((_, place) => place);
  const letterBut = (letter = "") =>
    random.sample(
      [...ALPHABET].filter((other) => other !== letter),
      1,
    )[0] ?? "A";
  const damage = (what: string, put: (place: number) => string): WrongCursor[] =>
    random.sample(places, PLACES).map((place) => ({
      cursor: cursor.slice(0, place) + put(place),
      what: `with character ${place + 1} ${what}`,
    }));
  return [
    ...damage("changed", (place) => letterBut(cursor[place]) + cursor.slice(place + 1)),
    ...damage("cut", (place) => cursor.slice(place + 1)),
    ...damage("added", (place) => letterBut() + cursor.slice(place)),
    { cursor: cursor.slice(0, -1), what: "with its last character cut" },
    { cursor: `${cursor}A`, what: "with one more character" },
  ].filter((wrong) => wrong.cursor !== cursor);
}
