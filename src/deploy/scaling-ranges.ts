import type { DeclaredResource } from "./monitor.ts";

/** Between which capacities an autoscaler moves. */
export interface ScalingRange {
  readonly min: number;
  readonly max: number;
  /** Percent of the capacity that it aims at; undefined where no policy tracks a target. */
  readonly targetPercent?: number | undefined;
}

/** The ranges of one table or index, as far as it is autoscaled. */
export interface ScalingRanges {
  readonly read?: ScalingRange;
  readonly write?: ScalingRange;
}

/** By what Application Auto Scaling calls it: `table/<table>`, or `table/<table>/index/<index>`. */
export type ScalingByPlace = ReadonlyMap<string, ScalingRanges>;

/** What Application Auto Scaling calls a table, or an index of it. */
export const scalingPlace = (table: string, index?: string) =>
  index === undefined ? `table/${table}` : `table/${table}/index/${index}`;

const TARGET = "aws:appautoscaling/target:Target";
const POLICY = "aws:appautoscaling/policy:Policy";

interface TrackingInputs {
  readonly targetTrackingScalingPolicyConfiguration?: { readonly targetValue?: number };
}

/** The autoscaling of every table and index among a program's resources. */
export function readScalingRanges(resources: readonly DeclaredResource[]): ScalingByPlace {
  const targetPercents = new Map<string, number>();
  for (const { inputs } of resources.filter(({ type }) => type === POLICY)) {
    const value = (inputs as TrackingInputs).targetTrackingScalingPolicyConfiguration?.targetValue;
    if (value !== undefined) targetPercents.set(`${inputs.resourceId} ${inputs.scalableDimension}`, value);
  }
  const ranges = new Map<string, ScalingRanges>();
  for (const { inputs } of resources.filter(({ type }) => type === TARGET)) {
    const [place, dimension] = [String(inputs.resourceId), String(inputs.scalableDimension)];
    const side = dimension.endsWith(":ReadCapacityUnits") ? "read" : "write";
    const range: ScalingRange = {
      min: Number(inputs.minCapacity),
      max: Number(inputs.maxCapacity),
      targetPercent: targetPercents.get(`${place} ${dimension}`),
    };
    ranges.set(place, { ...ranges.get(place), [side]: range });
  }
  return ranges;
}
