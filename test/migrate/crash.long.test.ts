import { type ChooseCalls, testCrashes } from "./crash-matrix.ts";

const everyCall: ChooseCalls = (commands) => commands.map((_, index) => index + 1);

testCrashes({ killed: everyCall, "asked to stop": everyCall });
