import * as grpc from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engine from "@pulumi/pulumi/proto/engine_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb.js";
import resource from "@pulumi/pulumi/proto/resource_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import type { Log } from "../log.ts";
import { answerInvoke, computedOutputs, type Properties, unwrap } from "./resource-values.ts";

/** A resource that the program declares. */
export interface DeclaredResource {
  readonly urn: string;
  /** Such as `aws:dynamodb/table:Table`. */
  readonly type: string;
  /** The logical name: the first argument of its constructor. */
  readonly name: string;
  /** False for a component, which only groups others. */
  readonly custom: boolean;
  /** The URN of the component that it belongs to, or of the stack. */
  readonly parent: string;
  /** True for a resource that is only looked up (`Table.get`), not managed. */
  readonly read: boolean;
  readonly inputs: Properties;
  readonly protect: boolean;
  readonly ignoreChanges: readonly string[];
  /** URNs of what must be made before it, and deleted after it. */
  readonly dependencies: readonly string[];
  /** The URN of the resource that takes it along when it is deleted; empty for none. */
  readonly deletedWith: string;
}

/** What the monitor heard from the program. */
export interface Recording {
  readonly resources: DeclaredResource[];
  /** The stack's outputs: what the program exports. */
  outputs: Properties;
  readonly errors: string[];
  /** Resources declared a second time. */
  readonly duplicates: string[];
  /** True after the runner said that the program ended without an error. */
  finished: boolean;
}

/** A monitor that listens. */
export interface Monitor {
  /** Host and port. */
  readonly address: string;
  readonly recording: Recording;
  stop(): void;
}

/** What the monitor speaks for. */
export interface MonitorOptions {
  readonly project: string;
  readonly stack: string;
  readonly region: string;
  readonly log: Log;
}

const STACK_TYPE = "pulumi:pulumi:Stack";
const STACK_REFERENCE_TYPE = "pulumi:pulumi:StackReference";

/**
 * What this monitor can do. Features left out (transforms, hooks, output values) are refused by
 * Pulumi's own library with a clear message, so no program passes for evaluated that was not.
 */
const FEATURES = new Set(["secrets", "resourceReferences", "aliasSpecs", "deletedWith", "replaceWith"]);

/** A resource's URN; its type is qualified by its parents' types (Pulumi docs, "Resource names"). */
export function makeUrn(
  { project, stack }: Pick<MonitorOptions, "project" | "stack">,
  type: string,
  name: string,
  parentUrn: string,
): string {
  const parentType = parentUrn.split("::")[2] ?? "";
  const qualified = parentType && parentType !== STACK_TYPE ? `${parentType}$${type}` : type;
  return `urn:pulumi:${stack}::${project}::${qualified}::${name}`;
}

type Properly = (object: struct.Struct | undefined) => Properties;
const toProperties: Properly = (object) => (object?.toJavaScript() ?? {}) as Properties;
const plain: Properly = (object) => unwrap(toProperties(object)) as Properties;
const toStruct = (value: Properties) =>
  struct.Struct.fromJavaScript(value as Record<string, struct.JavaScriptValue>);

/** A method's failure, as the program gets to see it. */
class Refusal extends Error {}

type Answer<Request, Response> = (request: Request) => Response;

/** Turns a plain function into a gRPC method. */
function unary<Request, Response>(
  answer: Answer<Request, Response>,
): grpc.handleUnaryCall<Request, Response> {
  return (call, reply) => {
    try {
      reply(null, answer(call.request));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      reply({ code: error instanceof Refusal ? grpc.status.ALREADY_EXISTS : grpc.status.INTERNAL, message });
    }
  };
}

/** The side of Pulumi's engine that a program declares its resources to. It records, and makes nothing. */
class Recorder {
  readonly recording: Recording = {
    resources: [],
    outputs: {},
    errors: [],
    duplicates: [],
    finished: false,
  };
  readonly #options: MonitorOptions;
  readonly #urns = new Set<string>();
  #rootUrn = "";

  constructor(options: MonitorOptions) {
    this.#options = options;
  }

