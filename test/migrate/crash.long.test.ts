import { type ChooseCalls, testCrashes } from "./crash-matrix.ts";

const everyCall: ChooseCalls = (commands) => commands.map((_, index) => index + 1);
const choose = { "killed before": everyCall, "killed after": everyCall, "asked to stop after": everyCall };
const fine = { pageItems: 3, gather: 2, checkpointMs: 0 };

testCrashes({ id: "0002-backfill-reaction-counts", choose });
testCrashes({ id: "0003-backfill-follow-counts", choose });
testCrashes({ id: "0003-backfill-follow-counts", choose, scan: fine });
testCrashes({ id: "0004-shout", choose, scan: fine });
