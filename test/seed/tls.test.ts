import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { createServer } from "node:tls";
import { expect, inject, it, onTestFinished } from "vitest";
import { launch } from "../support/processes.ts";
import { CLI, cleanEnvironment } from "../support/project-copy.ts";
import { allItems } from "../support/tables.ts";
import { makeStack, sharedProject } from "./stacks.ts";
import { temporaryFolder } from "./support.ts";

/** A key with its certificate for this machine, and the certificate alone, by Java's own tool. */
function makeCertificate() {
  const folder = temporaryFolder();
  const [store, certificate] = [join(folder, "key.p12"), join(folder, "certificate.pem")];
  const keytool = (...args: string[]) =>
    execFileSync("keytool", [...args, "-keystore", store, "-storepass", "secret", "-alias", "test"], {
      stdio: "pipe",
    });
  keytool(
    ...["-genkeypair", "-keyalg", "EC", "-storetype", "PKCS12", "-dname", "CN=localhost"],
    ...["-ext", "SAN=dns:localhost,ip:127.0.0.1", "-validity", "2"],
  );
  keytool("-exportcert", "-rfc", "-file", certificate);
  return { pfx: readFileSync(store), passphrase: "secret", certificate };
}

/** What stands before the engine and speaks TLS, as AWS does. */
async function startTls(secret: { pfx: Buffer; passphrase: string }) {
  const engine = new URL(inject("endpoint"));
  const seen = { connections: 0 };
  const server = createServer(secret, (socket) => {
    seen.connections += 1;
    const behind = connect(Number(engine.port), engine.hostname);
    socket.pipe(behind).pipe(socket);
    for (const side of [socket, behind]) side.on("error", () => side.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return { seen, port: (server.address() as AddressInfo).port };
}

it("a load goes over TLS, and not to whoever has no certificate that is trusted", {
  timeout: 60_000,
}, async () => {
  const secret = makeCertificate();
  const { seen, port } = await startTls(secret);
  const project = sharedProject();
  const stack = await makeStack(project.root);
  const seed = (host: string, env: NodeJS.ProcessEnv) => {
    const endpoint = `https://${host}:${port}`;
    const args = ["seed", "--json", "--retry-for", "1", "--stack", stack.stack, "--endpoint", endpoint];
    return launch(process.execPath, [CLI, ...args], {
      cwd: project.root,
      env: { ...cleanEnvironment, ...env },
    }).finished;
  };
  const untrusted = await seed("localhost", {});
  expect(untrusted.status).toBe(3);
  expect(await allItems(stack.client, stack.table)).toEqual([]);

  const trusted = await seed("127.0.0.1", { NODE_EXTRA_CA_CERTS: secret.certificate });
  expect(trusted.status, trusted.stdout + trusted.stderr).toBe(0);
  const { written, proof } = JSON.parse(trusted.stdout);
  expect(proof.status).toBe("equal");
  expect(await allItems(stack.client, stack.table)).toHaveLength(written);
  expect(seen.connections).toBeGreaterThan(2);
});
