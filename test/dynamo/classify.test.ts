import {
  ConditionalCheckFailedException,
  DynamoDBServiceException,
  PutItemCommand,
  ScanCommand,
  TransactionCanceledException,
} from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { classifyFailure, explainFailure } from "../../src/dynamo/classify.ts";
import { startFaultProxy } from "../faults/proxy.ts";
import { sharedTarget, testClient, uniqueName } from "../support/tables.ts";

const reasons = (...codes: string[]) =>
  new TransactionCanceledException({
    $metadata: {},
    message: "cancelled",
    CancellationReasons: codes.map((Code) => ({ Code })),
  });

describe("classifyFailure", () => {
  it.each([
    [["None", "ConditionalCheckFailed"], "conditionFailed"],
    [["TransactionConflict", "ConditionalCheckFailed"], "conditionFailed"],
    [["None", "TransactionConflict"], "conflict"],
    [["ProvisionedThroughputExceeded"], "throttled"],
    [["ThrottlingError", "TransactionConflict"], "conflict"],
    [["ValidationError", "TransactionConflict"], "invalid"],
    [["None"], "unknown"],
  ])("a transaction cancelled for %j is %s", (codes, kind) => {
    expect(classifyFailure(reasons(...codes))).toBe(kind);
  });

  it("tells what real engines and dead ones answer", async () => {
    const { client } = testClient();
    const absent = client.send(new ScanCommand({ TableName: uniqueName() }));
    expect(classifyFailure(await absent.catch((error) => error))).toBe("tableNotFound");
    const invalid = client.send(new PutItemCommand({ TableName: uniqueName(), Item: {} }));
    expect(["invalid", "tableNotFound"]).toContain(classifyFailure(await invalid.catch((error) => error)));
    const dead = testClient("http://127.0.0.1:9", { maxAttempts: 1 }).client;
    const refused = dead.send(new ScanCommand({ TableName: uniqueName() }));
    expect(classifyFailure(await refused.catch((error) => error))).toBe("unavailable");
    expect(classifyFailure(new ConditionalCheckFailedException({ $metadata: {}, message: "" }))).toBe(
      "conditionFailed",
    );
    expect(classifyFailure("no error at all")).toBe("unknown");
  });
});

describe("explainFailure", () => {
  const explain = (error: unknown) => explainFailure(error, sharedTarget(), "photos");
  const service = (name: string) =>
    new DynamoDBServiceException({ name, message: "no", $fault: "client", $metadata: {} });

  it.each([
    ["ProvisionedThroughputExceededException", "throttled"],
    ["ExpiredTokenException", "credentials"],
    ["AccessDeniedException", "access-denied"],
    ["ResourceNotFoundException", "table-not-found"],
    ["InternalServerError", "unreachable"],
    ["SomethingNewException", "service"],
  ])("%s becomes %s, keeps its cause and says what to do", (name, code) => {
    const error = service(name);
    expect(explain(error)).toMatchObject({ code, cause: error, next: expect.stringMatching(/\w/) });
  });

  it("leaves alone what is not the SDK's", () => {
    const error = new TypeError("a defect of ours");
    expect(explain(error)).toBe(error);
  });

  it("a throttle on the wire is explained as one", async () => {
    const proxy = await startFaultProxy(sharedTarget().endpoint ?? "", {
      rules: [{ fault: { kind: "throttle" } }],
    });
    const { client } = testClient(proxy.endpoint, { maxAttempts: 1 });
    const answer = await client.send(new ScanCommand({ TableName: uniqueName() })).catch((error) => error);
    expect(explain(answer)).toMatchObject({ code: "throttled" });
    await proxy.close();
  });
});
