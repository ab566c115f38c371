import { CHANGING_KEY_PREFIXES } from "../../../queries/quick-photos/keys.ts";

const beginsWithOneOf = (prefixes: readonly string[]) => ({ S: prefixes.map((prefix) => ({ prefix })) });

/**
 * Which changes wake the function: whatever appears or goes, and what changes in a profile or a photo.
 * Reactions and friendships never change; a migration that marks a million of them wakes nobody.
 */
export const filters: readonly object[] = [
  { eventName: ["INSERT", "REMOVE"] },
  {
    eventName: ["MODIFY"],
    dynamodb: {
      Keys: Object.fromEntries(
        Object.entries(CHANGING_KEY_PREFIXES).map(([name, prefixes]) => [name, beginsWithOneOf(prefixes)]),
      ),
    },
  },
];
