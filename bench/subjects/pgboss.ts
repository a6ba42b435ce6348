import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startChild, type Child } from "./child.ts";
import { freePort } from "./port.ts";
import { bareEnvironment, PRINTER, STORE } from "./subject.ts";

/** Several processes of Express and pg-boss on one database. */
export interface PgBosses {
  receivers: { url: string }[];
  /** Lets their workers take jobs; before that they only keep them. */
  startDelivering(): void;
  /** Processor time that all of them took so far. */
  cpuMs(): number;
  stop(): Promise<void>;
}

/** @param database address of an empty one */
export async function startPgBosses(
  parent: string,
  cloudUrl: string,
  database: string,
  size: number,
): Promise<PgBosses> {
  const folder = mkdtempSync(join(parent, "pgboss-"));
  const script = fileURLToPath(new URL("../baselines/pgboss.ts", import.meta.url));
  const children: Child[] = [];
  const receivers: PgBosses["receivers"] = [];
  for (let n = 0; n < size; n++) {
    const port = await freePort();
    const env = {
      ...bareEnvironment(),
      BENCH_PORT: String(port),
      BENCH_SECRET: STORE.secret,
      BENCH_DATABASE: database,
      BENCH_CLOUD_URL: cloudUrl,
      BENCH_API_KEY: PRINTER.api_key,
      BENCH_SECRET_KEY: PRINTER.secret_key,
    };
    const log = join(folder, `log-${n}`);
    const child = startChild(process.execPath, [script], { cwd: folder, env, log });
    await child.listening(port);
    children.push(child);
    receivers.push({ url: `http://127.0.0.1:${port}` });
  }
  return {
    receivers,
    startDelivering: () => children.forEach(({ pid }) => process.kill(pid, "SIGUSR2")),
    cpuMs: () => children.reduce((sum, child) => sum + child.cpuMs(), 0),
    async stop() {
      await Promise.all(children.map((child) => child.stop()));
    },
  };
}
