import { progressReporter, type StepContext } from "../steps/step-context.ts";
import { addCounts, type Batch } from "./batch.ts";

/** Reports on what this process has done in a scan: the one place where a scan's progress is told. */
export function scanReporter({ log, identity }: StepContext): (batch: Batch) => void {
  const report = progressReporter(log);
  let done: Readonly<Record<string, number>> = {};
  return (batch) => {
    done = addCounts(done, batch.counts);
    report(
      () =>
        `${identity.step}: ${Object.entries(done)
          .map(([name, count]) => `${count} ${name}`)
          .join(", ")}`,
    );
  };
}
