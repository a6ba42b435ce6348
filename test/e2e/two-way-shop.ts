import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startService, type Service } from "../../src/app.ts";
import { openKit } from "../../src/kit.ts";
import { readConfig, type Config } from "../../src/config.ts";
import { PLATFORM_NAMES, type PlatformName } from "../../src/core/cancellation.ts";
import { applyFileSchema, storeSettingsOf } from "../../src/core/settings.ts";
import type { MachineClock } from "../../src/core/time.ts";
import { createGoodcomSimulator } from "../../src/goodcom/simulator/simulator.ts";
import { createFastpodSimulator } from "../../src/platforms/fastpod/simulator.ts";
import { openSampleOrder } from "../../src/platforms/sample.ts";
import { createShoplazzaSimulator } from "../../src/platforms/shoplazza/simulator.ts";
import { createShoplineSimulator } from "../../src/platforms/shopline/simulator.ts";
import { hashToken } from "../../src/platforms/signature.ts";
import type { StoreSimulator } from "../../src/platforms/simulator/simulator.ts";
import { systemClock } from "../../src/system.ts";
import { createReceiver, type Receiver } from "../observe/alerts/receiver.ts";
import { ADMIN_TOKEN, freePort } from "./process.ts";

export const TOKEN = "MARKED-store-api-token";
export const STORE_OF: Record<PlatformName, string> = {
  shopline: "noodle-bar",
  shoplazza: "bakery",
  fastpod: "tee-shop",
};

const SIMULATORS = {
  shopline: createShoplineSimulator,
  shoplazza: createShoplazzaSimulator,
  fastpod: createFastpodSimulator,
};

/** Three simulated stores, the cloud, and the relay in this process, on a clock that a test may set. */
export interface TwoWayShop {
  shops: Record<PlatformName, StoreSimulator>;
  /** Order ids of the slips, as they printed. */
  paper: string[];
  alerts: Receiver;
  /** All that the relay has logged. */
  log: string[];
  /** How far from the machine's own time everybody's clock is. */
  setOff(ms: number): void;
  /** Starts the relay on its ledger. */
  open(): Promise<Service>;
  /** Puts an open order into a store. @returns its id */
  order(platform: PlatformName, number: number): string;
  close(): Promise<void>;
}

/** @param options.token of the stores' settings, where it is not the one that the stores take */
export async function prepareTwoWay(
  options: { token?: string; env?: Record<string, string> } = {},
): Promise<TwoWayShop> {
  const folder = mkdtempSync(join(tmpdir(), "relay-two-way-"));
  let offMs = 0;
  const clock: MachineClock = { ...systemClock, now: () => systemClock.now() + offMs };
  const paper: string[] = [];
  const log: string[] = [];
  const cloud = createGoodcomSimulator({
    clock,
    confirm_after_ms: 10,
    onSlip: ({ order_id }) => paper.push(order_id),
  });
  await cloud.listen();
  const alerts = await createReceiver();
  const made = PLATFORM_NAMES.map(
    (platform) =>
      [
        platform,
        SIMULATORS[platform]({
          ...{
            clock,
            token: TOKEN,
            secret: "webhook-secret-for-tests",
            rate_limit: false,
            http_addresses: true,
          },
          // Two days of tries in a fifth of a second.
          retry_speed: 1_000_000,
        }),
      ] as const,
  );
  const shops = Object.fromEntries(made) as Record<PlatformName, StoreSimulator>;
  for (const [, shop] of made) await shop.listen();
  const file = applyFileSchema.parse({
    printers: [{ name: "kitchen", api_key: "key-kitchen" }],
    stores: PLATFORM_NAMES.map((platform) => ({
      ...{ name: STORE_OF[platform], platform, printer: "kitchen" },
      ...(platform === "fastpod" ? { tokens: ["t".repeat(43)] } : { secrets: ["webhook-secret-for-tests"] }),
      api: { url: shops[platform].url(), token: options.token ?? TOKEN },
    })),
  });
  let config: Config | null = null;
  let service: Service | null = null;
  return {
    shops,
    paper,
    alerts,
    log,
    setOff(ms) {
      offMs = ms;
    },
    async open() {
      const port = String(await freePort());
      config = readConfig(
        {
          ...{ RELAY_DATABASE: join(folder, "relay.db"), RELAY_PORT: port, RELAY_ADMIN_TOKEN: ADMIN_TOKEN },
          ...{ GOODCOM_URL: cloud.url, RELAY_ALERT_URL: alerts.url, RELAY_ALERT_FORMAT: "slack" },
          ...options.env,
        },
        join(folder, "no.env"),
      );
      const overrides = { clock, logTo: { write: (line: string) => void log.push(line) } };
      const kit = await openKit(config, overrides);
      const stores = file.stores.map((store) => storeSettingsOf(store, hashToken));
      const known = (await kit.ledger.settings()).stores.length > 0;
      if (!known)
        await kit.ledger.apply({ printers: file.printers, stores }, { prune: false, now: clock.now() });
      await kit.close();
      service = await startService(config, overrides);
      return service;
    },
    order(platform, number) {
      const name = `${platform}-${number}`;
      const { order } = openSampleOrder(platform, { now: clock.now(), order_id: name, order_name: name });
      shops[platform].put(order);
      return name;
    },
    async close() {
      await service?.close();
      await Promise.all([...Object.values(shops), cloud, alerts].map((part) => part.close()));
      rmSync(folder, { recursive: true });
    },
  };
}
