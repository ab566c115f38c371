import type { Target } from "../target.ts";
import type { RateLimit } from "./rate-limit.ts";

/** On AWS a run takes half of what a table may do, so that its users keep the other half; nothing where nothing is set. */
const AWS_DEFAULT: RateLimit = { read: { percent: 50 }, write: { percent: 50 } };

/** The rate that a run begins with: the one it was given, or the default for where it goes. */
export function startRate(rate: RateLimit | undefined, { kind }: Pick<Target, "kind">): RateLimit {
  return rate ?? (kind === "aws" ? AWS_DEFAULT : {});
}
