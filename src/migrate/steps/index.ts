import type { MigrationStep } from "../definition/migration.ts";
import { backfillKind } from "./backfill.ts";
import { counterKind } from "./counter.ts";
import { dropIndexKind } from "./drop-index.ts";
import { ensureIndexKind } from "./ensure-index.ts";
import { ensureStreamKind } from "./ensure-stream.ts";
import { ensureTtlKind } from "./ensure-ttl.ts";
import { scriptKind } from "./script.ts";
import type { StepKind } from "./step-kind.ts";
import { verifyKind } from "./verify.ts";

type StepKinds = {
  readonly [Kind in MigrationStep["kind"]]: StepKind<Extract<MigrationStep, { kind: Kind }>>;
};

const STEP_KINDS: StepKinds = {
  ensureIndex: ensureIndexKind,
  dropIndex: dropIndexKind,
  ensureTtl: ensureTtlKind,
  ensureStream: ensureStreamKind,
  backfill: backfillKind,
  counter: counterKind,
  verify: verifyKind,
  script: scriptKind,
};

/** How a step is planned, carried out and undone. */
export function kindOf<Step extends MigrationStep>(step: Step): StepKind<Step> {
  // The table above gives each kind its own: TypeScript cannot follow a key into a union.
  return STEP_KINDS[step.kind] as StepKind<Step>;
}
