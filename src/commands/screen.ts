import { createStyle, type Style } from "../log.ts";
import type { CommandContext } from "./context.ts";

/** What a long text is drawn for. */
export interface Screen {
  /** In characters. */
  readonly width: number;
  readonly style: Style;
}

/** Longer lines are hard to read. */
const WIDEST = 100;

/** The screen that a command's text goes to; 80 characters wide where it is none. */
export function screenOf({ options, environment }: CommandContext): Screen {
  const color = options.color && !environment.noColor && process.stdout.isTTY === true;
  return { width: Math.min(WIDEST, process.stdout.columns ?? 80), style: createStyle(color) };
}
