import { describe, expect, it } from "vitest";
import { drawGraph } from "../../../src/deploy/graph/draw-graph.ts";
import { Flowchart } from "../../../src/deploy/graph/mermaid.ts";
import type { DeclaredResource } from "../../../src/deploy/monitor.ts";
import { computedOutputs } from "../../../src/deploy/resource-values.ts";
import { flowchartMistakes } from "../../support/mermaid-check.ts";
import { declared, photosReplica, photosTable, surroundings, TABLE_ARN } from "../stack.ts";

const draw = (resources: readonly DeclaredResource[]) => drawGraph(resources, "us-east-1");

/** The links, with the first line of each node's text for its name. */
function linksOf(text: string): string[] {
  const named = text.matchAll(/^ {2}(n\d+)[[({/]+"(.*?)(?:<br\/>|")/gm);
  const names = new Map([...named].map(([, id, name]) => [id, name]));
  return [...text.matchAll(/^ {2}(n\d+) -->(?:\|"(.*)"\|)? (n\d+)$/gm)].map(
    ([, from, label, to]) => `${names.get(from)} ${label ?? "-"} ${names.get(to)}`,
  );
}

describe("the diagram of a stack", () => {
  const inputs = {
    streamEnabled: true,
    streamViewType: "NEW_AND_OLD_IMAGES",
    serverSideEncryption: {
      enabled: true,
      kmsKeyArn: computedOutputs("aws:kms/key:Key", "photos", {}, "us-east-1").arn,
    },
  };
  const ledger = declared("aws:dynamodb/table:Table", "ledger", {
    name: "prod-photos-ledger",
    hashKey: "PK",
    attributes: [{ name: "PK", type: "S" }],
    billingMode: "PAY_PER_REQUEST",
  });
  const copy = photosReplica("eu-west-1");
  const resources = [...surroundings(), ...photosTable(inputs), ledger, copy];
  const text = draw(resources);

  it("shows how everything hangs together", () => {
    expect(linksOf(text).sort()).toEqual([
      "2 alarms tell alarms",
      "backups backs up prod-photos",
      "consumer failed batches dead",
      "photos encrypts prod-photos",
      "prod-photos changes stream",
      "prod-photos index InvertedIndex",
      "prod-photos replicates to prod-photos",
      "prod-photos watched by 2 alarms",
      "prod-seeder may use prod-photos",
      "stream batches consumer",
    ]);
    for (const name of ["prod-photos-ledger", "watch"]) expect(text).toContain(`"${name}`);
  });

  it("shows which tables a plan finds by their tags", () => {
    const selection = declared("aws:backup/selection:Selection", "by-tag", {
      planId: "weekly",
      selectionTags: [{ type: "STRINGEQUALS", key: "keep", value: "weekly" }],
    });
    const weekly = declared("aws:backup/plan:Plan", "weekly", { name: "weekly" });
    const withPlan = (tags: object) =>
      linksOf(draw([weekly, ...photosTable({ tags }), selection])).filter((link) =>
        link.includes("backs up"),
      );
    expect(withPlan({ keep: "weekly" })).toEqual(["weekly backs up prod-photos"]);
    expect(withPlan({ keep: "daily" })).toEqual([]);
  });

  it("is the same whatever order the resources came in", () => {
    expect(draw([...resources].reverse())).toBe(text);
  });

  it("is a flowchart that Mermaid takes", () => {
    expect(flowchartMistakes(text)).toEqual([]);
    expect(flowchartMistakes(draw([]))).toEqual([]);
  });

  it("takes a name that begins like another's for what it is", () => {
    const policy = {
      Statement: [{ Effect: "Allow", Action: "dynamodb:GetItem", Resource: `${TABLE_ARN}-ledger` }],
    };
    const role = declared("aws:iam/role:Role", "r", { name: "r" });
    const rolePolicy = declared("aws:iam/rolePolicy:RolePolicy", "r", {
      role: "r",
      policy: JSON.stringify(policy),
    });
    expect(linksOf(draw([...photosTable(), ledger, role, rolePolicy]))).toContain(
      "r may use prod-photos-ledger",
    );
    expect(linksOf(draw([...photosTable(), ledger, role, rolePolicy]))).not.toContain(
      "r may use prod-photos",
    );
  });
});

describe("the text of a diagram", () => {
  it("escapes what would end a label", () => {
    const chart = new Flowchart();
    chart.node("a", "plain", 'say "hi" <b> #1');
    expect(chart.toString()).toBe('flowchart LR\n  n1["say #quot;hi#quot; #lt;b#gt; #35;1"]\n');
    expect(flowchartMistakes(chart.toString())).toEqual([]);
  });

  it.each([
    ["graph LR\n", "begins with"],
    ['flowchart LR\n  n1["a"]\n  n1["b"]\n', "declared twice"],
    ['flowchart LR\n  n1["a"]\n  n1 --> n2\n', "links what is not there"],
    ['flowchart LR\n  n1["a "quoted" b"]\n', "neither node nor link"],
    ['flowchart LR\n  n1["a)]\n', "neither node nor link"],
  ])("is checked by something that can fail: %j", (text, mistake) => {
    expect(flowchartMistakes(text)).toEqual([expect.stringContaining(mistake)]);
  });
});
