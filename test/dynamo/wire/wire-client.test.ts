import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { expect, inject, it, onTestFinished } from "vitest";
import { classifyFailure } from "../../../src/dynamo/classify.ts";
import { ReadOnlyViolationError } from "../../../src/dynamo/errors.ts";
import { WireClient } from "../../../src/dynamo/wire/wire-client.ts";
import { design } from "../../seed/support.ts";
import { createTestTable, testClient, testWire } from "../../support/tables.ts";

const body = (text: string) => Buffer.from(text);
const answer = (text: string, more = "") =>
  `HTTP/1.1 200 OK\r\n${more}content-length: ${text.length}\r\n\r\n${text}`;

/** A server that does with each request what `onRequest` says; counts connections and requests. */
async function scripted(onRequest: (socket: Socket, request: number, connection: number) => void) {
  const seen = { connections: 0, requests: 0 };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    seen.connections += 1;
    const connection = seen.connections;
    sockets.add(socket);
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1]);
      const end = text.indexOf("\r\n\r\n") + 4;
      if (end < 4 || text.length < end + length) return;
      text = "";
      seen.requests += 1;
      onRequest(socket, seen.requests, connection);
    });
    socket.on("error", () => {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { seen, wire: (atOnce: number) => new WireClient(testClient(endpoint).client, atOnce) };
}

it("writes to the engine, and an error is named as the SDK names it", async () => {
  const wire = testWire();
  const table = await createTestTable(testClient().client, design);
  const item = '{"PK":{"S":"é"},"SK":{"N":"1"}}';
  const put = await wire.send("PutItem", body(`{"TableName":"${table}","Item":${item}}`));
  expect(put).toEqual({});
  const key = `{"TableName":"${table}","Key":{"PK":{"S":"é"},"SK":{"N":"1"}}}`;
  expect(await wire.send("GetItem", body(key))).toEqual({ Item: { PK: { S: "é" }, SK: { N: "1" } } });
  const refused = wire.send("PutItem", body(`{"TableName":"${table}","Item":{"PK":{"S":"a"}}}`));
  await expect(refused).rejects.toMatchObject({
    name: "ValidationException",
    $fault: "client",
    $metadata: { httpStatusCode: 400 },
  });
  const missing = wire.send("PutItem", body(`{"TableName":"nobody","Item":${item}}`));
  expect(classifyFailure(await missing.catch((error: unknown) => error))).toBe("tableNotFound");
});

it("a client that only reads cannot be written through", async () => {
  const wire = new WireClient(testClient(inject("endpoint"), { readOnly: true }).client, 1);
  await expect(wire.send("GetItem", body("{}"))).rejects.toBeInstanceOf(ReadOnlyViolationError);
});

it("keeps its connections, opens no more than it may, and lets the others wait", async () => {
  const held: Socket[] = [];
  const { seen, wire } = await scripted((socket) => held.push(socket));
  const client = wire(2);
  const all = Promise.all([1, 2, 3, 4, 5].map(() => client.send("PutItem", body("{}"))));
  while (seen.requests < 5) {
    const socket = held.shift();
    if (socket) socket.write(answer('{"a":1}'));
    await new Promise((resolve) => setImmediate(resolve));
  }
  for (const socket of held) socket.write(answer('{"a":1}'));
  expect(await all).toEqual(Array(5).fill({ a: 1 }));
  expect(seen.connections).toBe(2);
  await client.close();
});

it.each<[string, (socket: Socket) => void]>([
  ["is cut before the answer", (socket) => socket.destroy()],
  ["is reset", (socket) => socket.resetAndDestroy()],
  ["is cut in the middle of the answer", (socket) => socket.end(answer("{}{}").slice(0, -2))],
  ["carries something else", (socket) => socket.write("SSH-2.0-OpenSSH\r\n\r\n")],
  ["answers a gateway's page", (socket) => socket.write(answer("<html>").replace("200 OK", "502 Bad"))],
])("a connection that %s leaves the request open, and the next one goes well", async (_name, misbehave) => {
  const { seen, wire } = await scripted((socket, request) => {
    if (request === 1) misbehave(socket);
    else socket.write(answer("{}"));
  });
  const client = wire(1);
  const failed = await client.send("PutItem", body("{}")).catch((error: unknown) => error);
  expect(classifyFailure(failed)).toBe("unavailable");
  expect(await client.send("PutItem", body("{}"))).toEqual({});
  expect(seen.requests).toBe(2);
  await client.close();
});

it("a connection that the other side lets go is replaced", async () => {
  const { seen, wire } = await scripted((socket) => socket.write(answer("{}", "Connection: close\r\n")));
  const client = wire(1);
  for (let request = 0; request < 3; request += 1) await client.send("PutItem", body("{}"));
  expect(seen).toEqual({ connections: 3, requests: 3 });
  await client.close();
});

it("nobody there is unavailable", async () => {
  const { client } = testClient("http://127.0.0.1:1");
  const failed = await new WireClient(client, 1).send("PutItem", body("{}")).catch((error: unknown) => error);
  expect(classifyFailure(failed)).toBe("unavailable");
});