  register(request: resource.RegisterResourceRequest): resource.RegisterResourceResponse {
    const [type, name] = [request.getType(), request.getName()];
    const urn = this.#claim(type, name, request.getParent());
    const raw = toProperties(request.getObject());
    const inputs = unwrap(raw) as Properties;
    const response = new resource.RegisterResourceResponse().setUrn(urn);
    if (type === STACK_TYPE) return response;
    const custom = request.getCustom();
    this.recording.resources.push({
      urn,
      type,
      name,
      custom,
      parent: request.getParent(),
      read: false,
      inputs,
      protect: request.getProtect() ?? false,
      ignoreChanges: request.getIgnorechangesList(),
      dependencies: request.getDependenciesList(),
      deletedWith: request.getDeletedwith(),
    });
    if (!custom) return response.setObject(toStruct(raw));
    const computed = computedOutputs(type, name, inputs, this.#options.region);
    const id = String(computed.id ?? computed.name);
    return response.setId(id).setObject(toStruct({ ...raw, ...computed, id }));
  }

  read(request: resource.ReadResourceRequest): resource.ReadResourceResponse {
    const [type, name] = [request.getType(), request.getName()];
    if (type === STACK_REFERENCE_TYPE) {
      throw new Refusal(
        `the outputs of the stack ${name} are kept by Pulumi, and this run does not go there`,
      );
    }
    const urn = this.#claim(type, name, request.getParent());
    const inputs = plain(request.getProperties());
    const known = {
      protect: false,
      ignoreChanges: [],
      dependencies: request.getDependenciesList(),
      deletedWith: "",
      custom: true,
      read: true,
      parent: request.getParent(),
    };
    this.recording.resources.push({ urn, type, name, inputs, ...known });
    const state = { ...computedOutputs(type, request.getId(), inputs, this.#options.region), ...inputs };
    return new resource.ReadResourceResponse().setUrn(urn).setProperties(toStruct(state));
  }

  outputs(request: resource.RegisterResourceOutputsRequest): empty.Empty {
    if (request.getUrn() === this.#rootUrn) this.recording.outputs = plain(request.getOutputs());
    return new empty.Empty();
  }

  invoke(request: resource.ResourceInvokeRequest): provider.InvokeResponse {
    const answer = answerInvoke(request.getTok(), this.#options.region);
    if (!answer) throw new Refusal(`only AWS can answer ${request.getTok()}, and this run does not go there`);
    return new provider.InvokeResponse().setReturn(toStruct(answer));
  }

  heard(request: engine.LogRequest): empty.Empty {
    const { log } = this.#options;
    const message = request.getMessage().trim();
    const severity = request.getSeverity();
    if (severity === engine.LogSeverity.ERROR) this.recording.errors.push(message);
    else if (severity === engine.LogSeverity.WARNING) log.warn(message);
    else if (severity === engine.LogSeverity.INFO) log.info(message);
    // What is left is the library's own tracing of its calls.
    return new empty.Empty();
  }

  finish(): empty.Empty {
    this.recording.finished = true;
    return new empty.Empty();
  }

  #claim(type: string, name: string, parent: string): string {
    const urn = makeUrn(this.#options, type, name, parent);
    if (this.#urns.has(urn)) {
      this.recording.duplicates.push(urn);
      throw new Refusal(`Duplicate resource URN '${urn}'`);
    }
    this.#urns.add(urn);
    if (type === STACK_TYPE) this.#rootUrn = urn;
    return urn;
  }
}

function serve(recorder: Recorder): grpc.Server {
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1 });
  server.addService(ResourceMonitorService, {
    supportsFeature: unary((request: resource.SupportsFeatureRequest) =>
      new resource.SupportsFeatureResponse().setHassupport(FEATURES.has(request.getId())),
    ),
    registerResource: unary((request: resource.RegisterResourceRequest) => recorder.register(request)),
    readResource: unary((request: resource.ReadResourceRequest) => recorder.read(request)),
    registerResourceOutputs: unary((request: resource.RegisterResourceOutputsRequest) =>
      recorder.outputs(request),
    ),
    invoke: unary((request: resource.ResourceInvokeRequest) => recorder.invoke(request)),
    signalAndWaitForShutdown: unary(() => recorder.finish()),
  });
  server.addService(EngineService, { log: unary((request: engine.LogRequest) => recorder.heard(request)) });
  return server;
}

/**
 * Listens on a free loopback port for one Pulumi program, as the engine behind `pulumi up` does, and
 * records what it declares. A call that it does not know is answered "unimplemented".
 */
export async function startMonitor(options: MonitorOptions): Promise<Monitor> {
  const recorder = new Recorder(options);
  const server = serve(recorder);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    address: `127.0.0.1:${port}`,
    recording: recorder.recording,
    stop: () => server.forceShutdown(),
  };
}
