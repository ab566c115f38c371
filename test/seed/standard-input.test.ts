import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, readdirSync } from "node:fs";
import { readdir, readlink } from "node:fs/promises";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { openSeedInput } from "../../src/commands/seed/seed-input.ts";
import { UsageError } from "../../src/errors.ts";
import { silentLog } from "../../src/log.ts";
import { SeedFileError, SpoolError } from "../../src/seed/errors.ts";
import { checkSeedFile } from "../../src/seed/file/check-seed-file.ts";
import { eventually, launch } from "../support/processes.ts";
import { CLI, cleanEnvironment } from "../support/project-copy.ts";
import { lines, makeStack, sharedProject } from "./stacks.ts";
import { design, seedFile, temporaryFolder } from "./support.ts";

/** What we have left in a folder; tsx keeps a cache of its own there. */
const keptIn = (folder: string) => readdirSync(folder).filter((name) => name.startsWith("tablewright-"));

/** Puts something in the place of this process's standard input, and its temporary folder, for one test. */
function standardInput(stream: Readable, { isTerminal = false } = {}) {
  const before = Object.getOwnPropertyDescriptor(process, "stdin") as PropertyDescriptor;
  const { TMPDIR } = process.env;
  const temporary = temporaryFolder();
  process.env.TMPDIR = temporary;
  Object.defineProperty(process, "stdin", {
    configurable: true,
    value: Object.assign(stream, { isTTY: isTerminal }),
  });
  onTestFinished(() => {
    Object.defineProperty(process, "stdin", before);
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  });
  const said: string[] = [];
  const log = { ...silentLog(), info: (line: string) => void said.push(line) };
  const context = {
    project: { root: temporary },
    options: { table: "x" },
    log,
    signal: new AbortController().signal,
  };
  return { temporary, said, open: (...files: string[]) => openSeedInput(context as never, { files }) };
}

describe("standard input", () => {
  it("is read as often as it takes, from a file that has no name", async () => {
    const content = '{"PK":"a","SK":1}\n{"PK":"b","SK":"x"}\n';
    const { open, temporary, said } = standardInput(Readable.from([gzipSync(content)]));
    const { input, shown } = await open("-");
    expect(keptIn(temporary)).toEqual([]);
    for (let time = 0; time < 2; time += 1) {
      expect(await checkSeedFile(input, design, { source: shown })).toMatchObject({
        source: "standard input",
        items: 1,
        defects: [{ line: 2, column: 11 }],
      });
    }
    expect(said).toEqual([]);
  });

  it("goes with files, by its name", async () => {
    const { open } = standardInput(Readable.from(['{"PK":"a","SK":1}\n{"PK":"a","SK":"x"}']));
    const { input, shown } = await open("-", seedFile('{"PK":"a","SK":1}'));
    expect(shown).toBe("standard input and 1 more");
    expect((await checkSeedFile(input, design)).defects).toMatchObject([
      { source: "standard input", line: 2, column: 11 },
      { reason: "has the same key as line 1 of standard input" },
    ]);
  });

  it("that is empty is no items, and a terminal is told how to end it", async () => {
    const { open, said } = standardInput(Readable.from([]), { isTerminal: true });
    const { input } = await open("-");
    expect(await checkSeedFile(input, design)).toMatchObject({ items: 0, defectCount: 0 });
    expect(said).toEqual([expect.stringContaining("Ctrl-D")]);
  });

  it("stands once", async () => {
    await expect(standardInput(Readable.from([])).open("-", "-")).rejects.toThrow(UsageError);
  });

  it("that cannot be read, or kept, is said to be so", async () => {
    const { open, temporary } = standardInput(createReadStream(temporaryFolder()));
    await expect(open("-")).rejects.toThrow(SeedFileError);
    await expect(open("-")).rejects.toThrow(/standard input cannot be read/);
    expect(keptIn(temporary)).toEqual([]);
    const other = standardInput(Readable.from(["x"]));
    process.env.TMPDIR = `${other.temporary}/nowhere`;
    await expect(other.open("-")).rejects.toThrow(SpoolError);
  });
});

describe("as a command", () => {
  const project = sharedProject();

  it("loads and proves what comes through a pipe", async () => {
    const { args } = await makeStack(project.root);
    const child = spawn(process.execPath, [CLI, ...args("-", "--json")], {
      cwd: project.root,
      env: cleanEnvironment,
      stdio: ["pipe", "pipe", "inherit"],
    });
    child.stdin.end(lines.join(""));
    const [document] = await Promise.all([
      new Response(Readable.toWeb(child.stdout) as never).json(),
      once(child, "close"),
    ]);
    expect(child.exitCode).toBe(0);
    expect(document).toMatchObject({
      source: "standard input",
      written: lines.length,
      proof: { status: "equal" },
    });
  });

  it("Ctrl-C while it waits for more, and a file that may not grow, leave nothing behind", async () => {
    const temporary = temporaryFolder();
    const env = { ...cleanEnvironment, TMPDIR: temporary };
    const options = { cwd: project.root, env, stdio: ["pipe", "pipe", "pipe"] as const };
    const waiting = launch(process.execPath, [CLI, "seed", "check", "-"], {
      ...options,
      stdio: [...options.stdio],
    });
    const words = `trap "" XFSZ; ulimit -f 16; exec "${process.execPath}" "${CLI}" seed check -`;
    const full = launch("bash", ["-c", words], { ...options, stdio: [...options.stdio] });
    onTestFinished(() => void waiting.child.kill("SIGKILL"));
    // What it writes away goes on at once; the file is open when it has taken that.
    waiting.child.stdin?.write(lines[0] as string);
    full.child.stdin?.on("error", () => {});
    full.child.stdin?.end("x".repeat(1_000_000));
    const spool = async () => {
      const pid = waiting.child.pid;
      const names = await readdir(`/proc/${pid}/fd`);
      const links = await Promise.all(
        names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => "")),
      );
      return links.some((link) => link.startsWith(temporary));
    };
    await eventually(spool, "standard input is being kept");
    expect(keptIn(temporary)).toEqual([]);
    waiting.child.kill("SIGINT");
    expect((await waiting.finished).status).toBe(130);
    const { status, stderr } = await full.finished;
    expect(stderr).toContain("standard input cannot be kept in a temporary file");
    expect(stderr).toContain("TMPDIR");
    expect(status).toBe(3);
    expect(keptIn(temporary)).toEqual([]);
  });
});
