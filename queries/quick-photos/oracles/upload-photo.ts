import type { WriteCheck } from "tablewright/query";
import type { Photo } from "../entities.ts";
import { uploadPhoto } from "../upload-photo.ts";
import { A_FEW, allAtOnce } from "./crowd.ts";
import { photosBy, userNamed } from "./groups.ts";
import { required, unknownUser } from "./inputs.ts";
import type { Source } from "./source.ts";

/** A time at which no photo of the source was taken. */
const FREE_TIME = "1999-12-31T23:59:59";

/** A new photo starts with four counters at 0; an unknown user and a time that is taken are refused. */
export const uploadPhotoCheck: WriteCheck<Source, Photo> = {
  kind: "write",
  pattern: uploadPhoto,
  cases(source, random) {
    const { username } = required(random.sample(source.users, 1), "user");
    const taken = required(random.sample(source.photos, 1), "photo");
    const photo = { username, timestamp: FREE_TIME, location: "the harbour" };
    const again = { username: taken.username, timestamp: taken.timestamp };
    return [
      { name: `${username}, a new photo`, input: photo },
      { name: `${username}, one without a location`, input: { username, timestamp: `${FREE_TIME}.5` } },
      { name: `${username}, the new photo once more`, input: photo, empty: true },
      { name: `${taken.username}, a photo of the source`, input: again, empty: true },
      {
        name: "a user who does not exist",
        input: { ...photo, username: unknownUser(source) },
        empty: true,
      },
    ];
  },
  expected(source, photo) {
    if (!userNamed(source, photo.username)) return { kind: "refusal", code: "user-not-found" };
    const taken = photosBy(source, photo.username).some(({ timestamp }) => timestamp === photo.timestamp);
    if (taken) return { kind: "refusal", code: "photo-exists" };
    const uploaded = { ...photo, reactions: { "+1": 0, smiley: 0, sunglasses: 0, heart: 0 } };
    return { kind: "done", source: { ...source, photos: [...source.photos, uploaded] } };
  },
  contention: {
    groups(source, random) {
      const { username } = required(random.sample(source.users, 1), "user");
      const photo = { username, timestamp: FREE_TIME, location: "the harbour" };
      return [{ name: `the same photo of ${username}`, inputs: allAtOnce(photo, A_FEW) }];
    },
  },
};
