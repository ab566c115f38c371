import { EDGES, type EdgeReport } from "./edges.ts";

/** The edges in a line or two: how many were met, or which were not. */
export function renderEdges({ patterns, unmet, leftOut }: EdgeReport): string[] {
  if (leftOut !== undefined) return [`no edge inputs: ${leftOut}`];
  const met = new Set(patterns.flatMap((pattern) => pattern.met));
  const inputs = patterns.reduce((sum, pattern) => sum + pattern.inputs, 0);
  return [
    ...unmet.map((edge) => `EDGE NOT MET: ${EDGES[edge]}: give the oracles' edgeItems some for it`),
    `edges: ${met.size} met by ${inputs} inputs on the oracles' edge items`,
  ];
}
