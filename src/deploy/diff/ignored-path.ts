/** `globalSecondaryIndexes[*].readCapacity` as its parts. */
const partsOf = (path: string) => path.split(/[.[\]"]+/).filter(Boolean);

/** An element of a set is told by its name here and by its place there, so a place stands for any. */
const matches = (part: string, wanted: string | undefined) =>
  part === "*" || /^\d+$/.test(part) || part === wanted;

/**
 * The entry of `ignoreChanges` that covers a property, or undefined where none does. An entry covers what it
 * names and all below it (Pulumi docs, "ignoreChanges").
 */
export function ignoringPath(path: string, ignoreChanges: readonly string[]): string | undefined {
  const wanted = partsOf(path);
  return ignoreChanges.find((entry) => partsOf(entry).every((part, place) => matches(part, wanted[place])));
}
