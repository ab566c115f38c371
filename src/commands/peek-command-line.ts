import yargs from "yargs";
import { type GlobalOptions, withGlobalOptions } from "./options.ts";

/** A command line as far as it can be read before its command's own options are known. */
export type PeekedCommandLine = GlobalOptions & { readonly _: readonly (string | number)[] };

/**
 * Reads the options that every command takes, for a command whose own options depend on them.
 * @param args the command line, without node and script
 * @param switches the command's own options that take no value
 * @throws what yargs says of a command line that it cannot read
 */
export function peekCommandLine(
  args: readonly string[],
  switches: readonly string[] = [],
): PeekedCommandLine {
  return withGlobalOptions(yargs([...args]))
    .boolean([...switches, "help", "h"])
    .help(false)
    .version(false)
    .exitProcess(false)
    .fail(false)
    .parseSync();
}
