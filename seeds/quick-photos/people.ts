import { faker } from "@faker-js/faker/locale/en";
import type { User } from "../../queries/quick-photos/entities.ts";
import { CAST } from "./cast.ts";
import type { Draw } from "./draw.ts";
import { dateOf } from "./times.ts";

const { person, location } = faker.definitions;
/** Cities and countries that photos are drawn from. */
export const CITIES = location.city_name;
export const COUNTRIES = location.country;

const INTERESTS = [
  "architecture",
  "astronomy",
  "baking",
  "birds",
  "camping",
  "ceramics",
  "climbing",
  "coffee",
  "cycling",
  "dance",
  "film",
  "gardening",
  "hiking",
  "jazz",
  "knitting",
  "markets",
  "rivers",
  "running",
  "sailing",
  "street art",
  "surfing",
  "trains",
];
const STATUSES = [
  "Always looking for the light",
  "Back from the coast",
  "Chasing sunsets",
  "Coffee first",
  "Film is not dead",
  "Gone hiking",
  "Learning to see",
  "On the road again",
  "Slow mornings",
  "Weekend photographer",
];
const BIRTH = { from: Date.UTC(1955, 0, 1), days: 49 * 365 };
const MAIL_DOMAINS = ["example.com", "example.net", "example.org"];

/** Someone with a name, before anything else is known. */
export interface Person {
  readonly username: string;
  readonly name: string;
}

/** A name as it is written, and as usernames spell it. */
interface Name {
  readonly written: string;
  readonly spelled: string;
}

/** Names spelled differently. */
function namesOf(written: readonly string[] = []): Name[] {
  const names = new Map(written.map((name) => [name.toLowerCase().replaceAll(/[^a-z]/g, ""), name]));
  return [...names].map(([spelled, name]) => ({ spelled, written: name })).sort(bySpelling);
}

const bySpelling = (a: Name, b: Name) => (a.spelled < b.spelled ? -1 : 1);

// No first name begins another one: "firstlast" can then be read in one way only, and two pairs never
// spell the same username.
const FIRST_NAMES = namesOf(person.first_name.generic).filter(
  ({ spelled }, index, names) => !names[index + 1]?.spelled.startsWith(spelled),
);
const LAST_NAMES = namesOf(person.last_name.generic);
/** How many people there are before first and last names meet again. */
export const NAME_PAIRS = FIRST_NAMES.length * LAST_NAMES.length;

const CAST_PEOPLE: readonly Person[] = Object.entries(CAST).map(([username, name]) => ({ username, name }));
const CAST_USERNAMES = new Set(Object.keys(CAST));

/**
 * People known by their number from 0 up: the cast first. Names follow from the number alone, so that anyone
 * can be named at any time and nobody is held in memory. No two have the same username.
 */
export class People {
  readonly #first: number;
  readonly #stride: number;

  constructor(draw: Draw) {
    this.#first = draw.below(NAME_PAIRS);
    this.#stride = draw.stride(NAME_PAIRS);
  }

  username(number: number): string {
    const known = CAST_PEOPLE[number];
    if (known) return known.username;
    const { first, last, round } = this.#names(number);
    const spelled = `${first.spelled}${last.spelled}`;
    if (round > 0) return `${spelled}${round}`;
    return CAST_USERNAMES.has(spelled) ? `${spelled}0` : spelled;
  }

  person(number: number): Person {
    const known = CAST_PEOPLE[number];
    if (known) return known;
    const { first, last } = this.#names(number);
    return { username: this.username(number), name: `${first.written} ${last.written}` };
  }

  #names(number: number) {
    const other = number - CAST_PEOPLE.length;
    const place = other % NAME_PAIRS;
    const pair = (this.#first + place * this.#stride) % NAME_PAIRS;
    return {
      first: FIRST_NAMES[pair % FIRST_NAMES.length] as Name,
      last: LAST_NAMES[Math.floor(pair / FIRST_NAMES.length)] as Name,
      round: Math.floor(other / NAME_PAIRS),
    };
  }
}

/** What a profile says besides its name; no counters, which come with the migrations. */
export function drawProfile(
  draw: Draw,
  someone: Person,
  about: Pick<User, "pinnedImage" | "recommendedFriends">,
): User {
  const street = `${draw.below(9_999) + 1} ${draw.oneOf(location.street_name)}`;
  const city = `${draw.oneOf(CITIES)}, ${draw.oneOf(location.state_abbr)} ${draw.below(90_000) + 10_000}`;
  return {
    ...someone,
    email: `${someone.username}@${draw.oneOf(MAIL_DOMAINS)}`,
    birthdate: dateOf(BIRTH.from / 1000 + draw.below(BIRTH.days) * 86_400),
    address: `${street}, ${city}`,
    status: draw.oneOf(STATUSES),
    interests: Array.from(
      draw.different(1 + draw.below(5), INTERESTS.length),
      (index) => INTERESTS[index] as string,
    ),
    ...about,
  };
}
