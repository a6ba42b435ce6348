import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { anErasure, erase, forgotten, marked, MARKS } from "./erasing.ts";
import { everyText, makeFolder, openAt } from "./sqlite-ledger.ts";

const CHILD = fileURLToPath(new URL("./children/erase-on.ts", import.meta.url));
const ORDERS = 40;
const KILLS = 4;

/** @returns the lines it has printed whole when it was killed, after so many */
async function eraseUntilKilled(path: string, lines: number): Promise<string[]> {
  const child = spawn(process.execPath, [CHILD, path], { stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (chunk: string) => {
    printed += chunk;
    if (printed.split("\n").length > lines) child.kill("SIGKILL");
  });
  const [, signal] = (await once(child, "close")) as [number | null, string | null];
  expect(signal, printed).toBe("SIGKILL");
  return printed.split("\n").slice(0, -1);
}

test(
  `an erasure that is killed ${KILLS} times over goes on, and counts nothing twice`,
  { timeout: 60_000 },
  async () => {
    const folder = makeFolder();
    try {
      const path = folder.file("relay.db");
      const ledger = await openAt(path);
      for (let n = 1; n <= ORDERS; n++) await ledger.enqueue(marked(n));
      await ledger.beginErasure(anErasure(1, { phone: "+49 30 5550123" }));
      await ledger.close();
      for (let kill = 1; kill <= KILLS; kill++) {
        const lines = await eraseUntilKilled(path, kill * 2);
        expect(lines).not.toContain("done");
        const looked = await openAt(path);
        const gone = (await forgotten(looked)).filter(Boolean).length;
        // What a batch has told is durable, and it is an order's all or nothing.
        expect(gone).toBeGreaterThanOrEqual(lines.reduce((sum, line) => sum + Number(line), 0));
        expect(gone).toBeLessThan(ORDERS);
        expect(await looked.nextErasure()).toMatchObject({ deliveries: gone, done_at: null });
        const marks = everyText(path)
          .split("\n")
          .filter((line) => MARKS.test(line));
        expect(marks.filter((line) => line.startsWith("tickets.ticket"))).toHaveLength(ORDERS - gone);
        expect(marks.filter((line) => line.startsWith("webhook_bodies"))).toHaveLength(ORDERS - gone);
        await looked.close();
      }
      const last = await openAt(path);
      const { id, asked_at, by, subject } = (await last.nextErasure())!;
      const erasure = { id, asked_at, by, subject: subject! };
      while (!(await last.eraseBatch({ erasure, limit: 100, now: asked_at + 2 })).done);
      expect(await last.listErasures(9)).toMatchObject([{ subject: null, deliveries: ORDERS }]);
      expect(await erase(last, 2, { phone: "+49 30 5550123" })).toEqual({ deliveries: 0, webhooks: 0 });
      await last.close();
      expect(everyText(path)).not.toMatch(MARKS);
      const db = new Database(path);
      expect(db.pragma("integrity_check", { simple: true })).toBe("ok");
      db.close();
    } finally {
      folder.remove();
    }
  },
);
