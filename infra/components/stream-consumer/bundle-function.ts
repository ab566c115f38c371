import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { buildSync } from "esbuild";

const FUNCTIONS = join(import.meta.dirname, "..", "..", "functions");

/** What Lambda calls: the export `handler` of the bundle's one file. */
export const HANDLER = "index.handler";

/**
 * Bundles infra/functions/<name>/handler.ts into one ES module. The AWS SDK stays outside, as Lambda's
 * Node.js runtimes bring it; names are kept as they are, so that stack traces and logs can be read.
 * The same sources make the same bytes, so an update deploys only what has changed.
 */
export function bundleFunction(name: string, target: string): pulumi.asset.AssetArchive {
  const { outputFiles } = buildSync({
    entryPoints: [join(FUNCTIONS, name, "handler.ts")],
    // Paths in the bundle are written from here, wherever the program is run.
    absWorkingDir: FUNCTIONS,
    bundle: true,
    platform: "node",
    format: "esm",
    target,
    external: ["@aws-sdk/*"],
    write: false,
    logLevel: "silent",
  });
  const files = outputFiles.map(({ text }) => ["index.mjs", new pulumi.asset.StringAsset(text)]);
  return new pulumi.asset.AssetArchive(Object.fromEntries(files));
}
