// Compiles src/ to dist/ and stamps the build with a hash of what it was made from,
// so that the command can tell a stale build from a fresh one (src/build-stamp.ts).
import { execFileSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
if (!existsSync(join(root, "src"))) process.exit(0);

const require = createRequire(import.meta.url);
rmSync(join(root, "dist"), { recursive: true, force: true });
execFileSync(
  process.execPath,
  [require.resolve("typescript/bin/tsc"), "-p", join(root, "tsconfig.build.json")],
  {
    cwd: root,
    stdio: "inherit",
  },
);
const { hashSources } = await import(pathToFileURL(join(root, "dist", "build-stamp.js")).href);
writeFileSync(
  join(root, "dist", "build-stamp.json"),
  `${JSON.stringify({ sources: hashSources(join(root, "src")) })}\n`,
);
