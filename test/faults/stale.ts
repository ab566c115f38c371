import type { Answer } from "./answers.ts";
import type { FaultRule, SeenRequest } from "./rules.ts";

const CHANGES = ["CreateTable", "UpdateTable", "DeleteTable"];

/**
 * A rule that makes DescribeTable eventually consistent: after each change of the table it goes on saying,
 * `times` times, what it said last before. It stands for every request of the table, so put it last.
 */
export function staleDescriptions(table: string, times: number): FaultRule {
  let latest: Answer | undefined;
  let before: Answer | undefined;
  let left = 0;
  const change = (answer: Answer, { operation }: SeenRequest): Answer => {
    if (CHANGES.includes(operation) && answer.status === 200) {
      before = latest;
      left = times;
    }
    if (operation !== "DescribeTable") return answer;
    if (before && left > 0) {
      left -= 1;
      return before;
    }
    latest = answer;
    return answer;
  };
  return { where: ({ body }) => body.TableName === table, fault: { kind: "rewrite", change } };
}
