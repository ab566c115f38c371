import { defineConfig } from "vitest/config";

export default defineConfig({
  // Tests run the sources: the package's own imports (tablewright/query) resolve to src/, not dist/.
  resolve: { conditions: ["tablewright-source", "node", "import", "default"] },
  ssr: { resolve: { conditions: ["tablewright-source", "node", "import", "default"] } },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/**/*.long.test.ts"],
    globalSetup: ["test/support/shared-engine.ts"],
    setupFiles: ["test/support/drop-tables.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // Two processes for all files instead of one for each: no test changes what another one sees, and
    // loading the AWS SDK and zod a hundred times took half a minute.
    isolate: false,
    // So does what tests start through the library, such as Pulumi programs.
    execArgv: ["--conditions=tablewright-source"],
  },
});
