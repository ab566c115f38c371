// Runs a program for as long as its own standard input is open. The parent holds the other end, and the
// system closes that whichever way the parent ends, SIGKILL included; then the whole process group goes,
// however busy the program is. So no engine and no Pulumi program outlives the command that started it.
// Must be started as the leader of a process group (spawn's `detached`).
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

const endGroup = () => process.kill(-process.pid, "SIGKILL");
process.stdin.on("close", endGroup);
process.stdin.resume();
process.on("SIGTERM", endGroup);
// The parent decides: signals meant for its own process group are not the program's end.
for (const signal of ["SIGINT", "SIGHUP"]) process.on(signal, () => {});
