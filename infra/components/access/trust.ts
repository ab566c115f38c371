import { OpenIdConnectProvider } from "@pulumi/aws/iam/openIdConnectProvider.js";
import * as pulumi from "@pulumi/pulumi";
import type { GithubTrust } from "../../config.ts";
import { accountId, partition } from "../account.ts";
import { USER_TAG } from "./permissions.ts";

const GITHUB_HOST = "token.actions.githubusercontent.com";
const AUDIENCE = "sts.amazonaws.com";

/** Who may take a role, as a statement of its trust policy. */
export type TrustStatement = Readonly<Record<string, unknown>>;

/** The ARNs given, or the account itself, whose own policies then say who. */
export const principalsOrAccount = (given: readonly string[]): pulumi.Input<string>[] =>
  given.length > 0 ? [...given] : [pulumi.interpolate`arn:${partition()}:iam::${accountId()}:root`];

export const trustPrincipals = (principals: readonly pulumi.Input<string>[]): TrustStatement => ({
  Effect: "Allow",
  Principal: { AWS: principals },
  Action: "sts:AssumeRole",
});

/** A session of one user: whoever takes the role says which by a tag, and sets no other. */
export const trustToTagUser = (principals: readonly pulumi.Input<string>[]): TrustStatement => ({
  Effect: "Allow",
  Principal: { AWS: principals },
  Action: ["sts:AssumeRole", "sts:TagSession"],
  Condition: {
    StringLike: { [`aws:RequestTag/${USER_TAG}`]: "?*" },
    "ForAllValues:StringEquals": { "aws:TagKeys": [USER_TAG] },
  },
});

/** The workflows that deploy: jobs of the environment, or else of the main branch. */
export const deployingJobs = ({ repository, environment }: GithubTrust): string =>
  environment === undefined
    ? `repo:${repository}:ref:refs/heads/main`
    : `repo:${repository}:environment:${environment}`;

/** The workflows of pull requests, those from forks aside: GitHub gives them no token. */
export const pullRequestJobs = ({ repository }: GithubTrust): string => `repo:${repository}:pull_request`;

/**
 * Jobs of GitHub Actions with exactly this subject.
 * https://docs.github.com/en/actions/reference/security/oidc
 */
export const trustGithub = (providerArn: pulumi.Input<string>, subject: string): TrustStatement => ({
  Effect: "Allow",
  Principal: { Federated: providerArn },
  Action: "sts:AssumeRoleWithWebIdentity",
  Condition: { StringEquals: { [`${GITHUB_HOST}:aud`]: AUDIENCE, [`${GITHUB_HOST}:sub`]: subject } },
});

/**
 * The account's provider for GitHub, made where none is given. There can be one in an account: a second
 * stack gets its ARN by configuration.
 */
export function githubProviderArn(
  name: string,
  { oidcProviderArn }: GithubTrust,
  tags: Readonly<Record<string, string>>,
  options: pulumi.CustomResourceOptions,
): pulumi.Input<string> {
  if (oidcProviderArn !== undefined) return oidcProviderArn;
  return new OpenIdConnectProvider(
    name,
    // No thumbprints: for GitHub, IAM trusts its own list of certificate authorities.
    { url: `https://${GITHUB_HOST}`, clientIdLists: [AUDIENCE], tags },
    options,
  ).arn;
}
