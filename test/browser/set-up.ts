import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { createGoodcomSimulator, type GoodcomSimulator } from "../../src/goodcom/simulator/simulator.ts";
import { systemClock } from "../../src/system.ts";
import { ADMIN_TOKEN, freePort, startRelay, type RunningRelay } from "../e2e/process.ts";

/** A relay as a process of its own, on an empty ledger, and the cloud it prints by. */
export interface EmptyRelay {
  relay: RunningRelay;
  cloud: GoodcomSimulator;
  close(): Promise<void>;
}

const SIGN = { algorithm: "md5", template: "{api_key}{cur_time}{secret_key}", case: "lower" } as const;

/**
 * @param apiKey the only one that the cloud knows
 * @param settings further ones of the relay's environment
 */
export async function openEmptyRelay(
  apiKey: string,
  settings: Record<string, string> = {},
): Promise<EmptyRelay> {
  const folder = mkdtempSync(join(tmpdir(), "relay-empty-"));
  const cloud = createGoodcomSimulator({
    clock: systemClock,
    confirm_after_ms: 5,
    check: { api_keys: { [apiKey]: { secret_key: "", sign: SIGN } } },
  });
  const relay = await startRelay(folder, {
    RELAY_DATABASE: join(folder, "relay.db"),
    RELAY_PORT: String(await freePort()),
    RELAY_ADMIN_TOKEN: ADMIN_TOKEN,
    GOODCOM_URL: await cloud.listen(),
    ...settings,
  });
  return {
    relay,
    cloud,
    async close() {
      await relay.stop("SIGKILL");
      await cloud.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Signs in wherever the page has been sent to do so. */
export async function signIn(page: Page): Promise<void> {
  await page.fill("input[name=token]", ADMIN_TOKEN);
  await page.click("button:has-text('Sign in')");
}

/** By how many pixels the page is wider than its window. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
}
