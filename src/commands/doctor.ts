import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { TableDesign } from "../dynamo/table-design.ts";
import { ExitCode, toErrorDocument } from "../errors.ts";
import type { CommandContext } from "./context.ts";
import { type CommandResult, defineCommand } from "./run.ts";

/** One thing looked at: what it is, whether it will do, and what to do where it will not. */
interface Finding {
  subject: string;
  /** `missing` is needed only for something the finding names; `bad` stops commands from working. */
  state: "fine" | "missing" | "bad";
  found: string;
  next?: string;
}

const OLDEST_NODE = [20, 19] as const;

function nodeFinding(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const good = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  const found = `Node ${process.versions.node}`;
  return good
    ? { subject: "Node", state: "fine", found }
    : { subject: "Node", state: "bad", found, next: `Install Node ${OLDEST_NODE.join(".")} or later.` };
}

async function engineFindings(): Promise<Finding[]> {
  const { LAUNCHERS } = await import("../engine/choose-engine.ts");
  const reasons = await Promise.all(LAUNCHERS.map((launcher) => launcher.unavailable()));
  const someRuns = reasons.some((reason) => reason === undefined);
  return LAUNCHERS.map((launcher, index): Finding => {
    const reason = reasons[index];
    if (reason === undefined) return { subject: launcher.title, state: "fine", found: "can run here" };
    const next =
      "Install a Java 17 runtime, such as Debian's openjdk-17-jre-headless, or the optional package.";
    return { subject: launcher.title, state: someRuns ? "missing" : "bad", found: reason, next };
  });
}

async function projectFindings(context: CommandContext): Promise<Finding[]> {
  try {
    const { listModels } = await import("../project/models.ts");
    const settings = await context.stackSettings();
    const models = listModels(context.project);
    const found = `${context.project.root}, stack ${settings.stack}, models ${models.join(", ") || "none"}`;
    return [{ subject: "Project", state: "fine", found }];
  } catch (error) {
    const { message, next } = toErrorDocument(error);
    return [{ subject: "Project", state: "bad", found: message, next }];
  }
}

/** Keys that no item of the seed files has: a table's own stops the load, an index's leaves it empty. */
async function keyFindings(context: CommandContext): Promise<Finding[]> {
  const { importTableDesign, listModels } = await import("../project/models.ts");
  const { describeUnknownKey, findUnknownKeys, keysOfDesign } = await import("../deploy/key-attributes.ts");
  const findings: Finding[] = [];
  try {
    for (const model of listModels(context.project)) {
      const design = (await importTableDesign(context.project, model)) as TableDesign;
      for (const unknown of await findUnknownKeys(context.project, model, keysOfDesign(design))) {
        findings.push({
          subject: "Keys",
          state: unknown.ofTable ? "bad" : "missing",
          found: describeUnknownKey(unknown),
          next: "Correct the name of the key, or see that items get the attribute.",
        });
      }
    }
    return findings.length > 0
      ? findings
      : [{ subject: "Keys", state: "fine", found: "the items of the seed files have every key attribute" }];
  } catch (error) {
    const { message, next } = toErrorDocument(error);
    return [{ subject: "Keys", state: "bad", found: message, next }];
  }
}

async function pulumiFinding(): Promise<Finding> {
  try {
    const { stdout } = await promisify(execFile)("pulumi", ["version"], { timeout: 10_000 });
    return { subject: "Pulumi CLI", state: "fine", found: stdout.trim() };
  } catch {
    const next = "Needed for AWS only: `npx pulumi version` fetches it on a connected machine.";
    return { subject: "Pulumi CLI", state: "missing", found: "no `pulumi` on the path", next };
  }
}

/** Whether the target answers and lets us look: on AWS that takes credentials and a region. */
async function targetFinding(context: CommandContext): Promise<Finding> {
  const subject = context.options.aws ? "AWS" : "Local engine";
  try {
    const { ListTablesCommand } = await import("@aws-sdk/client-dynamodb");
    const { client, target } = await context.connect({ readOnly: true, maxAttempts: 1 });
    const { explainFailure } = await import("../dynamo/classify.ts");
    await client.send(new ListTablesCommand({ Limit: 1 })).catch((error: unknown) => {
      throw explainFailure(error, target);
    });
    return { subject, state: "fine", found: `${target.description} answers` };
  } catch (error) {
    const { code, message, next } = toErrorDocument(error);
    return { subject, state: code === "no-target" ? "missing" : "bad", found: message, next };
  }
}

async function doctor(context: CommandContext): Promise<CommandResult> {
  const findings = [
    nodeFinding(),
    ...(await engineFindings()),
    ...(await projectFindings(context)),
    ...(await keyFindings(context)),
    await targetFinding(context),
    await pulumiFinding(),
  ];
  const { style } = context.log;
  const mark = { fine: style.green("fine   "), missing: style.yellow("missing"), bad: style.red("bad    ") };
  const lines = findings.flatMap(({ subject, state, found, next }) => [
    `${mark[state]}  ${subject}: ${found}`,
    ...(next ? [`         ${next}`] : []),
  ]);
  const healthy = findings.every(({ state }) => state !== "bad");
  return {
    document: { healthy, findings },
    text: lines.join("\n"),
    exitCode: healthy ? ExitCode.fine : ExitCode.couldNotRun,
  };
}

export const doctorCommand = defineCommand({
  name: "doctor",
  command: "doctor",
  describe: "look at Node, Java, engines, project, target and Pulumi: what is fine, what to do",
  run: doctor,
});
