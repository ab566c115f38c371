import { GENERATED } from "./generated-configs.ts";
import { testStacks } from "./generated-stacks.ts";

testStacks(GENERATED);
