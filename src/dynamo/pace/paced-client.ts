import type { ScanCommandInput } from "@aws-sdk/client-dynamodb";
import type {
  FinalizeRequestMiddleware,
  InitializeMiddleware,
  MetadataBearer,
  MiddlewareStack,
} from "@smithy/types";
import type { Sender } from "../describe.ts";
import { noteHeldTime } from "../held-time.ts";
import type { Pacer } from "./pacer.ts";
import { type PacedRequest, pacedRequest } from "./request.ts";
import type { Answer } from "./request-cost.ts";
import { throttlesOf } from "./throttle.ts";

/** The requests that begin new work, where nothing else is said: another page, another look at a table that changes, another index. */
const BEGINNINGS: ReadonlySet<string> = new Set([
  "ScanCommand",
  "DescribeTableCommand",
  "UpdateTableCommand",
]);

interface Batch extends Answer {
  readonly UnprocessedItems?: Record<string, unknown>;
  readonly UnprocessedKeys?: Record<string, unknown>;
}

/** How many of a batch's writes or reads on one table came back. */
function leftOver(table: string, { UnprocessedItems = {}, UnprocessedKeys = {} }: Batch): number {
  const writes = UnprocessedItems[table] as readonly unknown[] | undefined;
  const reads = UnprocessedKeys[table] as { Keys?: readonly unknown[] } | undefined;
  return (writes?.length ?? 0) + (reads?.Keys?.length ?? 0);
}

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
    async (args) => {
      const cameAt = pacer.clock.now();
      const ticket = await pacer.enter(look(commandName), beginnings.has(commandName), signal);
      onHeld(pacer.clock.now() - cameAt);
      if (!ticket) return next(args);
      try {
        const result = await next(args);
        const answer = result.output as Batch;
        pacer.answered(ticket, answer);
        pacer.leftOver(ticket.request, leftOver(pacer.table, answer));
        return result;
      } catch (error) {
        const throttles = throttlesOf(error, ticket.request.direction);
        if (throttles.length > 0) pacer.throttled(ticket, throttles);
        else pacer.failed(ticket);
        throw error;
      }
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
