import { photoReference } from "../../queries/quick-photos/keys.ts";

/** Users whom the guide's commands name: they are there whatever the seed. */
export const CAST: Readonly<Record<string, string>> = {
  jacksonjason: "John Perry",
  haroldwatkins: "Harold Watkins",
  david25: "David Price",
  ppierce: "Paula Pierce",
  kennedyheather: "Heather Kennedy",
  tmartinez: "Teresa Martinez",
  john42: "John Hall",
};

/** A photo on which the guide counts reactions of every type, from many users. */
export const LOVED_PHOTO = { username: "david25", timestamp: "2019-03-02T09:11:30" };
export const LOVED_PHOTO_REACTIONS = 24;

/** A photo to which the guide adds a reaction: kennedyheather's `sunglasses` are not there yet. */
export const AWAITING_PHOTO = { username: "ppierce", timestamp: "2019-04-14T08:09:34" };

/** The photos of the cast that the guide names by their time. */
export const CAST_PHOTOS = [
  LOVED_PHOTO,
  AWAITING_PHOTO,
  { username: "jacksonjason", timestamp: "2019-03-30T02:28:42" },
];

/** Who follows whom, whatever the seed. */
export const CAST_FRIENDSHIPS = ["david25", "jacksonjason", "kennedyheather", "ppierce", "tmartinez"].map(
  (followedUser) => ({ followedUser, followingUser: "haroldwatkins" }),
);

/** john42 does not follow tmartinez: the guide makes that friendship. */
export function isReservedFriendship(followedUser: string, followingUser: string): boolean {
  return followedUser === "tmartinez" && followingUser === "john42";
}

/** kennedyheather's `sunglasses` on the awaiting photo: the guide makes that reaction. */
export function isReservedReaction(reactingUser: string, reactionType: string, photo: string): boolean {
  return (
    reactingUser === "kennedyheather" &&
    reactionType === "sunglasses" &&
    photo === photoReference(AWAITING_PHOTO)
  );
}

/** A reaction that the guide shows. */
export const SHOWN_REACTION = { reactingUser: "kennedyheather", reactionType: "+1" } as const;
