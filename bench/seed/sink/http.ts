import type { Socket } from "node:net";

/** Head and body of a request. */
export interface HttpRequest {
  /** By their names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** An answer in DynamoDB's JSON protocol. */
export interface HttpAnswer {
  readonly status: number;
  /** Its bytes as text. */
  readonly body: string;
}

/** The bytes of a text, each as a character: such text is cut, joined and written without coding it again. */
export const bytesAsText = (text: string): string => Buffer.from(text).toString("latin1");

const HEAD_END = Buffer.from("\r\n\r\n");

function parseHead(head: string): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of head.split("\r\n").slice(1)) {
    const colon = line.indexOf(":");
    headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return headers;
}

/**
 * Reads the requests of a connection: HTTP/1.1 with Content-Length and nothing else, which is what DynamoDB's
 * clients send. Node's own server takes ten times the CPU, on a machine whose two cores it would share with
 * the client that is measured.
 * @param onRequest called with each request, in order
 */
export function readRequests(socket: Socket, onRequest: (request: HttpRequest) => void): void {
  let chunks: Buffer[] = [];
  let length = 0;
  let headers: Map<string, string> | undefined;
  let bodyStart = 0;
  let needed = 0;

  const takeHead = (): boolean => {
    const start = Buffer.concat(chunks);
    chunks = [start];
    const end = start.indexOf(HEAD_END);
    if (end < 0) return false;
    headers = parseHead(start.toString("latin1", 0, end));
    bodyStart = end + HEAD_END.length;
    needed = bodyStart + Number(headers.get("content-length"));
    return true;
  };

  const takeRequest = (): boolean => {
    if (length === 0 || (!headers && !takeHead())) return false;
    if (!headers || Number.isNaN(needed)) {
      socket.end("HTTP/1.1 411 Length Required\r\ncontent-length: 0\r\n\r\n");
      return false;
    }
    if (length < needed) return false;
    const whole = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
    const request = { headers, body: whole.subarray(bodyStart, needed) };
    chunks = [whole.subarray(needed)];
    length -= needed;
    headers = undefined;
    onRequest(request);
    return true;
  };

  socket.on("data", (chunk) => {
    chunks.push(chunk);
    length += chunk.length;
    while (takeRequest());
  });
}

/** Writes an answer in one piece; to a client that has gone, nothing. */
export function writeAnswer(socket: Socket, { status, body }: HttpAnswer): void {
  if (!socket.writable) return;
  socket.write(
    `HTTP/1.1 ${status} ${status === 200 ? "OK" : "Refused"}\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    "latin1",
  );
}
