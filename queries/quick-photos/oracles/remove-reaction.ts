import type { CheckInput, PlainItem, WriteCheck } from "tablewright/query";
import type { Photo, Reaction } from "../entities.ts";
import { removeReaction } from "../remove-reaction.ts";
import { A_FEW, allAtOnce, crowdOf, renamed, withCrowd } from "./crowd.ts";
import { photoName } from "./groups.ts";
import { required, unknownUser } from "./inputs.ts";
import { isOf, parseSource, type Source } from "./source.ts";

interface RemovedReaction extends Pick<Reaction, "reactingUser" | "reactionType"> {
  readonly photoUser: string;
  readonly photoTimestamp: string;
}

type Given = Pick<Reaction, "reactingUser" | "reactionType" | "photo">;

const isGiven = (a: Given, b: Given) =>
  a.reactingUser === b.reactingUser && a.reactionType === b.reactionType && a.photo === b.photo;

/** A photo's counters with one reaction more, or with so many. */
function more<Of extends Pick<Photo, "reactions">>(photo: Of, { reactionType }: Given, count: number): Of {
  const { reactions = {} } = photo;
  return { ...photo, reactions: { ...reactions, [reactionType]: (reactions[reactionType] ?? 0) + count } };
}

/** A photo's counters less one reaction. */
const less = <Of extends Pick<Photo, "reactions">>(photo: Of, reaction: Given): Of =>
  more(photo, reaction, -1);

/** The input that takes a reaction back. */
function inputOf({ reactingUser, reactionType, photo }: Given): RemovedReaction {
  const [, photoUser = "", photoTimestamp = ""] = photo.split("#");
  return { reactingUser, reactionType, photoUser, photoTimestamp };
}

/**
 * Makes one reaction old, unmarked and not in the photo's counters, as before its migration; and takes the
 * photo of another away. The first reaction stays as it is.
 */
function withOldReactions(items: readonly PlainItem[]): readonly PlainItem[] {
  const [first, old, ...others] = parseSource(items).reactions;
  const outlived = others.find(({ photo }) => photo !== first?.photo && photo !== old?.photo)?.photo;
  const nameOf = (item: PlainItem) => (isOf("photos", item) ? photoName(item) : undefined);
  return items
    .filter((item) => outlived === undefined || nameOf(item) !== outlived)
    .map((item) => {
      if (!old) return item;
      if (isOf("photos", item) && photoName(item) === old.photo) return less(item, old);
      const isOld = isOf("reactions", item) && isGiven(item, old);
      return isOld ? { ...item, counted: undefined } : item;
    });
}

/** Has a crowd react to a photo as somebody has done already: the reactions are copies of the one there is. */
function withCrowdOfReactions(items: readonly PlainItem[]): readonly PlainItem[] {
  const source = parseSource(items);
  const photos = new Set(source.photos.map(photoName));
  const counted = (item: PlainItem): item is PlainItem & Source["reactions"][number] =>
    isOf("reactions", item) &&
    item.counted === true &&
    photos.has(item.photo) &&
    // A copy by another name must be of the same photo.
    inputOf(item).photoUser !== item.reactingUser;
  const reaction = required(items.filter(counted), "reaction of another user that is counted");
  const crowd = crowdOf(source);
  const counting = withCrowd(items).map((item) =>
    isOf("photos", item) && photoName(item) === reaction.photo ? more(item, reaction, crowd.length) : item,
  );
  const reactions = crowd.map((name) => renamed(reaction, new Map([[reaction.reactingUser, name]])));
  return [...counting, ...reactions];
}

/** A reaction goes, and the photo's counter if it includes it; what is not there is refused and changes nothing. */
export const removeReactionCheck: WriteCheck<Source, RemovedReaction> = {
  kind: "write",
  pattern: removeReaction,
  prepare: withOldReactions,
  cases(source, random) {
    const photoOf = ({ photo }: Given) => source.photos.find((candidate) => photoName(candidate) === photo);
    const remove = (name: string, reaction: Given, empty = false): CheckInput<RemovedReaction> => ({
      name,
      input: inputOf(reaction),
      empty,
    });
    const { reactions } = source;
    const counted = reactions.filter((reaction) => reaction.counted && photoOf(reaction));
    const reaction = required(random.sample(counted, 1), "reaction that is counted");
    return [
      remove(`${reaction.reactingUser} takes ${reaction.reactionType} back`, reaction),
      ...reactions
        .filter((candidate) => !candidate.counted)
        .map((old) => remove("a reaction that no counter includes", old)),
      ...random
        .sample(
          reactions.filter((candidate) => !photoOf(candidate)),
          1,
        )
        .map((outlived) => remove("a reaction to a photo that is gone", outlived)),
      remove("the same once more", reaction, true),
      remove("by a user who does not exist", { ...reaction, reactingUser: unknownUser(source) }, true),
      remove(
        "a photo that does not exist",
        { ...reaction, photo: `${reaction.photo.slice(0, -19)}1999-01-01T00:00:00` },
        true,
      ),
    ];
  },
  expected(source, { photoUser, photoTimestamp, ...given }) {
    const photo = photoName({ username: photoUser, timestamp: photoTimestamp });
    const reaction = source.reactions.find((candidate) => isGiven(candidate, { ...given, photo }));
    if (!reaction) return { kind: "refusal", code: "not-reacted" };
    const reactions = source.reactions.filter((candidate) => candidate !== reaction);
    const photos = source.photos.map((candidate) =>
      reaction.counted && photoName(candidate) === photo ? less(candidate, reaction) : candidate,
    );
    return { kind: "done", source: { ...source, reactions, photos } };
  },
  contention: {
    prepare: withCrowdOfReactions,
    groups(source) {
      const crowd = new Set(crowdOf(source));
      const inputs = source.reactions.filter(({ reactingUser }) => crowd.has(reactingUser)).map(inputOf);
      return [
        { name: "one reaction taken back", inputs: allAtOnce(required(inputs, "crowd of reactions"), A_FEW) },
        { name: `${A_FEW} reactions to one photo taken back`, inputs: inputs.slice(1, 1 + A_FEW) },
      ];
    },
  },
};
