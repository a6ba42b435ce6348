import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeHome, startRelay } from "../../bench/subjects/relay.ts";

test("the relay that is measured starts as npm start starts it, which begins with exec, and takes connections", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const relay = await startRelay(await makeHome(folder, { cloud: "http://127.0.0.1:9" }));
  try {
    expect((await fetch(`${relay.url}/readyz`)).status).toBe(200);
  } finally {
    await relay.stop();
  }
});
