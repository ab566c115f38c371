import type { WriteCheck } from "tablewright/query";
import { createUser } from "../create-user.ts";
import type { User } from "../entities.ts";
import { A_FEW, allAtOnce } from "./crowd.ts";
import { userNamed } from "./groups.ts";
import { required, unknownUser } from "./inputs.ts";
import type { Source } from "./source.ts";

/** A new user starts with counters at 0; a username that is taken is refused. */
export const createUserCheck: WriteCheck<Source, User> = {
  kind: "write",
  pattern: createUser,
  cases(source, random) {
    const username = unknownUser(source);
    const profile = { name: "New Here", email: "new.here@example.com" };
    const whole = {
      username: `${username}-too`,
      ...profile,
      birthdate: "1990-05-17",
      address: "1 Main Street",
      status: "just arrived",
      interests: ["sailing", "chess"],
      pinnedImage: "none yet",
      recommendedFriends: [username],
    };
    const taken = required(random.sample(source.users, 1), "user").username;
    return [
      { name: `new user ${username} with the least`, input: { username, ...profile } },
      { name: `new user ${whole.username} with everything`, input: whole },
      { name: `${username} once more`, input: { username, ...profile }, empty: true },
      { name: `${taken}, who is in the source`, input: { username: taken, ...profile }, empty: true },
    ];
  },
  expected(source, user) {
    if (userNamed(source, user.username)) return { kind: "refusal", code: "user-exists" };
    const created = { ...user, followers: 0, following: 0 };
    return { kind: "done", source: { ...source, users: [...source.users, created] } };
  },
  contention: {
    groups(source) {
      const profile = { name: "New Here", email: "new.here@example.com" };
      return [
        {
          name: "the same new user",
          inputs: allAtOnce({ username: unknownUser(source), ...profile }, A_FEW),
        },
      ];
    },
  },
};
