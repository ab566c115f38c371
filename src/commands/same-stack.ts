import type { ErrorDocument } from "../errors.ts";
import { DEFAULT_STACK } from "./options.ts";

/** The commands that work on a stack, as messages name them: in backquotes, with or without npx. */
const NAMED =
  /`((?:npx )?(?:tablewright (?:deploy|seed(?! generate)|migrate(?! new)|verify|table|doctor)|pulumi up)\b[^`]*)`/g;

/** A command line that works on the same stack as the one that speaks of it. */
export function onSameStack(command: string, stack: string): string {
  return stack === DEFAULT_STACK || / --(stack|help)\b/.test(command)
    ? command
    : `${command} --stack ${stack}`;
}

/**
 * A message whose commands can be copied as they stand: each has the option --stack, where the command that
 * speaks had one.
 */
export function hintOnSameStack(hint: string, stack: string): string {
  return hint.replace(NAMED, (_, command: string) => `\`${onSameStack(command, stack)}\``);
}

/** A failure whose advice is {@link hintOnSameStack}'s. */
export const errorOnSameStack = (document: ErrorDocument, stack: string): ErrorDocument => ({
  ...document,
  next: hintOnSameStack(document.next, stack),
});
