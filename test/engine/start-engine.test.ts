import { mkdtempSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { NoEngineError } from "../../src/engine/errors.ts";
import { answers } from "../../src/engine/probe.ts";
import { startEngine } from "../../src/engine/start-engine.ts";
import { eventually, launch, processesWith, ROOT } from "../support/processes.ts";

const portOf = (endpoint: string) => new URL(endpoint).port;

describe.each(["dynamodb-local", "dynoxide"] as const)("%s", (name) => {
  it("starts, answers and is gone after stop", async () => {
    const engine = await startEngine({ engine: name, shortLived: true });
    onTestFinished(() => engine.stop());
    expect(engine.engine).toBe(name);
    expect(await answers(engine.endpoint)).toBe(true);
    await engine.stop();
    await engine.stop();
    expect(await answers(engine.endpoint)).toBe(false);
    expect(processesWith(`port ${portOf(engine.endpoint)}`)).toEqual([]);
  });

  it("ends when its parent is killed, whenever that is", async () => {
    // The child prints the port as soon as it knows it, long before the engine is up.
    const program = `
      const { startEngine } = await import("${ROOT}/src/engine/start-engine.ts");
      const port = Number(process.argv[1]);
      process.stdout.write("starting ");
      await startEngine({ engine: "${name}", port });
      process.stdout.write("up ");
      setInterval(() => {}, 1000);`;
    for (const moment of ["starting", "up"]) {
      const port = await freePort();
      const parent = launch(process.execPath, [
        "--import",
        "tsx",
        "--input-type=module",
        "-e",
        program,
        port,
      ]);
      await eventually(() => parent.stdout().includes(moment), `the parent says ${moment}`, 20);
      if (moment === "starting")
        await eventually(() => processesWith(`port ${port}`).length > 0, "the engine's process is there");
      parent.child.kill("SIGKILL");
      await parent.finished;
      await eventually(() => processesWith(`port ${port}`).length === 0, "no engine is left");
    }
  });
});

function freePort(): Promise<string> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(String(typeof address === "object" ? address?.port : "")));
    });
  });
}

describe("when the engine cannot run", () => {
  it("a taken port is an error with the engine's own words, and nothing is left", async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
    onTestFinished(() => {
      server.close();
    });
    await eventually(() => server.listening, "the port is taken");
    const address = server.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    await expect(startEngine({ engine: "dynoxide", port })).rejects.toMatchObject({ code: "engine-start" });
    expect(processesWith(`port ${port}`)).toEqual([]);
  });

  it("no Java is an error that says what to install", async () => {
    const empty = mkdtempSync(join(tmpdir(), "no-java-"));
    const program = `
      const { startEngine } = await import("${ROOT}/src/engine/start-engine.ts");
      try { await startEngine({ engine: "dynamodb-local" }); } catch (error) {
        process.stdout.write(JSON.stringify({ name: error.name, message: error.message, next: error.next }));
      }`;
    const result = await launch(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program], {
      env: { PATH: empty },
    }).finished;
    const error = JSON.parse(result.stdout) as { name: string; message: string; next: string };
    expect(error.name).toBe(NoEngineError.name);
    expect(error.message).toContain("Java 17");
    expect(error.next).toContain("Install Java 17");
  });

  it("without Java the other engine is taken", async () => {
    const empty = mkdtempSync(join(tmpdir(), "no-java-"));
    const program = `
      const { startEngine } = await import("${ROOT}/src/engine/start-engine.ts");
      const engine = await startEngine();
      process.stdout.write(engine.engine);
      await engine.stop();`;
    const result = await launch(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program], {
      env: { PATH: empty },
    }).finished;
    expect(result.stdout).toBe("dynoxide");
  });
});
