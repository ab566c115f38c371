import { GENERATED } from "./generated-configs.ts";
import { testStacks } from "./generated-stacks.ts";

// What the stacks of the repository are not; test/infra/generated-stacks.long.test.ts has all of them.
const isOther = ({ billingMode, indexOwner }: (typeof GENERATED)[number]) =>
  billingMode === "autoscaled" && indexOwner === "pulumi";

testStacks(GENERATED.filter(isOther).slice(0, 1));
