// Pulumi loads a policy pack with require(), and the rules are ES modules in TypeScript: tsx reads them.
require("tsx/cjs");
const { getStack } = require("@pulumi/pulumi");
const { PolicyPack } = require("@pulumi/policy");
const { enforcementOf, policies } = require("./rules/index.ts");

new PolicyPack("tablewright", { policies, enforcementLevel: enforcementOf(getStack()) });
