import type { ScanCommandInput } from "@aws-sdk/client-dynamodb";
import type {
  FinalizeRequestMiddleware,
  InitializeMiddleware,
  MetadataBearer,
  MiddlewareStack,
} from "@smithy/types";
import type { Sender } from "../describe.ts";
import { noteHeldTime } from "../held-time.ts";
import { sendPaced } from "./paced-attempt.ts";
import type { Pacer } from "./pacer.ts";
import { type PacedRequest, pacedRequest } from "./request.ts";

/** The requests that begin new work, where nothing else is said: another page, another look at a table that changes, another index. */
const BEGINNINGS: ReadonlySet<string> = new Set([
  "ScanCommand",
  "DescribeTableCommand",
  "UpdateTableCommand",
]);

type Stack = MiddlewareStack<object, MetadataBearer>;

/** Looks at the command that is being sent: what of it is paced, if anything. */
type Look = (commandName: string) => PacedRequest | undefined;

/** Has the answers to the table's requests say what they cost, index by index, and scans go page by small page. */
function complete(pacer: Pacer, look: Look): InitializeMiddleware<object, MetadataBearer> {
  return (next, { commandName = "" }) =>
    (args) => {
      const paced = look(commandName);
      if (!paced) return next(args);
      const { TotalSegments = 1, Limit: asked } = args.input as ScanCommandInput;
      const isScan = paced.operation === "Scan";
      const page = isScan ? { Limit: asked ?? pacer.pageItems(TotalSegments) } : {};
      return next({ ...args, input: { ...args.input, ...page, ReturnConsumedCapacity: "INDEXES" } });
    };
}

/** Has every attempt of the SDK wait for its turn. @param onHeld hears for how long each did, in milliseconds */
function paceAttempts(
  pacer: Pacer,
  look: Look,
  beginnings: ReadonlySet<string>,
  signal: AbortSignal | undefined,
  onHeld: (milliseconds: number) => void,
): FinalizeRequestMiddleware<object, MetadataBearer> {
  return (next, { commandName = "" }) =>
    (args) => {
      const cameAt = pacer.clock.now();
      return sendPaced(pacer, {
        request: look(commandName),
        begins: beginnings.has(commandName),
        signal,
        onTurn: () => onHeld(pacer.clock.now() - cameAt),
        send: () => next(args),
        answerOf: ({ output }) => output,
      });
    };
}

/**
 * A client whose requests wait until the pacer lets them: each attempt of each command. Whoever uses it need
 * not know. Requests on other tables are only held by a pause.
 * @param beginnings the commands that begin new work: they are refused once the pacer is told to stop
 */
export function pacedClient(client: Sender, pacer: Pacer, beginnings = BEGINNINGS): Sender {
  const send = (
    command: { readonly input: object; readonly middlewareStack: unknown },
    options?: { abortSignal?: AbortSignal },
  ) => {
    let seen: { request: PacedRequest | undefined } | undefined;
    let held = 0;
    const onHeld = (milliseconds: number) => {
      held += milliseconds;
    };
    const look: Look = (commandName) => {
      seen ??= { request: pacedRequest(pacer.table, pacer.partitionKey, commandName, command.input) };
      return seen.request;
    };
    // Callers send a command again after a failure: it must not be paced twice.
    const stack = command.middlewareStack as Stack;
    stack.add(complete(pacer, look), { step: "initialize", name: "completeRequest", override: true });
    // Inside the SDK's retries, but before it signs: a signature does not keep while a request waits.
    stack.addRelativeTo(paceAttempts(pacer, look, beginnings, options?.abortSignal, onHeld), {
      relation: "before",
      toMiddleware: "httpSigningMiddleware",
      name: "paceAttempts",
      override: true,
    });
    const answer: Promise<unknown> = client.send(command as Parameters<Sender["send"]>[0], options);
    return answer.catch((error: unknown) => {
      noteHeldTime(error, held);
      throw error;
    });
  };
  return { send: send as Sender["send"] };
}
