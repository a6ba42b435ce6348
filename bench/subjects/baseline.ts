import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openDisk } from "../../test/fakes/disk/disk.ts";
import { startChild } from "./child.ts";
import { freePort } from "./port.ts";
import { bareEnvironment, STORE, type Subject } from "./subject.ts";

export type BaselineName = "bare" | "commit-each";

/** @param flushUs every flush of its database takes this much longer, in microseconds */
export async function startBaseline(parent: string, name: BaselineName, flushUs?: number): Promise<Subject> {
  const folder = mkdtempSync(join(parent, `${name}-`));
  const port = await freePort();
  const database = join(folder, "baseline.db");
  const env: Record<string, string> = {
    ...bareEnvironment(),
    BENCH_PORT: String(port),
    BENCH_SECRET: STORE.secret,
    BENCH_DATABASE: database,
  };
  if (flushUs !== undefined) {
    const disk = openDisk(database);
    disk.slowBy(flushUs);
    Object.assign(env, disk.env);
  }
  const script = fileURLToPath(new URL(`../baselines/${name}.ts`, import.meta.url));
  const child = startChild(process.execPath, [script], { cwd: folder, env, log: join(folder, "log") });
  await child.listening(port);
  return { url: `http://127.0.0.1:${port}`, memory: () => child.memory(), stop: () => child.stop() };
}
