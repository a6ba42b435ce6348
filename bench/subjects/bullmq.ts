import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startChild } from "./child.ts";
import { addMemory } from "./memory.ts";
import { freePort } from "./port.ts";
import { bareEnvironment, PRINTER, STORE, type Subject } from "./subject.ts";

export interface Bullmq extends Subject {
  /** Lets its worker take jobs; before that it only keeps them. */
  startDelivering(): void;
}

export function hasRedis(): boolean {
  return spawnSync("redis-server", ["--version"]).status === 0;
}

/** Express, BullMQ and a Redis of their own, as durable as the relay. Memory is that of both processes. */
export async function startBullmq(parent: string, cloudUrl: string): Promise<Bullmq> {
  const folder = mkdtempSync(join(parent, "bullmq-"));
  const env = bareEnvironment();
  const redisPort = await freePort();
  const redis = startChild("redis-server", redisArguments(redisPort, folder), {
    cwd: folder,
    env,
    log: join(folder, "redis.log"),
  });
  await redis.listening(redisPort);
  const port = await freePort();
  const script = fileURLToPath(new URL("../baselines/bullmq.ts", import.meta.url));
  const child = startChild(process.execPath, [script], {
    cwd: folder,
    env: {
      ...env,
      BENCH_PORT: String(port),
      BENCH_SECRET: STORE.secret,
      BENCH_REDIS_PORT: String(redisPort),
      BENCH_CLOUD_URL: cloudUrl,
      BENCH_API_KEY: PRINTER.api_key,
      BENCH_SECRET_KEY: PRINTER.secret_key,
    },
    log: join(folder, "log"),
  });
  await child.listening(port);
  return {
    url: `http://127.0.0.1:${port}`,
    memory: () => addMemory([child.memory(), redis.memory()]),
    startDelivering: () => process.kill(child.pid, "SIGUSR2"),
    async stop() {
      await child.stop();
      await redis.stop();
    },
  };
}

/** An add that was answered is on the disk, as with the relay; no snapshots beside the log. */
function redisArguments(port: number, folder: string): string[] {
  const settings = {
    port: String(port),
    bind: "127.0.0.1",
    dir: folder,
    appendonly: "yes",
    appendfsync: "always",
    save: "",
  };
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
}
