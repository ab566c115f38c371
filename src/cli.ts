#!/usr/bin/env node
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import yargs from "yargs";
import { hideBin } from "yargs/helpers";
import { isBuildStale } from "./build-stamp.ts";
import { deployCommand } from "./commands/deploy.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { exitStatusText } from "./commands/exit-status.ts";
import { localCommand } from "./commands/local.ts";
import { holdLoneDash } from "./commands/lone-dash.ts";
import { migrateCommand } from "./commands/migrate.ts";
import { type GlobalOptions, withGlobalOptions } from "./commands/options.ts";
import { queryCommand } from "./commands/query.ts";
import { printFailure } from "./commands/run.ts";
import { seedCommand } from "./commands/seed.ts";
import { startCommand } from "./commands/start.ts";
import { streamCommand } from "./commands/stream.ts";
import { tableCommand } from "./commands/table.ts";
import { withoutCamelCase } from "./commands/unknown-arguments.ts";
import { verifyCommand } from "./commands/verify.ts";
import { ExitCode, exitCodeOf, UsageError } from "./errors.ts";
import { programVersion } from "./settings.ts";

const here = dirname(fileURLToPath(import.meta.url));

// Nobody reads the log any more, as when Ctrl-C ends `tee` too: the work, and its exit status, do not depend on it.
process.stderr.on("error", () => {});
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // A reader that went away, such as `head`, is no failure of ours.
  if (error.code === "EPIPE") process.exit();
  process.stderr.write(
    `tablewright: cannot write to standard output: ${error.message}\nSend it to a place with room, or to a reader.\n`,
  );
  process.exit(process.exitCode || ExitCode.couldNotRun);
});

/** Resolves when everything written to a stream has left this process. */
const drained = (stream: NodeJS.WriteStream) =>
  new Promise<void>((resolve) => {
    stream.write("", () => resolve());
  });

const args = hideBin(process.argv);

async function main(): Promise<void> {
  if (isBuildStale(here, join(here, "..", "src"))) {
    throw new UsageError({
      message: "the compiled command is older than its sources",
      next: "Build it again: npm run build.",
    });
  }
  const parser = withGlobalOptions(yargs(holdLoneDash(args)))
    .scriptName("tablewright")
    .usage("$0 <command>\n\nBuilds, migrates, seeds and verifies Amazon DynamoDB tables.")
    .command(startCommand)
    .command(localCommand)
    .command(deployCommand)
    .command(seedCommand(args))
    .command(migrateCommand)
    .command(verifyCommand)
    .command(queryCommand(args))
    .command(tableCommand)
    .command(streamCommand)
    .command(doctorCommand)
    .strict()
    .demandCommand(1, 1, "Say what to do: name a command.")
    .recommendCommands()
    .version(programVersion())
    .help()
    .alias("help", "h")
    .epilogue(exitStatusText())
    .wrap(Math.min(100, process.stdout.columns ?? 80))
    .exitProcess(false)
    .fail((message, error) => {
      // What yargs itself refuses while it parses comes as an error of its own.
      if (error && error.name !== "YError") throw error;
      const next = "See `tablewright --help`, or --help after a command's name.";
      throw new UsageError({ message: withoutCamelCase(message ?? error.message), next });
    });
  await parser.parseAsync();
}

try {
  await main();
} catch (error) {
  const options = {
    json: args.includes("--json"),
    verbose: args.includes("--verbose"),
    color: !args.includes("--no-color"),
  };
  await printFailure("tablewright", error, options as GlobalOptions);
  process.exitCode = exitCodeOf(error);
}
// What a slow reader has not taken yet would be lost, with an exit status of 0.
await Promise.all([process.stdout, process.stderr].map(drained));
// Nothing of ours is left to do; a keep-alive socket must not hold the process open.
process.exit();
