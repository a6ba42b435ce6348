import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { CloudArrivals, CloudCommand, CloudCount } from "../cloud/commands.ts";

/** The counting printer cloud of this bench run, in its own process. */
export interface Cloud {
  url: string;
  up(): Promise<void>;
  down(): Promise<void>;
  /** Forgets what came. */
  reset(options?: { answer_after_ms?: number; confirm?: boolean }): Promise<void>;
  count(): Promise<CloudCount>;
  arrivals(): Promise<CloudArrivals>;
  /** Waits until that many different orders have come. @throws when none comes for `STALLED_MS` */
  took(orders: number): Promise<CloudCount>;
  close(): void;
}

const STALLED_MS = 30_000;
const LOOK_EVERY_MS = 100;

/** Up, and answering at once. */
export async function startCloud(): Promise<Cloud> {
  const script = fileURLToPath(new URL("../cloud/cloud.ts", import.meta.url));
  const child = spawn(process.execPath, [script], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  async function tell<Answer>(command: CloudCommand): Promise<Answer> {
    child.stdin.write(JSON.stringify(command) + "\n");
    const line = await lines.next();
    if (line.done === true) throw new Error("the printer cloud's process ended");
    return JSON.parse(line.value) as Answer;
  }
  const count = (): Promise<CloudCount> => tell({ do: "count" });
  const { port } = await tell<CloudCount>({ do: "up" });
  let isUp = true;

  async function took(orders: number): Promise<CloudCount> {
    let last = await count();
    for (let waitedMs = 0; last.orders < orders; waitedMs += LOOK_EVERY_MS) {
      if (waitedMs > STALLED_MS)
        throw new Error(`the cloud got ${last.orders} of ${orders} orders, and no more`);
      await pause(LOOK_EVERY_MS);
      const now = await count();
      if (now.orders > last.orders) waitedMs = 0;
      last = now;
    }
    return last;
  }

  return {
    url: `http://127.0.0.1:${port}`,
    count,
    took,
    arrivals: () => tell({ do: "arrivals" }),
    async up() {
      if (!isUp) await tell({ do: "up" });
      isUp = true;
    },
    async down() {
      if (isUp) await tell({ do: "down" });
      isUp = false;
    },
    reset: async ({ answer_after_ms = 0, confirm = false } = {}) => {
      await tell({ do: "reset", answer_after_ms, confirm });
    },
    close: () => void child.kill("SIGKILL"),
  };
}
