import type { WriteCheck } from "tablewright/query";
import type { User } from "../entities.ts";
import { updateUser } from "../update-user.ts";
import { A_FEW, allAtOnce } from "./crowd.ts";
import { userNamed } from "./groups.ts";
import { required, unknownUser } from "./inputs.ts";
import type { Source } from "./source.ts";

interface Update {
  readonly username: string;
  readonly set?: Partial<User>;
  readonly unset?: readonly string[];
}

function updated(user: User, { set = {}, unset = [] }: Update): User {
  const kept = Object.entries({ ...user, ...set }).filter(([name]) => !unset.includes(name));
  return Object.fromEntries(kept) as User;
}

/** Only the named attributes change, counters among those that do not; an unknown user is refused. */
export const updateUserCheck: WriteCheck<Source, Update> = {
  kind: "write",
  pattern: updateUser,
  cases(source, random) {
    const { username } = required(random.sample(source.users, 1), "user");
    const set = { name: "Another Name", status: "moved house", interests: ["chess"] };
    return [
      { name: `${username}: three attributes set`, input: { username, set } },
      {
        name: `${username}: one set, two removed`,
        input: { username, set: { address: "2 Side Street" }, unset: ["status", "interests"] },
      },
      { name: `${username}: one removed that is not there`, input: { username, unset: ["status"] } },
      { name: "a user who does not exist", input: { username: unknownUser(source), set }, empty: true },
    ];
  },
  expected(source, update) {
    if (!userNamed(source, update.username)) return { kind: "refusal", code: "user-not-found" };
    const users = source.users.map((user) =>
      user.username === update.username ? updated(user, update) : user,
    );
    return { kind: "done", source: { ...source, users } };
  },
  contention: {
    groups(source, random) {
      const { username } = required(random.sample(source.users, 1), "user");
      const sets = [{ address: "1 Crowd Street" }, { status: "in a crowd" }];
      return [
        {
          name: `changes of two attributes of ${username}`,
          inputs: sets.flatMap((set) => allAtOnce({ username, set }, A_FEW / sets.length)),
        },
      ];
    },
  },
};
