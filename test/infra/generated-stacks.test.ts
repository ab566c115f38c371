import { GENERATED } from "./generated-configs.ts";
import { testStacks } from "./generated-stacks.ts";

// One of each billing mode; test/infra/generated-stacks.long.test.ts has them all.
testStacks(
  ["on-demand", "provisioned", "autoscaled"].flatMap((mode) =>
    GENERATED.filter(({ billingMode }) => billingMode === mode).slice(0, 1),
  ),
);
