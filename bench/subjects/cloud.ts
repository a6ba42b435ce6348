import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { CloudArrivals, CloudCommand, CloudCount } from "../cloud/commands.ts";
import { freePort } from "./port.ts";

/** The counting printer cloud of this bench run, in its own process. */
export interface Cloud {
  url: string;
  /** Refuses connections from now on. */
  away(): Promise<void>;
  /** Forgets what came, and takes connections from now on. By default it answers at once and never calls back. */
  back(options?: { answer_after_ms?: number; confirm?: boolean }): Promise<void>;
  count(): Promise<CloudCount>;
  arrivals(): Promise<CloudArrivals>;
  /** Waits until that many different orders have come. @throws when none comes for `STALLED_MS` */
  took(orders: number): Promise<CloudCount>;
  /** Waits until that many callbacks were answered. @throws as `took` */
  confirmed(orders: number): Promise<CloudCount>;
  close(): void;
}

const STALLED_MS = 30_000;
const LOOK_EVERY_MS = 100;

/** It begins away. */
export async function startCloud(): Promise<Cloud> {
  const script = fileURLToPath(new URL("../cloud/cloud.ts", import.meta.url));
  // A port of the kernel's own choice could be given to somebody else while the cloud is away.
  const port = await freePort();
  const child = spawn(process.execPath, [script, String(port)], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  async function tell<Answer>(command: CloudCommand): Promise<Answer> {
    child.stdin.write(JSON.stringify(command) + "\n");
    const line = await lines.next();
    if (line.done === true) throw new Error("the printer cloud's process ended");
    return JSON.parse(line.value) as Answer;
  }
  const count = (): Promise<CloudCount> => tell({ do: "count" });
  let isUp = false;

  async function until(what: "orders" | "confirmed", wanted: number): Promise<CloudCount> {
    let last = await count();
    for (let waitedMs = 0; last[what] < wanted; waitedMs += LOOK_EVERY_MS) {
      if (waitedMs > STALLED_MS)
        throw new Error(`the cloud is at ${last[what]} of ${wanted} ${what} and stays there`);
      await pause(LOOK_EVERY_MS);
      const now = await count();
      if (now[what] > last[what]) waitedMs = 0;
      last = now;
    }
    return last;
  }

  return {
    url: `http://127.0.0.1:${port}`,
    count,
    took: (orders) => until("orders", orders),
    confirmed: (orders) => until("confirmed", orders),
    arrivals: () => tell({ do: "arrivals" }),
    async away() {
      if (isUp) await tell({ do: "down" });
      isUp = false;
    },
    async back({ answer_after_ms = 0, confirm = false } = {}) {
      await tell({ do: "reset", answer_after_ms, confirm });
      if (!isUp) await tell({ do: "up" });
      isUp = true;
    },
    close: () => void child.kill("SIGKILL"),
  };
}
