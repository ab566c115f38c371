import { describe, expect, it } from "vitest";
import { NoTargetError, RemoteEndpointError } from "../../src/dynamo/errors.ts";
import { chooseTarget } from "../../src/dynamo/target.ts";
import { UsageError } from "../../src/errors.ts";

const running = { endpoint: "http://127.0.0.1:4000", engine: "dynamodb-local" as const };

describe("chooseTarget", () => {
  it("takes the endpoint before AWS, AWS before the running engine, and that before nothing", () => {
    expect(chooseTarget({ endpoint: "http://localhost:1", aws: true, running }).endpoint).toBe(
      "http://localhost:1",
    );
    expect(chooseTarget({ aws: true, region: "eu-west-1", running })).toMatchObject({
      kind: "aws",
      endpoint: undefined,
    });
    expect(chooseTarget({ running }).endpoint).toBe(running.endpoint);
    expect(() => chooseTarget({})).toThrow(NoTargetError);
  });

  it.each(["http://localhost:8000", "http://127.0.0.1:8000", "http://127.1.2.3:8000", "http://[::1]:8000"])(
    "%s is this machine: made-up keys, even with --aws",
    (endpoint) => {
      for (const aws of [false, true]) {
        expect(chooseTarget({ endpoint, aws })).toMatchObject({ kind: "local", credentials: "dummy" });
      }
    },
  );

  it.each([
    "http://dynamodb:8000",
    "https://dynamodb.eu-west-1.amazonaws.com",
    "http://127.0.0.1.example.org",
    "http://10.0.0.1",
  ])("%s is another machine: refused without --aws", (endpoint) => {
    expect(() => chooseTarget({ endpoint })).toThrow(RemoteEndpointError);
    expect(chooseTarget({ endpoint, aws: true })).toMatchObject({ kind: "aws", credentials: "aws" });
    expect(chooseTarget({ endpoint, dummyCredentials: true })).toMatchObject({
      kind: "local",
      credentials: "dummy",
    });
  });

  it.each(["localhost:8000", "", "ftp://127.0.0.1", "8000"])("%j is no endpoint", (endpoint) => {
    expect(() => chooseTarget({ endpoint })).toThrow(UsageError);
  });
});
