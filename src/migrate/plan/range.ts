/** A number that is known to lie between two; the same twice where it is known. */
export interface Range {
  readonly least: number;
  readonly most: number;
}

export const NONE: Range = { least: 0, most: 0 };

export const exactly = (number: number): Range => ({ least: number, most: number });

export const plus = (a: Range, b: Range): Range => ({ least: a.least + b.least, most: a.most + b.most });

export const times = ({ least, most }: Range, factor: number): Range => ({
  least: least * factor,
  most: most * factor,
});

export const sumOf = (ranges: Iterable<Range>): Range => [...ranges].reduce(plus, NONE);

/** To whole numbers, away from what it would leave out; what is one number stays one. */
export const rounded = ({ least, most }: Range): Range => ({
  least: least === most ? Math.ceil(least) : Math.floor(least),
  most: Math.ceil(most),
});
