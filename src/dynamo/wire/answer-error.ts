/** An error that DynamoDB answered with, in the shape of the SDK's. */
export class AnswerError extends Error {
  readonly $fault: "client" | "server";
  readonly $metadata: { readonly httpStatusCode: number; readonly requestId: string | undefined };

  constructor(name: string, message: string, status: number, requestId: string | undefined) {
    super(message);
    this.name = name;
    this.$fault = status >= 500 ? "server" : "client";
    this.$metadata = { httpStatusCode: status, requestId };
  }
}

function parseBody(text: string): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null ? { ...body } : {};
  } catch {
    // A gateway's page, or half an answer: the status has to do.
    return {};
  }
}

/**
 * Makes an error of an answer other than 200: named as the SDK names it, with its fields, such as
 * `ThrottlingReasons` (Programming.Errors, "Error components").
 */
export function answerError(status: number, text: string, requestId: string | undefined): AnswerError {
  const { __type, message, Message, ...fields } = parseBody(text);
  const name = typeof __type === "string" ? __type.replace(/^.*#/, "") : `HTTP ${status}`;
  const error = new AnswerError(name, String(message ?? Message ?? `answered ${status}`), status, requestId);
  return Object.assign(error, fields);
}
