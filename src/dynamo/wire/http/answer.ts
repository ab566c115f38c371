/** An answer over HTTP/1.1. */
export interface HttpAnswer {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** What came over a connection is no answer that is understood. Whether the request was carried out is open. */
export class BrokenAnswerError extends Error {
  readonly code = "ECONNRESET";

  constructor(reason: string) {
    super(`the answer breaks HTTP: ${reason}`);
    this.name = "BrokenAnswerError";
  }
}

const HEAD_END = Buffer.from("\r\n\r\n");
const LINE_END = Buffer.from("\r\n");
const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})(?: |$)/;
const HEADER_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/;
const CHUNK_SIZE = /^([0-9a-fA-F]{1,8})[ \t]*(?:;.*)?$/;
/** DynamoDB's answers have some ten headers. */
const MAX_HEAD_BYTES = 64 * 1024;
/** A batch that comes back whole has 16 MB, and what stands around it. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

interface Head {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly end: number;
}

function parseHead(text: string): Omit<Head, "end"> {
  const [first = "", ...lines] = text.split("\r\n");
  const status = STATUS_LINE.exec(first)?.[1];
  if (status === undefined) throw new BrokenAnswerError("it does not begin with a status");
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value = ""] = HEADER_LINE.exec(line) ?? [];
    if (name === undefined) throw new BrokenAnswerError("a header cannot be read");
    headers.set(name.toLowerCase(), value);
  }
  return { status: Number(status), headers };
}

/** The length that a head says, or undefined where it says none. */
function lengthOf(headers: ReadonlyMap<string, string>): number | undefined {
  const text = headers.get("content-length");
  if (text === undefined) return undefined;
  const length = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(length <= MAX_BODY_BYTES)) throw new BrokenAnswerError(`a body of ${text} bytes`);
  return length;
}

/** The content of a chunked body, or undefined where more of it must come (RFC 9112, section 7.1). */
function dechunk(bytes: Buffer): { body: Buffer; end: number } | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = bytes.indexOf(LINE_END, at);
    if (lineEnd === -1) return undefined;
    const size = CHUNK_SIZE.exec(bytes.toString("latin1", at, lineEnd))?.[1];
    if (size === undefined) throw new BrokenAnswerError("a chunk without a size");
    const start = lineEnd + LINE_END.length;
    const end = start + Number.parseInt(size, 16);
    if (end - at > MAX_BODY_BYTES) throw new BrokenAnswerError("a chunk that is too long");
    if (bytes.length < end + LINE_END.length) return undefined;
    if (!bytes.subarray(end, end + LINE_END.length).equals(LINE_END))
      throw new BrokenAnswerError("a chunk that does not end, or is followed by headers");
    at = end + LINE_END.length;
    if (end === start) return { body: Buffer.concat(parts), end: at };
    parts.push(bytes.subarray(start, end));
  }
}

/**
 * Puts one answer together from what comes over a connection. It understands what DynamoDB and the proxies
 * before it send: a length, or chunks. Whatever else comes is an error, as is anything behind the answer.
 */
export class AnswerReader {
  #parts: Buffer[] = [];
  #held = 0;
  /** There is nothing to be seen before so many bytes have come. */
  #needed = 0;
  #head: Head | undefined;

  /**
   * Takes what came.
   * @returns the answer once it is whole
   * @throws {BrokenAnswerError} for what is none.
   */
  push(chunk: Buffer): HttpAnswer | undefined {
    this.#parts.push(chunk);
    this.#held += chunk.length;
    if (this.#held < this.#needed) return undefined;
    const head = this.#readHead();
    if (!head) return undefined;
    const rest = this.#bytes().subarray(head.end);
    const found = head.headers.has("transfer-encoding")
      ? this.#chunked(head, rest)
      : this.#counted(head, rest);
    if (!found) {
      if (rest.length > MAX_BODY_BYTES) throw new BrokenAnswerError("a body that is too long");
      return undefined;
    }
    if (rest.length > found.end) throw new BrokenAnswerError("something stands behind it");
    this.#keep(Buffer.alloc(0));
    this.#head = undefined;
    this.#needed = 0;
    return { status: head.status, headers: head.headers, body: found.body };
  }

  /** All that came, in one piece. */
  #bytes(): Buffer {
    const [first = Buffer.alloc(0), ...others] = this.#parts;
    return others.length === 0 ? first : this.#keep(Buffer.concat(this.#parts));
  }

  #keep(bytes: Buffer): Buffer {
    this.#parts = bytes.length === 0 ? [] : [bytes];
    this.#held = bytes.length;
    return bytes;
  }

  #readHead(): Head | undefined {
    while (!this.#head) {
      const bytes = this.#bytes();
      const end = bytes.indexOf(HEAD_END);
      if (end === -1) {
        if (bytes.length > MAX_HEAD_BYTES) throw new BrokenAnswerError("a head that does not end");
        return undefined;
      }
      const parsed = parseHead(bytes.toString("latin1", 0, end));
      // An interim answer: the real one follows.
      if (parsed.status < 200) this.#keep(bytes.subarray(end + HEAD_END.length));
      else this.#head = { ...parsed, end: end + HEAD_END.length };
    }
    return this.#head;
  }

  #chunked({ headers }: Head, rest: Buffer) {
    const encoding = headers.get("transfer-encoding")?.toLowerCase();
    if (encoding !== "chunked") throw new BrokenAnswerError(`transfer encoding ${encoding}`);
    return dechunk(rest);
  }

  #counted({ headers, status, end }: Head, rest: Buffer) {
    const length = lengthOf(headers) ?? (status === 204 || status === 304 ? 0 : undefined);
    if (length === undefined) throw new BrokenAnswerError("it does not say how long it is");
    this.#needed = end + length;
    return rest.length < length ? undefined : { body: rest.subarray(0, length), end: length };
  }
}
