/**
 * Compares two strings as DynamoDB orders string keys: by their UTF-8 bytes. JavaScript's `<` compares
 * UTF-16 units, which puts characters beyond U+FFFF before some that DynamoDB puts first
 * (HowItWorks.NamingRulesDataTypes, "String").
 */
export function compareUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, "utf8"), Buffer.from(b, "utf8"));
}
