/** What one part of a stack costs in a month, in US dollars. */
export interface CostLine {
  /** The table, or what else costs. */
  readonly resource: string;
  readonly item: string;
  /** How much of it, in words. */
  readonly quantity: string;
  /** At the given traffic. */
  readonly monthly: number;
  /** Where it depends on what an autoscaler, or the batches of a consumer, come to. */
  readonly range?: CostRange;
}

/** The least and the most. */
export interface CostRange {
  readonly least: number;
  readonly most: number;
}

/** What costs money and is not in the sum. */
export interface Uncounted {
  readonly resource: string;
  readonly why: string;
}

/** What was found to cost, and what cannot be priced. */
export interface Costs {
  readonly lines: readonly CostLine[];
  readonly uncounted: readonly Uncounted[];
}

/** Collects {@link Costs}. */
export class CostSheet implements Costs {
  readonly lines: CostLine[] = [];
  readonly uncounted: Uncounted[] = [];

  /**
   * Adds what an amount costs.
   * @param price of one; undefined where it is not known, and the line then goes to what is not counted
   */
  add(resource: string, item: string, quantity: string, amount: number, price: number | undefined): void {
    if (price === undefined) this.leaveOut(resource, `${item}: no price is known for this region`);
    else this.lines.push({ resource, item, quantity, monthly: amount * price });
  }

  /** Adds what lies somewhere between two amounts. */
  addRange(
    resource: string,
    item: string,
    quantity: string,
    { amount, least, most }: { amount: number; least: number; most: number },
    price: number | undefined,
  ): void {
    if (least === most || price === undefined) {
      this.add(resource, item, quantity, amount, price);
      return;
    }
    const range = { least: least * price, most: most * price };
    this.lines.push({ resource, item, quantity, monthly: amount * price, range });
  }

  leaveOut(resource: string, why: string): void {
    this.uncounted.push({ resource, why });
  }
}
