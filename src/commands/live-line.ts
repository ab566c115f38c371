import type { Log } from "../log.ts";

const CLEAR = "\r\u001b[2K";

/** A line at the foot of a terminal that is drawn over again and again; what is logged goes above it. */
export class LiveLine {
  readonly #stream: NodeJS.WriteStream;
  #shown = "";
  /** The same log, which makes room for what it says. */
  readonly log: Log;

  /** @param log one that is live */
  constructor(log: Log) {
    this.#stream = log.stream;
    const above = (say: (line: string) => void) => (line: string) => {
      const shown = this.#shown;
      this.clear();
      say(line);
      this.draw(shown);
    };
    this.log = { ...log, info: above(log.info), warn: above(log.warn), debug: above(log.debug) };
  }

  /** The characters that fit: one fewer than there are, as a full line would wrap. */
  get width(): number {
    return (this.#stream.columns ?? 80) - 1;
  }

  /** Draws the line; an empty one takes it away. */
  draw(line: string): void {
    if (line === this.#shown) return;
    this.#stream.write(`${CLEAR}${line}`);
    this.#shown = line;
  }

  clear(): void {
    this.draw("");
  }
}
