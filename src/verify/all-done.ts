/**
 * Waits for all, also where one of them fails: each may have a table to delete.
 * @throws what the first of them failed with, in the order of the list.
 */
export async function allDone<const Work extends readonly unknown[]>(
  work: Work,
): Promise<{ -readonly [Position in keyof Work]: Awaited<Work[Position]> }> {
  for (const ended of await Promise.allSettled(work)) if (ended.status === "rejected") throw ended.reason;
  // Settled by now.
  return Promise.all(work);
}
