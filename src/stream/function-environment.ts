import { DUMMY_CREDENTIALS } from "../dynamo/client.ts";
import type { Target } from "../dynamo/target.ts";

/**
 * The environment of a function on this machine: what the program declares, and what leads the AWS SDK to the
 * local engine and nowhere else, as Lambda's own variables lead it to the region that it runs in.
 */
export function functionEnvironment(
  { name, variables }: { readonly name: string; readonly variables: Readonly<Record<string, string>> },
  target: Target,
): Record<string, string> {
  const region = target.region ?? "us-east-1";
  return {
    ...variables,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: DUMMY_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: DUMMY_CREDENTIALS.secretAccessKey,
    // Every other service is led to a port where nothing listens, rather than to AWS.
    AWS_ENDPOINT_URL: "http://127.0.0.1:1",
    ...(target.endpoint !== undefined && { AWS_ENDPOINT_URL_DYNAMODB: target.endpoint }),
    // Neither profiles nor the machine's own role.
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
  };
}
