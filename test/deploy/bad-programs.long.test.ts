import { ProgramFailedError, ProgramUnfinishedError } from "../../src/deploy/errors.ts";
import { testRefusals } from "./bad-programs.ts";
import { inJavaScript } from "./programs.ts";

testRefusals([
  [
    "throws later",
    inJavaScript('table("a"); setTimeout(() => { throw new Error("too late"); }, 20);'),
    ProgramFailedError,
    "too late",
  ],
  [
    "leaves a promise rejected",
    inJavaScript('table("a"); Promise.reject(new Error("nobody caught it"));'),
    ProgramFailedError,
    "nobody caught it",
  ],
  [
    "gives a table an input that is rejected",
    inJavaScript('table("a", { hashKey: Promise.reject(new Error("bad input")) });'),
    ProgramFailedError,
    "bad input",
  ],
  [
    "ends its process",
    inJavaScript('table("a"); process.exit(0);'),
    ProgramUnfinishedError,
    "ended before it was finished",
  ],
  [
    "wants a value that is not configured",
    inJavaScript('table("a"); new pulumi.Config().require("size");'),
    ProgramFailedError,
    "'other:size'",
  ],
  [
    "reads another stack's outputs",
    inJavaScript('new pulumi.StackReference("a/b/c").getOutput("x");'),
    ProgramFailedError,
    "kept by Pulumi",
  ],
  [
    "transforms resources behind our back",
    inJavaScript('pulumi.runtime.registerResourceTransform(() => undefined); table("a");'),
    ProgramFailedError,
    "does not support transforms",
  ],
]);
