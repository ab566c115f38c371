import { describe, expect, it } from "vitest";
import type { TablewrightError } from "../../src/errors.ts";
import type { Project } from "../../src/project/find-project.ts";
import { eventually, processesWith } from "../support/processes.ts";
import { evaluate, type ProjectFiles, writeProject } from "./programs.ts";

/** Evaluates a program that must fail; fails itself where a process is left, or where it takes too long. */
export async function failureOf(project: Project, timeoutSeconds?: number): Promise<TablewrightError> {
  const startedAt = performance.now();
  const error = await evaluate(project, timeoutSeconds === undefined ? {} : { timeoutSeconds }).then(
    () => {
      throw new Error("the program passed");
    },
    (reason: TablewrightError) => reason,
  );
  expect(performance.now() - startedAt).toBeLessThan(30_000);
  await eventually(() => processesWith(project.root).length === 0, "the program's processes are gone");
  expect(error.message).not.toMatch(/^\s+at /m);
  return error;
}

/** What a program does, its files, and how it is refused: the error, and a part of its message. */
export type BadProgram = [string, ProjectFiles, new (...args: never[]) => TablewrightError, string];

/** Tests that programs are refused. At the same time: each starts a process or two and waits for them. */
export function testRefusals(programs: readonly BadProgram[]): void {
  describe.concurrent("a program that", () => {
    it.for([...programs])("%s is refused", async ([, files, kind, message], { onTestFinished }) => {
      const error = await failureOf(writeProject(files, onTestFinished));
      expect(error).toBeInstanceOf(kind);
      expect(error.message).toContain(message);
      expect(error.exitCode).toBe(4);
      expect(error.next).not.toBe("");
    });
  });
}
