/** Characters of a function's name, and of a role's (API_CreateFunction, API_CreateRole). */
const MAX_NAME = 64;

/** Everything that AWS would refuse in a stream consumer, one line each. */
export function consumerMistakes(args: {
  readonly physicalName: string;
  readonly source: { readonly streamArn: object | undefined };
}): string[] {
  const { length } = args.physicalName;
  const mistakes: string[] = [];
  if (length > MAX_NAME) {
    mistakes.push(
      `physicalName "${args.physicalName}" has ${length} characters, and the name of a Lambda function has at most ${MAX_NAME}`,
    );
  }
  if (!args.source.streamArn) mistakes.push("source has no stream: give its table one");
  return mistakes;
}
