import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import analyzer from "@pulumi/pulumi/proto/analyzer_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { policies } from "../../../infra/policies/rules/index.ts";
import { type PolicedResource, runPolicies } from "../../support/policies.ts";
import { launch, ROOT, type Running } from "../../support/processes.ts";
import { EXAMPLES } from "./examples.ts";

const RUNNER = createRequire(import.meta.url).resolve("@pulumi/pulumi/cmd/run-policy-pack");

type Reply<Response> = (error: grpc.ServiceError | null, response: Response) => void;

/** A call of the client, as a promise. */
const answerOf = <Response>(call: (reply: Reply<Response>) => unknown) =>
  new Promise<Response>((resolve, reject) => {
    call((error, response) => (error ? reject(error) : resolve(response)));
  });

const optionsOf = ({ protect }: PolicedResource) =>
  new analyzer.AnalyzerResourceOptions()
    .setProtect(protect)
    .setCustomtimeouts(new analyzer.AnalyzerResourceOptions.CustomTimeouts());

const propertiesOf = ({ inputs }: PolicedResource) =>
  struct.Struct.fromJavaScript(inputs as Record<string, struct.JavaScriptValue>);

/** The policy pack as `pulumi preview --policy-pack infra/policies` starts it, and asks it. */
class Pack {
  readonly #running: Running;
  readonly #client: AnalyzerClient;

  private constructor(running: Running, port: string) {
    this.#running = running;
    this.#client = new AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  }

  static async start(stack: string): Promise<Pack> {
    const env = { ...process.env, PULUMI_NODEJS_PROJECT: "tablewright", PULUMI_NODEJS_STACK: stack };
    const cwd = join(ROOT, "infra", "policies");
    const running = launch(process.execPath, [RUNNER, "127.0.0.1:1", "."], { cwd, env });
    const { stdout } = running.child;
    if (!stdout) throw new Error("the pack has no output");
    const first = once(createInterface(stdout), "line") as Promise<[string]>;
    const ended = running.finished.then(({ stderr }) => Promise.reject(new Error(stderr)));
    const [port] = await Promise.race([first, ended]);
    ended.catch(() => undefined);
    return new Pack(running, port);
  }

  async names(): Promise<string[]> {
    const info = await answerOf<analyzer.AnalyzerInfo>((reply) =>
      this.#client.getAnalyzerInfo(new empty.Empty(), reply),
    );
    return info.getPoliciesList().map((policy) => policy.getName());
  }

  /** What the pack says of a stack: of each resource by itself, then of them together. */
  async judge(resources: readonly PolicedResource[]) {
    const said: analyzer.AnalyzeDiagnostic[] = [];
    const stack = new analyzer.AnalyzeStackRequest();
    for (const resource of resources) {
      const request = new analyzer.AnalyzeRequest()
        .setType(resource.type)
        .setName(resource.name)
        .setUrn(resource.urn)
        .setProperties(propertiesOf(resource))
        .setOptions(optionsOf(resource));
      const answer = await answerOf<analyzer.AnalyzeResponse>((reply) =>
        this.#client.analyze(request, reply),
      );
      said.push(...answer.getDiagnosticsList());
      stack.addResources(
        new analyzer.AnalyzerResource()
          .setType(resource.type)
          .setName(resource.name)
          .setUrn(resource.urn)
          .setProperties(propertiesOf(resource))
          .setOptions(optionsOf(resource)),
      );
    }
    const answer = await answerOf<analyzer.AnalyzeResponse>((reply) =>
      this.#client.analyzeStack(stack, reply),
    );
    said.push(...answer.getDiagnosticsList());
    return said.map((diagnostic) => ({
      policy: diagnostic.getPolicyname(),
      message: diagnostic.getMessage(),
      level: diagnostic.getEnforcementlevel(),
    }));
  }

  async stop(): Promise<void> {
    this.#client.close();
    this.#running.child.kill("SIGKILL");
    await this.#running.finished;
  }
}

const { ADVISORY, MANDATORY } = analyzer.EnforcementLevel;
const alwaysAdvisory = (name: string) =>
  policies.find((policy) => policy.name === name)?.enforcementLevel === "advisory";

describe.each([
  { stack: "prod", level: MANDATORY },
  { stack: "dev", level: ADVISORY },
])("the policy pack of $stack, run by Pulumi's own runner", ({ stack, level }) => {
  let pack: Pack;
  beforeAll(async () => {
    pack = await Pack.start(stack);
  });
  afterAll(() => pack.stop());

  it("has every policy", async () => {
    expect(await pack.names()).toEqual(policies.map(({ name }) => name));
  });

  it("says of each failing example what the policies say, and how much that matters", async () => {
    for (const { fails } of Object.values(EXAMPLES)) {
      for (const resources of Object.values(fails)) {
        const said = await pack.judge(resources);
        const expected = (await runPolicies(resources)).map(({ policy, message }) => ({
          policy,
          message: expect.stringContaining(message),
          level: alwaysAdvisory(policy) ? ADVISORY : level,
        }));
        expect(said).toHaveLength(expected.length);
        expect(said).toEqual(expect.arrayContaining(expected));
      }
    }
  });
});
