import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Launcher } from "./launcher.ts";

const PACKAGE = "@dynoxide/linux-x64";

function binary(): string | undefined {
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`)), "dynoxide");
  } catch {
    return undefined;
  }
}

/** dynoxide: one static binary on SQLite, for machines without Java. */
export const dynoxide: Launcher = {
  name: "dynoxide",
  title: "dynoxide",

  async unavailable() {
    return binary() === undefined
      ? `dynoxide needs the optional package ${PACKAGE}, which is not installed`
      : undefined;
  },

  command({ port, storage }) {
    const dataArgs = storage.kind === "memory" ? [] : ["--db-path", join(storage.folder, "dynoxide.db")];
    return { program: binary() ?? "dynoxide", args: ["serve", "--port", String(port), ...dataArgs] };
  },
};
