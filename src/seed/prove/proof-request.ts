/** A part of a file's items, drawn by their keys. */
export interface SampleRequest {
  /** Above 0 and up to 100. */
  readonly percent: number;
  /** Draws the same keys again. */
  readonly seed: number;
}

/** What is compared: all that is there, some of the file's items, or nothing. */
export type ProofRequest = "full" | "none" | SampleRequest;
