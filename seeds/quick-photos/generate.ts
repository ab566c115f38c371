import {
  type Friendship,
  friendshipItem,
  type Photo,
  photoItem,
  REACTION_TYPES,
  type Reaction,
  type ReactionType,
  reactionItem,
  userItem,
} from "../../queries/quick-photos/entities.ts";
import { photoReference } from "../../queries/quick-photos/keys.ts";
import {
  CAST,
  CAST_FRIENDSHIPS,
  CAST_PHOTOS,
  isReservedFriendship,
  isReservedReaction,
  LOVED_PHOTO,
  LOVED_PHOTO_REACTIONS,
  SHOWN_REACTION,
} from "./cast.ts";
import { Draw } from "./draw.ts";
import { CITIES, COUNTRIES, drawProfile, People } from "./people.ts";
import { secondsOf, timestampOf } from "./times.ts";

/** How much is made, and which: the same options make the same items, byte for byte. */
export interface GenerateOptions {
  /** Number of users; the items are about twenty times as many. */
  readonly users: number;
  readonly seed: number;
  /** Number of photos of all users together. Default: three for each user. */
  readonly photos?: number | undefined;
}

/** What `seed generate` can be told besides --users, --seed and --out: option names and what --help says. */
export const options = { photos: "how many photos in all; default three for each user" };

const PHOTOS_A_USER = 3;
/** The cast, and a few for them to meet. */
const LEAST_USERS = Object.keys(CAST).length + 3;
/** One user's photos are held at a time, and no two are taken in the same second of a year. */
const MOST_PHOTOS_A_USER = 1_000_000;

// Fixed dates: the data must not depend on the day on which they are made.
const FIRST_PHOTO = secondsOf("2018-06-01T00:00:00");
const SECONDS_OF_PHOTOS = 365 * 24 * 60 * 60;
const LONGEST_WAIT_SECONDS = 14 * 24 * 60 * 60;

/** As often as they are drawn. */
const DRAWN_REACTION_TYPES: readonly ReactionType[] = [
  ...Array<ReactionType>(4).fill("+1"),
  ...Array<ReactionType>(2).fill("smiley"),
  "sunglasses",
  ...Array<ReactionType>(5).fill("heart"),
];

/** Draws one user's neighbourhood after the other, and holds one user's photo times and nothing else. */
class Neighbourhoods {
  readonly #draw: Draw;
  readonly #people: People;
  /** Everyone but the last, who has just joined: no photos, no friends, no reactions. */
  readonly #active: number;
  /** Photos besides the cast's. */
  readonly #drawnPhotos: number;
  #photosSoFar = 0;

  constructor({ users, seed, photos = users * PHOTOS_A_USER }: GenerateOptions) {
    this.#draw = new Draw(seed);
    this.#people = new People(this.#draw);
    this.#active = users - 1;
    this.#drawnPhotos = photos - CAST_PHOTOS.length;
  }

  *of(user: number): Generator<object> {
    const isNew = user === this.#active;
    const person = this.#people.person(user);
    const times = isNew ? [] : this.#photoTimes(user, person.username);
    yield userItem(drawProfile(this.#draw, person, this.#about(user, person.username, times)));
    if (isNew) return;
    const followers = this.#draw.tail(2.2, this.#active - 1);
    yield* this.#friendships(user, person.username, followers);
    for (const time of times) yield* this.#photo(person.username, time, followers);
  }

  #about(user: number, username: string, times: readonly number[]) {
    const pinned = times.length > 0 ? timestampOf(this.#draw.oneOf(times)) : undefined;
    const recommendedFriends = Array.from(this.#others(user, this.#draw.below(4)), (other) =>
      this.#people.username(other),
    );
    return {
      ...(pinned && { pinnedImage: photoReference({ username, timestamp: pinned }) }),
      recommendedFriends,
    };
  }

  /** Different active users, not this one. */
  *#others(user: number, count: number): Generator<number> {
    // Who joined last is not active: there is one more to choose from.
    const end = user === this.#active ? this.#active : this.#active - 1;
    for (const other of this.#draw.different(count, end)) yield other < user ? other : other + 1;
  }

  *#friendships(user: number, followedUser: string, count: number): Generator<object> {
    const certain = CAST_FRIENDSHIPS.filter((friendship) => friendship.followedUser === followedUser);
    for (const { followingUser } of certain) yield this.#friendship({ followedUser, followingUser });
    for (const other of this.#others(user, count)) {
      const followingUser = this.#people.username(other);
      if (certain.some((friendship) => friendship.followingUser === followingUser)) continue;
      if (isReservedFriendship(followedUser, followingUser)) continue;
      yield this.#friendship({ followedUser, followingUser });
    }
  }

  #friendship(friends: Omit<Friendship, "timestamp">): object {
    const timestamp = timestampOf(FIRST_PHOTO + this.#draw.below(SECONDS_OF_PHOTOS));
    return friendshipItem({ ...friends, timestamp });
  }

  /**
   * How many of the drawn photos this user took: from none to twice the average. The sum of all users' is
   * what was asked for: each begins where the one before ended, somewhere in a share of equal width.
   */
  #photoCount(user: number): number {
    const isLast = user === this.#active - 1;
    const place = isLast ? this.#active : user + 1 + this.#draw.fraction();
    const end = Math.min(this.#drawnPhotos, Math.floor((place * this.#drawnPhotos) / this.#active));
    const count = end - this.#photosSoFar;
    this.#photosSoFar = end;
    return count;
  }

  /** When a user's photos were taken, in seconds since 1970, oldest first: one in each of equal parts of the year. */
  #photoTimes(user: number, username: string): number[] {
    const certain = CAST_PHOTOS.find((photo) => photo.username === username);
    const count = this.#photoCount(user) + (certain ? 1 : 0);
    const part = Math.floor(SECONDS_OF_PHOTOS / count);
    const times = Array.from(
      { length: count },
      (_, index) => FIRST_PHOTO + index * part + this.#draw.below(part),
    );
    if (certain) {
      const time = secondsOf(certain.timestamp);
      times[Math.min(count - 1, Math.floor((time - FIRST_PHOTO) / part))] = time;
    }
    return times;
  }

