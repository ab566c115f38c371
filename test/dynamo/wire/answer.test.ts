import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AnswerReader, BrokenAnswerError, type HttpAnswer } from "../../../src/dynamo/wire/http/answer.ts";

/** Reads bytes that come in parts. */
function read(parts: readonly (string | Buffer)[]): HttpAnswer | undefined {
  const reader = new AnswerReader();
  let answer: HttpAnswer | undefined;
  for (const part of parts) answer = reader.push(Buffer.from(part)) ?? answer;
  return answer;
}

const counted = (body: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nx-a:b\r\n\r\n`), body]);
const chunked = (body: Buffer, size: number): Buffer => {
  const parts: Buffer[] = [Buffer.from("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nx-a: b \r\n\r\n")];
  for (let at = 0; at < body.length; at += size) {
    const part = body.subarray(at, at + size);
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from("\r\n"));
  }
  return Buffer.concat([...parts, Buffer.from("0\r\n\r\n")]);
};

it("an answer is the same however it is cut, with a length or in chunks, behind interim answers or not", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 50 }),
      fc.boolean(),
      fc.array(fc.nat(300), { maxLength: 6 }),
      (content, isChunked, size, isInterim, cuts) => {
        const body = Buffer.from(content);
        const interim = Buffer.from(isInterim ? "HTTP/1.1 100 Continue\r\n\r\n" : "");
        const bytes = Buffer.concat([interim, isChunked ? chunked(body, size) : counted(body)]);
        const edges = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
        const parts = edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
        const answer = read(parts.filter(({ length }) => length > 0));
        expect(answer?.status).toBe(200);
        expect(answer?.headers.get("x-a")).toBe("b");
        expect(answer?.body.equals(body)).toBe(true);
      },
    ),
    { numRuns: 500 },
  );
});

it("half an answer is none", () => {
  const bytes = counted(Buffer.from("abc"));
  for (let end = 1; end < bytes.length; end += 1) expect(read([bytes.subarray(0, end)])).toBeUndefined();
});

describe("what is refused:", () => {
  it.each([
    ["no status", "HELLO\r\n\r\n"],
    ["a header that is none", "HTTP/1.1 200 OK\r\nno header\r\n\r\n"],
    ["no length", "HTTP/1.1 200 OK\r\n\r\nabc"],
    ["a length that is no number", "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n"],
    ["a length beyond all answers", "HTTP/1.1 200 OK\r\ncontent-length: 999999999\r\n\r\n"],
    ["something behind the answer", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nab"],
    ["another encoding", "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n"],
    ["a chunk without a size", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n"],
    ["a chunk of another size", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nabc\r\n"],
    ["a head without an end", `HTTP/1.1 200 OK\r\n${"x-a: b\r\n".repeat(10_000)}`],
  ])("%s", (_name, text) => {
    expect(() => read([text])).toThrow(BrokenAnswerError);
  });
});
