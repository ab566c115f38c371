import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { startFaultProxy } from "../../faults/proxy.ts";
import { eventually, processesMarked } from "../../support/processes.ts";
import { loadedProject } from "../loaded-project.ts";

test("a watch judges again what a saved file touches, survives what does not load, and leaves nothing behind", async () => {
  const proxy = await startFaultProxy(inject("endpoint"));
  const { root, start } = await loadedProject(proxy.endpoint);
  const watching = start(
    ...["--watch", "--pattern", "find-followers", "--pattern", "follow-user", "--seed", "1", "--inputs", "2"],
  );
  let seen = 0;
  /** Waits for what comes next on standard output; what came before does not count. */
  const says = async (text: RegExp) => {
    const found = () => watching.stdout().slice(seen).match(text);
    await eventually(() => found() !== null, `${text} in ${watching.stdout()}${watching.stderr()}`, 60);
    const match = found();
    seen += (match?.index ?? 0) + (match?.[0].length ?? 0);
    return match?.[0];
  };
  const path = (file: string) => join(root, "queries/quick-photos", file);
  const save = (file: string, change: (text: string) => string) => {
    const text = readFileSync(path(file), "utf8");
    writeFileSync(path(file), change(text));
    return () => writeFileSync(path(file), text);
  };

  await says(/^2 judged, 2 passed in [\d.]+ s$/m);
  await eventually(() => watching.stderr().includes("watching queries/quick-photos"), "it watches");

  const wrong = save("find-followers.ts", (text) =>
    text.replace("items.map(readFriendship)", "items.map(readFriendship).reverse()"),
  );
  await says(
    /^saved queries\/quick-photos\/find-followers.ts: 1 judged, 0 passed in [\d.]+ s\nFAIL find-followers/m,
  );
  expect(await says(/in the wrong order|missing|differs/)).toBeDefined();

  save("find-followers.ts", () => "const = 1;\n");
  await says(/find-followers.ts: not judged in [\d.]+ s\n.*does not load: .*/);
  await says(/find-followers.ts:1:6: ERROR/);
  // The file that did not load is judged together with the next one that is saved.
  wrong();
  await says(/find-followers.ts: 1 judged, 1 passed/);

  // As editors save: a new file in the place of the old one.
  writeFileSync(path("oracles/new.tmp"), `${readFileSync(path("oracles/follow-user.ts"), "utf8")}\n`);
  renameSync(path("oracles/new.tmp"), path("oracles/follow-user.ts"));
  await says(/^saved queries\/quick-photos\/oracles\/follow-user.ts: 1 judged, 1 passed/m);

  save("keys.ts", (text) => text.replace('"#FRIEND#"', '"#FRIENDS#"'));
  await says(/^saved queries\/quick-photos\/keys.ts: 2 judged, 0 passed/m);

  watching.child.kill("SIGINT");
  expect(await watching.finished).toMatchObject({ status: 130 });
  const tables = (operation: string) =>
    proxy.requests
      .filter((request) => request.operation === operation)
      .map(({ body }) => body.TableName as string)
      .filter((name) => name.startsWith("tablewright-scratch-"));
  expect(tables("CreateTable")).toHaveLength(1);
  expect(tables("DeleteTable")).toEqual(tables("CreateTable"));
  expect(processesMarked(`TEST_PROJECT=${root}`)).toEqual([]);
}, 180_000);
