import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { makeFolder, openAt } from "./sqlite-ledger.ts";

const CHILD = fileURLToPath(new URL("./children/write-on.ts", import.meta.url));
const KILLS = 10;
/** Killed when it has printed this many more lines each time, so that every kill hits another moment. */
const LINES_STEP = 7;

async function writeUntilKilled(path: string, first: number, lines: number): Promise<string[]> {
  const child = spawn(process.execPath, [CHILD, path, String(first)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (chunk: string) => {
    printed += chunk;
    if (printed.split("\n").length > lines) child.kill("SIGKILL");
  });
  const [, signal] = (await once(child, "close")) as [number | null, string | null];
  expect(signal, printed).toBe("SIGKILL");
  // The last line may be cut: what was not printed whole was not promised.
  return printed.split("\n").slice(0, -1);
}

test(`what was told durable survives kill -9, ${KILLS} times over`, { timeout: 120_000 }, async () => {
  const folder = makeFolder();
  try {
    const path = folder.file("relay.db");
    const promised: string[] = [];
    for (let kill = 0; kill < KILLS; kill++) {
      promised.push(...(await writeUntilKilled(path, kill * 1_000_000, 5 + kill * LINES_STEP)));
      await expectKept(path, promised);
    }
    expect(promised.length).toBeGreaterThan(KILLS * 5);
  } finally {
    folder.remove();
  }
});

async function expectKept(path: string, promised: readonly string[]): Promise<void> {
  const ledger = await openAt(path);
  const states = new Map(
    (await ledger.listDeliveries({ limit: 1_000_000 })).map(({ id, state, webhook_id }) => [
      id,
      { state, webhook_id },
    ]),
  );
  for (const line of promised) {
    const [what = "", id = ""] = line.split(" ");
    const found = states.get(id);
    expect(found, line).toBeDefined();
    if (what === "claimed") expect(["sending", "accepted"], line).toContain(found?.state);
    if (what === "accepted") expect(found?.state, line).toBe("accepted");
    if (what !== "enqueued") continue;
    const webhook = await ledger.findWebhook(found?.webhook_id ?? "");
    expect(webhook?.body, line).toHaveLength(3000);
  }
  await ledger.close();
  const db = new Database(path);
  expect(db.pragma("integrity_check", { simple: true })).toBe("ok");
  expect(db.pragma("foreign_key_check")).toEqual([]);
  db.close();
}
