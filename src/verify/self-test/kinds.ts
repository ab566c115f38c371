/** The mistakes that a self-test makes, each in words for people. */
export const MUTATION_KINDS = {
  itemDropped: "an item dropped",
  itemAdded: "an item too many",
  valueChanged: "a value changed",
  offByOne: "a number off by one",
  attributeLost: "an attribute or mark lost",
  orderFlipped: "the order flipped",
  wrongIndex: "another index, or none",
  pageLost: "a page lost",
  cursorIgnored: "the cursor ignored",
  limitIgnored: "the limit ignored",
  refusalLost: "a refusal turned into success",
  traceLeft: "a refusal that writes all the same",
  writeLost: "one write of a transaction lost",
  wrongKey: "an item under a wrong key",
} as const;

/** One kind of mistake. */
export type MutationKind = keyof typeof MUTATION_KINDS;

/** Every kind, in the order of the report. */
export const ALL_KINDS = Object.keys(MUTATION_KINDS) as MutationKind[];
