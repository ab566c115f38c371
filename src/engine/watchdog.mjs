// Runs an engine for as long as its own standard input is open. The parent holds the other end, and
// the system closes that whichever way the parent ends, SIGKILL included: so no engine outlives it.
import { spawn } from "node:child_process";

const [program, ...args] = process.argv.slice(2);
const engine = spawn(program, args, { stdio: ["ignore", "inherit", "inherit"] });

engine.on("error", (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
engine.on("exit", (code) => process.exit(code ?? 1));

process.stdin.on("close", () => engine.kill("SIGKILL"));
process.stdin.resume();
// The parent decides: signals meant for its process group are not the engine's end.
for (const signal of ["SIGINT", "SIGHUP"]) process.on(signal, () => {});
process.on("SIGTERM", () => engine.kill("SIGKILL"));
