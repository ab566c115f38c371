const SECONDS_A_DAY = 86_400;

const dayOf = (seconds: number) => Math.floor(seconds / SECONDS_A_DAY);

const dates = new Map<number, string>();

/** The date of a moment (whole seconds since 1970): `2019-03-02`. */
export function dateOf(seconds: number): string {
  const day = dayOf(seconds);
  let date = dates.get(day);
  if (date === undefined) {
    date = new Date(day * SECONDS_A_DAY * 1000).toISOString().slice(0, 10);
    dates.set(day, date);
  }
  return date;
}

const TWO_DIGITS = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, "0"));

/** A moment (whole seconds since 1970) as items have it: `2019-03-02T09:11:30`. */
export function timestampOf(seconds: number): string {
  const ofDay = seconds - dayOf(seconds) * SECONDS_A_DAY;
  const hours = TWO_DIGITS[Math.floor(ofDay / 3600)];
  const minutes = TWO_DIGITS[Math.floor((ofDay % 3600) / 60)];
  return `${dateOf(seconds)}T${hours}:${minutes}:${TWO_DIGITS[ofDay % 60]}`;
}

/** The moment of a timestamp, in seconds since 1970. */
export const secondsOf = (timestamp: string): number => Date.parse(`${timestamp}Z`) / 1000;
