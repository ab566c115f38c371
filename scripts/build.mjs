// Compiles src/ to dist/ and stamps the build with a hash of what it was made from,
// so that the command can tell a stale build from a fresh one (src/build-stamp.ts).
// With --if-stale a fresh build is left as it is.
import { execFileSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
if (!existsSync(join(root, "src"))) process.exit(0);

const dist = join(root, "dist");
const stampModule = pathToFileURL(join(dist, "build-stamp.js")).href;
if (process.argv.includes("--if-stale") && existsSync(join(dist, "build-stamp.json"))) {
  const { isBuildStale } = await import(stampModule);
  if (!isBuildStale(dist, join(root, "src"))) process.exit(0);
}

const require = createRequire(import.meta.url);
rmSync(dist, { recursive: true, force: true });
execFileSync(
  process.execPath,
  [require.resolve("typescript/bin/tsc"), "-p", join(root, "tsconfig.build.json")],
  {
    cwd: root,
    stdio: "inherit",
  },
);
const { hashSources } = await import(stampModule);
writeFileSync(
  join(dist, "build-stamp.json"),
  `${JSON.stringify({ sources: hashSources(join(root, "src")) })}\n`,
);
