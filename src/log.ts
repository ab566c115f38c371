import { styleText } from "node:util";

/** Paints text for a terminal, or leaves it alone where colour is off. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

type Paint = Parameters<typeof styleText>[0];

/** Makes a {@link Style}; with `color` false every function returns its text unchanged. */
export function createStyle(color: boolean): Style {
  const paint = (format: Paint) => (text: string) => (color ? styleText(format, text) : text);
  return {
    bold: paint("bold"),
    dim: paint("dim"),
    red: paint("red"),
    green: paint("green"),
    yellow: paint("yellow"),
    cyan: paint("cyan"),
  };
}

/** Where a verb tells what it is doing. Results do not go here: a verb returns them. */
export interface Log {
  info(line: string): void;
  warn(line: string): void;
  /** Shown with `--verbose` only. */
  debug(line: string): void;
  /** True where lines may be drawn over: a terminal, not a pipe and not CI. */
  readonly live: boolean;
  /** For what draws on the log's stream itself, such as a progress bar. */
  readonly stream: NodeJS.WriteStream;
  readonly style: Style;
}

/** How a {@link Log} is made. */
export interface LogOptions {
  /** Show debug lines. Default false. */
  verbose?: boolean;
  /** Colour the text. Default: when the stream is a terminal. */
  color?: boolean;
  /** Draw live displays. Default: when the stream is a terminal. */
  live?: boolean;
  /** Default: standard error, as standard output carries results only. */
  stream?: NodeJS.WriteStream;
}

/** Makes the log that a command hands to the verbs. */
export function createLog(options: LogOptions = {}): Log {
  const stream = options.stream ?? process.stderr;
  const style = createStyle(options.color ?? stream.isTTY === true);
  const write = (line: string) => stream.write(`${line}\n`);
  return {
    info: write,
    warn: (line) => write(`${style.yellow("warning:")} ${line}`),
    debug: (line) => {
      if (options.verbose) write(style.dim(line));
    },
    live: options.live ?? stream.isTTY === true,
    stream,
    style,
  };
}

/** A log that says nothing, for library callers and tests. */
export function silentLog(): Log {
  const nothing = () => {};
  return {
    info: nothing,
    warn: nothing,
    debug: nothing,
    live: false,
    stream: process.stderr,
    style: createStyle(false),
  };
}

/** Writes a command's result to standard output and resolves when it is flushed. */
export function printResult(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text.endsWith("\n") ? text : `${text}\n`, (error) =>
      error ? reject(error) : resolve(),
    );
  });
}
