// Runs a program for as long as its own standard input is open. The parent holds the other end, and the
// system closes that whichever way the parent ends, SIGKILL included; then the whole process group goes,
// however busy the program is. Without this, Pulumi's runner spins for ever when its monitor vanishes.
import { spawn } from "node:child_process";
import { constants } from "node:os";

const [program, ...args] = process.argv.slice(2);
const child = spawn(program, args, { stdio: ["ignore", "inherit", "inherit"] });

child.on("error", (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
child.on("exit", (code, signal) => {
  if (signal) process.stderr.write(`the program was ended by ${signal}\n`);
  process.exit(code ?? 128 + constants.signals[signal]);
});

process.stdin.on("close", () => process.kill(-process.pid, "SIGKILL"));
process.stdin.resume();
