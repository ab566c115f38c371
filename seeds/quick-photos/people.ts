import type { Faker } from "@faker-js/faker";
import type { User } from "../../queries/quick-photos/entities.ts";
import { CAST } from "./cast.ts";

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
const MAIL_DOMAINS = ["example.com", "example.net", "example.org"];

/** Someone with a name, before anything else is known. */
export interface Person {
  readonly username: string;
  readonly name: string;
}

function spellUsername(faker: Faker, first: string, last: string): string {
  const style = faker.number.int({ max: 3 });
  const number = faker.number.int({ min: 1, max: 99 });
  const spelled = [`${first}${number}`, `${first[0]}${last}`, `${first}${last}`, `${last}${first}`][style];
  return (spelled ?? first).toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

/** The cast, and others up to `count`, no two with the same username. */
export function drawPeople(faker: Faker, count: number): Person[] {
  const people: Person[] = Object.entries(CAST).map(([username, name]) => ({ username, name }));
  const taken = new Set(people.map(({ username }) => username));
  while (people.length < count) {
    const first = faker.person.firstName();
    const last = faker.person.lastName();
    const spelled = spellUsername(faker, first, last);
    const username = taken.has(spelled) ? `${spelled}${people.length}` : spelled;
    if (taken.has(username)) continue;
    taken.add(username);
    people.push({ username, name: `${first} ${last}` });
  }
  return people;
}

/** What a profile says besides its name; no counters, which come with the migrations. */
export function drawProfile(
  faker: Faker,
  person: Person,
  about: Pick<User, "pinnedImage" | "recommendedFriends">,
): User {
  const { location, date, helpers } = faker;
  const born = date.between({ from: "1955-01-01T00:00:00Z", to: "2003-12-31T00:00:00Z" });
  const city = `${location.city()}, ${location.state({ abbreviated: true })} ${location.zipCode("#####")}`;
  return {
    ...person,
    email: `${person.username}@${helpers.arrayElement(MAIL_DOMAINS)}`,
    birthdate: born.toISOString().slice(0, 10),
    address: `${location.streetAddress()}, ${city}`,
    status: helpers.arrayElement(STATUSES),
    interests: helpers.arrayElements(INTERESTS, { min: 1, max: 5 }),
    ...about,
  };
}