  *#photo(username: string, time: number, followers: number): Generator<object> {
    const location = `${this.#draw.oneOf(CITIES)}, ${this.#draw.oneOf(COUNTRIES)}`;
    const photo: Photo = { username, timestamp: timestampOf(time), location };
    yield photoItem(photo);
    const isLoved = username === LOVED_PHOTO.username && photo.timestamp === LOVED_PHOTO.timestamp;
    yield* isLoved ? this.#lovedReactions(photo, time) : this.#reactions(photo, time, followers);
  }

  *#reactions(photo: Photo, time: number, followers: number): Generator<object> {
    const reference = photoReference(photo);
    // Who has many followers gets many reactions.
    const count = this.#draw.tail(1.5 + Math.min(followers, 50) / 20, this.#active);
    for (const user of this.#draw.different(count, this.#active)) {
      const reactingUser = this.#people.username(user);
      const reactionType = this.#draw.oneOf(DRAWN_REACTION_TYPES);
      if (isReservedReaction(reactingUser, reactionType, reference)) continue;
      yield this.#reaction({ reactingUser, reactionType, photo: reference }, time);
    }
  }

  /** Every type, from several users, and the reaction that the guide shows. */
  *#lovedReactions(photo: Photo, time: number): Generator<object> {
    const reference = photoReference(photo);
    yield this.#reaction({ ...SHOWN_REACTION, photo: reference }, time);
    let given = 1;
    for (const user of this.#draw.different(LOVED_PHOTO_REACTIONS, this.#active)) {
      const reactingUser = this.#people.username(user);
      if (reactingUser === SHOWN_REACTION.reactingUser || given === LOVED_PHOTO_REACTIONS) continue;
      const reactionType = REACTION_TYPES[given % REACTION_TYPES.length] as ReactionType;
      yield this.#reaction({ reactingUser, reactionType, photo: reference }, time);
      given += 1;
    }
  }

  #reaction(reaction: Omit<Reaction, "timestamp">, taken: number): object {
    const timestamp = timestampOf(taken + 1 + this.#draw.below(LONGEST_WAIT_SECONDS));
    return reactionItem({ ...reaction, timestamp });
  }
}

/** @throws {RangeError} where the options ask for what cannot be made. */
function checkOptions({ users, photos }: GenerateOptions): void {
  if (users < LEAST_USERS) throw new RangeError(`at least ${LEAST_USERS} users are needed`);
  if (photos === undefined) return;
  const least = CAST_PHOTOS.length;
  if (photos < least) throw new RangeError(`at least ${least} photos are needed: the guide names them`);
  const most = users * MOST_PHOTOS_A_USER;
  if (photos > most) throw new RangeError(`${users} users have at most ${most} photos`);
}

/**
 * Makes the items of Quick Photos: users with their followers, photos and reactions, one user after the
 * other, in memory that does not grow with their number. As in a table that grew without them, users carry
 * no counts of followers, and photos none of reactions. Everything that an item names is there: users,
 * photos, friends. A few users have very many followers, a few photos very many reactions.
 */
export default function* generate(options: GenerateOptions): Generator<object> {
  checkOptions(options);
  const neighbourhoods = new Neighbourhoods(options);
  for (let user = 0; user < options.users; user += 1) yield* neighbourhoods.of(user);
}
