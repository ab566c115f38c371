/** A record as this process has watched it: since when its version has not moved, by this process's own clock. */
export interface Observation {
  readonly version: number;
  readonly since: number;
}

/**
 * What is known of a record after another look at it. Who judges a holder by this never compares stored
 * wall times: clocks of two machines differ.
 * @param now the observer's own clock, in milliseconds
 */
export function observe(
  before: Observation | undefined,
  record: { readonly version: number },
  now: number,
): Observation {
  return before?.version === record.version ? before : { version: record.version, since: now };
}
