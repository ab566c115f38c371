import { defineConfig } from "vitest/config";

export default defineConfig({
  // Tests run the sources: the package's own imports (tablewright/query) resolve to src/, not dist/.
  resolve: { conditions: ["tablewright-source", "node", "import", "default"] },
  ssr: { resolve: { conditions: ["tablewright-source", "node", "import", "default"] } },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/**/*.long.test.ts"],
    globalSetup: ["test/support/shared-engine.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // So does what tests start through the library, such as Pulumi programs.
    execArgv: ["--conditions=tablewright-source"],
  },
});
