import { GENERATED } from "./generated-configs.ts";
import { testStacks } from "./generated-stacks.ts";

// One of each billing mode, and both owners of the index; test/infra/generated-stacks.long.test.ts has them all.
const KINDS = [
  ["on-demand", "pulumi"],
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
