import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { LocalFunction } from "../../src/stream/local-function.ts";

/** A project of one function, whose code is `code`; gone when the test ends. */
export function projectWithFunction(code: string, name = "probe") {
  const root = mkdtempSync(join(tmpdir(), "tablewright-function-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const folder = join(root, "infra", "functions", name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(root, "package.json"), '{"type":"module"}');
  writeFileSync(join(folder, "handler.ts"), code);
  return { root, stateFolder: join(root, ".tablewright") };
}

/** Loads a function from its code; it ends when the test does. */
export async function loadFunction(
  code: string,
  {
    environment = {},
    timeoutSeconds = 10,
  }: { environment?: Record<string, string>; timeoutSeconds?: number } = {},
) {
  const lines: string[] = [];
  const loaded = await LocalFunction.load({
    project: projectWithFunction(code),
    name: "probe",
    environment,
    timeoutSeconds,
    onLine: (line) => lines.push(line),
  });
  onTestFinished(() => loaded.stop());
  return { loaded, lines };
}
