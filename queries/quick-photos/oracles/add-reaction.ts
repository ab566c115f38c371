import type { CheckInput, PlainItem, WriteCheck } from "tablewright/query";
import { addReaction } from "../add-reaction.ts";
import type { Photo, Reaction, ReactionType } from "../entities.ts";
import { REACTION_TYPES, reactionCounts } from "./counts.ts";
import { AT_ONCE, allAtOnce, crowdOf, withCrowd } from "./crowd.ts";
import { photoName, photosBy, reactionsOn, userNamed } from "./groups.ts";
import { required, unknownUser } from "./inputs.ts";
import { isOf, parseSource, type Source } from "./source.ts";

const WHEN = "2019-05-01T12:00:00";

interface NewReaction {
  readonly reactingUser: string;
  readonly reactionType: ReactionType;
  readonly photoUser: string;
  readonly photoTimestamp: string;
  readonly timestamp: string;
}

const photoIn = ({ photoUser, photoTimestamp }: NewReaction) => ({
  username: photoUser,
  timestamp: photoTimestamp,
});

const hasReacted = (source: Source, photo: Photo, reactingUser: string, reactionType: string) =>
  reactionsOn(source, photo).some(
    (reaction) => reaction.reactingUser === reactingUser && reaction.reactionType === reactionType,
  );

/** What a user can still do to a photo. */
function freeReactions(source: Source, photo: Photo) {
  return source.users.flatMap(({ username: reactingUser }) =>
    REACTION_TYPES.filter((type) => !hasReacted(source, photo, reactingUser, type)).map((reactionType) => ({
      reactingUser,
      reactionType,
    })),
  );
}

/** Takes one photo's reactions and its counters away: a photo as it is before any migration and reaction. */
function withBarePhoto(items: readonly PlainItem[]): readonly PlainItem[] {
  const source = parseSource(items);
  const least = [...source.photos].sort(
    (a, b) => reactionsOn(source, a).length - reactionsOn(source, b).length,
  );
  const bare = photoName(required(least, "photo"));
  return items
    .filter((item) => item.photo !== bare)
    .map((item) => {
      const isBare = isOf("photos", item) && photoName(item) === bare;
      return isBare ? { ...item, reactions: undefined } : item;
    });
}

/** The refusal that an input meets, if any. */
function refusalOf(source: Source, input: NewReaction): string | undefined {
  const { reactingUser, reactionType } = input;
  if (!userNamed(source, reactingUser)) return "user-not-found";
  const { username, timestamp } = photoIn(input);
  const photo = photosBy(source, username).find((candidate) => candidate.timestamp === timestamp);
  if (!photo) return "photo-not-found";
  return hasReacted(source, photo, reactingUser, reactionType) ? "already-reacted" : undefined;
}

function reacted(source: Source, input: NewReaction): Source {
  const photo = photoIn(input);
  const { reactingUser, reactionType, timestamp } = input;
  const reaction = { reactingUser, photo: photoName(photo), reactionType, timestamp, counted: true };
  const after = { ...source, reactions: [...source.reactions, reaction] };
  const isIt = (candidate: Photo) =>
    candidate.username === photo.username && candidate.timestamp === photo.timestamp;
  const photos = after.photos.map((candidate) =>
    isIt(candidate) ? { ...candidate, reactions: reactionCounts(after, photo) } : candidate,
  );
  return { ...after, photos };
}

/** A reaction, its mark and the photo's counter in one, on a photo without counters too; refusals change nothing. */
export const addReactionCheck: WriteCheck<Source, NewReaction> = {
  kind: "write",
  pattern: addReaction,
  prepare: withBarePhoto,
  cases(source, random) {
    const react = (
      name: string,
      photo: Pick<Photo, "username" | "timestamp">,
      by: Pick<Reaction, "reactingUser" | "reactionType">,
      empty = false,
    ): CheckInput<NewReaction> => ({
      name,
      input: { ...by, photoUser: photo.username, photoTimestamp: photo.timestamp, timestamp: WHEN },
      empty,
    });
    const bare = required(
      source.photos.filter(({ reactions }) => reactions === undefined),
      "photo without counters",
    );
    const [first, second] = random.sample(freeReactions(source, bare), 2);
    const one = required(first ? [first] : [], "user who can react");
    const counted = required(
      random.sample(
        source.photos.filter(({ reactions }) => reactions !== undefined),
        1,
      ),
      "photo with counters",
    );
    const old = required(random.sample(source.reactions, 1), "reaction");
    const oldPhoto = required(
      source.photos.filter((photo) => photoName(photo) === old.photo),
      "photo reacted to",
    );
    return [
      react("a photo without counters", bare, one),
      ...(second ? [react("the same photo again", bare, second)] : []),
      ...random
        .sample(freeReactions(source, counted), 1)
        .map((by) => react("a photo with counters", counted, by)),
      react("the first reaction once more", bare, one, true),
      react(
        "a reaction of the source",
        oldPhoto,
        { reactingUser: old.reactingUser, reactionType: old.reactionType },
        true,
      ),
      react("a photo that does not exist", { ...bare, timestamp: "1999-01-01T00:00:00" }, one, true),
      react("by a user who does not exist", bare, { ...one, reactingUser: unknownUser(source) }, true),
    ];
  },
  expected(source, reaction) {
    const code = refusalOf(source, reaction);
    return code ? { kind: "refusal", code } : { kind: "done", source: reacted(source, reaction) };
  },
  contention: {
    prepare: (items) => withCrowd(withBarePhoto(items)),
    groups(source) {
      const photo = (hasCounters: boolean) =>
        required(
          source.photos.filter(({ reactions }) => (reactions !== undefined) === hasCounters),
          "photo with counters and one without",
        );
      const reactions = ({ username, timestamp }: Photo) =>
        crowdOf(source).map((reactingUser, index) => ({
          reactingUser,
          reactionType: REACTION_TYPES[index % REACTION_TYPES.length] ?? "heart",
          photoUser: username,
          photoTimestamp: timestamp,
          timestamp: WHEN,
        }));
      const [first] = reactions(photo(true));
      return [
        { name: `${AT_ONCE} reactions to a photo without counters`, inputs: reactions(photo(false)) },
        { name: "the same reaction", inputs: allAtOnce(required(first ? [first] : [], "crowd")) },
      ];
    },
  },
};
