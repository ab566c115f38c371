const UNKNOWN = /^Unknown arguments?: /;

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** What yargs says of unknown arguments, without its own second name of each: `dryRun` beside `dry-run`. */
export function withoutCamelCase(message: string): string {
  if (!UNKNOWN.test(message)) return message;
  const given = message.replace(UNKNOWN, "").split(", ");
  const names = given.filter((name) => kebab(name) === name || !given.includes(kebab(name)));
  return `Unknown argument${names.length === 1 ? "" : "s"}: ${names.join(", ")}`;
}
