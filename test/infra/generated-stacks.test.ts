import { GENERATED } from "./generated-configs.ts";
import { testStacks } from "./generated-stacks.ts";

// One of either owner of the index; on-demand is what the stacks of the repository have; test/infra/generated-stacks.long.test.ts has them all.
const KINDS = [
  ["provisioned", "migration"],
  ["autoscaled", "pulumi"],
];

testStacks(
  KINDS.flatMap(([mode, owner]) =>
    GENERATED.filter(({ billingMode, indexOwner }) => billingMode === mode && indexOwner === owner).slice(
      0,
      1,
    ),
  ),
);
