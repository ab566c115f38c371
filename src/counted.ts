/** A whole number for people, in groups of three digits. */
export const whole = (count: number): string => Math.round(count).toLocaleString("en-US");

/** How many there are of something: `1 item`, `1,048 items`. */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${whole(count)} ${count === 1 ? noun : plural}`;
