import { createHash, createHmac } from "node:crypto";
import { DUMMY_CREDENTIALS } from "../../../src/dynamo/client.ts";
import type { HttpRequest } from "./http.ts";
import { Refusal } from "./refusal.ts";

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/dynamodb\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
/** What nobody may leave out: AWS wants the host and each x-amz header that it goes by. */
const MUST_BE_SIGNED = ["host", "x-amz-date", "x-amz-target"];

interface Authorization {
  readonly day: string;
  readonly region: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const incomplete = (message: string) => new Refusal("IncompleteSignatureException", message);

function parseAuthorization({ headers }: HttpRequest): Authorization {
  const text = headers.get("authorization");
  if (!text) {
    throw new Refusal("MissingAuthenticationTokenException", "Request is missing Authentication Token");
  }
  const [, accessKey, day = "", region = "", names = "", signature = ""] = AUTHORIZATION.exec(text) ?? [];
  if (!accessKey) throw incomplete(`Authorization header is not a SigV4 one: ${text}`);
  if (accessKey !== DUMMY_CREDENTIALS.accessKeyId) {
    throw new Refusal(
      "UnrecognizedClientException",
      "The security token included in the request is invalid.",
    );
  }
  const signedHeaders = names.split(";");
  const unsigned = MUST_BE_SIGNED.filter((name) => !signedHeaders.includes(name));
  if (unsigned.length > 0) throw incomplete(`not signed: ${unsigned.join(", ")}`);
  if (!headers.get("x-amz-date")?.startsWith(day)) {
    throw incomplete("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date");
  }
  return { day, region, signedHeaders, signature };
}

const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
const sha256 = (content: string | Buffer) => createHash("sha256").update(content).digest("hex");

/** The signature as the AWS General Reference computes it (Signature Version 4). */
function computeSignature({ headers, body }: HttpRequest, authorization: Authorization): string {
  const { day, region, signedHeaders } = authorization;
  const lines = signedHeaders.map((name) => `${name}:${(headers.get(name) ?? "").replace(/ +/g, " ")}\n`);
  const request = ["POST", "/", "", lines.join(""), signedHeaders.join(";"), sha256(body)].join("\n");
  const scope = [day, region, "dynamodb", "aws4_request"];
  const text = ["AWS4-HMAC-SHA256", headers.get("x-amz-date"), scope.join("/"), sha256(request)].join("\n");
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${DUMMY_CREDENTIALS.secretAccessKey}`);
  return hmac(key, text).toString("hex");
}

/**
 * Checks a request's signature, made with the dummy credentials of a local engine.
 * @param check `shape`: scheme, scope, date and signed headers; `whole`: the signature itself too, which costs CPU
 * @throws {Refusal} as DynamoDB words it
 */
export function checkSignature(request: HttpRequest, check: "shape" | "whole"): void {
  const authorization = parseAuthorization(request);
  if (check === "shape" || computeSignature(request, authorization) === authorization.signature) return;
  throw new Refusal(
    "InvalidSignatureException",
    "The request signature we calculated does not match the signature you provided.",
  );
}
