import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PlatformName } from "../../src/core/cancellation.ts";
import {
  createGoodcomSimulator,
  type GoodcomSimulator,
  type SimulatorOptions,
} from "../../src/goodcom/simulator/simulator.ts";
import { createFastpodSimulator } from "../../src/platforms/fastpod/simulator.ts";
import { sampleWebhook, signWebhook } from "../../src/platforms/sample.ts";
import type { StoreSimulator } from "../../src/platforms/simulator/simulator.ts";
import { systemClock } from "../../src/system.ts";
import { ADMIN_TOKEN, freePort, relayCommand, startRelay, type RunningRelay } from "./process.ts";

/** A folder, a simulated cloud, a simulated FastPOD, three stores, and the relay as a process of its own. */
export interface Shop {
  folder: string;
  env: Record<string, string>;
  cloud: GoodcomSimulator;
  fastpod: StoreSimulator;
  relay: RunningRelay;
  /** Starts the relay (again) on the same ledger. */
  open(): Promise<void>;
  command(...args: string[]): ReturnType<typeof relayCommand>;
  /** Sends one signed sample cancellation. */
  cancel(platform: PlatformName, order: string): Promise<{ status: number; body: Record<string, string> }>;
  /** Sends a signed SHOPLINE cancellation of this body, just now. */
  cancelWith(order: Record<string, unknown>): Promise<void>;
  /** GET or POST on the operators' API. */
  api(path: string, method?: string, body?: unknown): Promise<{ status: number; body: never }>;
  close(): Promise<void>;
}

/** Marks that must appear in no log, error or list. */
export const SECRETS = {
  shopline: "MARKED-shopline-secret-0123456789",
  shoplazza: "MARKED-shoplazza-secret-0123456789",
  fastpod: "MARKED-fastpod-path-token-0123456789abc",
  fastpodApi: "MARKED-fastpod-api-token",
  apiKey: "MARKED-goodcom-api-key",
  secretKey: "MARKED-goodcom-secret-key",
} as const;
const PORT_TRIES = 5;
const STORES: Record<PlatformName, string> = {
  shopline: "noodle-bar",
  shoplazza: "bakery",
  fastpod: "tee-shop",
};

export async function openShop(...options: Parameters<typeof prepareShop>): Promise<Shop> {
  const shop = await prepareShop(...options);
  await shop.open();
  return shop;
}

/**
 * Without the relay: `open` starts it.
 * @param settings further ones of its environment
 */
export async function prepareShop(
  cloudOptions: Pick<SimulatorOptions, "confirm_after_ms" | "onSlip"> = { confirm_after_ms: 20 },
  settings: Record<string, string> = {},
): Promise<Shop> {
  const folder = mkdtempSync(join(tmpdir(), "relay-e2e-"));
  const sign = { algorithm: "md5", template: "{api_key}{cur_time}{secret_key}", case: "lower" } as const;
  const cloud = createGoodcomSimulator({
    clock: systemClock,
    ...cloudOptions,
    check: { api_keys: { [SECRETS.apiKey]: { secret_key: SECRETS.secretKey, sign } } },
  });
  const fastpod = createFastpodSimulator({ clock: systemClock, token: SECRETS.fastpodApi });
  const env = {
    RELAY_DATABASE: join(folder, "relay.db"),
    RELAY_PORT: String(await freePort()),
    RELAY_ADMIN_TOKEN: ADMIN_TOKEN,
    GOODCOM_URL: await cloud.listen(),
    GOODCOM_SECRET: SECRETS.secretKey,
    ...settings,
  };
  writeFileSync(join(folder, "stores.yaml"), applyFile(await fastpod.listen()));
  const shop: Shop = {
    folder,
    env,
    cloud,
    fastpod,
    relay: undefined as unknown as RunningRelay,
    async open() {
      for (let tries = 1; ; tries++) {
        try {
          shop.relay = await startRelay(folder, env);
          return;
        } catch (error) {
          // Between our look and its use somebody's outgoing connection may have taken the free port.
          if (!String(error).includes("EADDRINUSE") || tries === PORT_TRIES) throw error;
          env.RELAY_PORT = String(await freePort());
        }
      }
    },
    command: (...args) => relayCommand(folder, args, env),
    async cancel(platform, order) {
      const secret = SECRETS[platform];
      const sample = sampleWebhook(platform, {
        now: systemClock.now(),
        store: STORES[platform],
        secret,
        order_id: order,
        order_name: `#${order}`,
      });
      if (sample.api_order !== null) fastpod.put(sample.api_order);
      const answer = await fetch(shop.relay.url + sample.path, {
        method: "POST",
        headers: sample.headers,
        body: new Uint8Array(sample.body),
      });
      return { status: answer.status, body: (await answer.json()) as Record<string, string> };
    },
    async cancelWith(order) {
      const body = JSON.stringify({ cancelled_at: new Date().toISOString(), ...order });
      const headers = signWebhook("shopline", Buffer.from(body), SECRETS.shopline, systemClock.now());
      await fetch(`${shop.relay.url}/webhooks/shopline/noodle-bar`, { method: "POST", headers, body });
    },
    async api(path, method = "GET", body) {
      const answer = await fetch(`${shop.relay.url}/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: answer.status, body: (await answer.json()) as never };
    },
    async close() {
      await (shop.relay as RunningRelay | undefined)?.stop("SIGKILL");
      await cloud.close();
      await fastpod.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  const applied = await shop.command("apply", "stores.yaml");
  if (applied.code !== 0) throw new Error(applied.stderr);
  return shop;
}

function applyFile(fastpodUrl: string): string {
  return `
printers:
  - name: kitchen
    api_key: ${SECRETS.apiKey}
    secret_key: \${GOODCOM_SECRET}
stores:
  - { name: noodle-bar, platform: shopline, printer: kitchen, secrets: ["${SECRETS.shopline}"] }
  - { name: bakery, platform: shoplazza, printer: kitchen, secrets: ["${SECRETS.shoplazza}"] }
  - name: tee-shop
    platform: fastpod
    printer: kitchen
    tokens: ["${SECRETS.fastpod}"]
    api: { url: "${fastpodUrl}", token: "${SECRETS.fastpodApi}" }
`;
}
