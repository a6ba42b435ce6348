import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { readConfig, type Config } from "../config.ts";
import type { PlatformName } from "../core/cancellation.ts";
import { hashToken } from "../platforms/signature.ts";
import {
  printerSchema,
  storeSchema,
  storeSettingsOf,
  type PrinterSettings,
  type StoreSettings,
} from "../core/settings.ts";

/** Made anew for every demo. */
export interface DemoKeys {
  /** What a store's webhook proves itself with: the secret that signs it, or FastPOD's path token. */
  webhook: Record<PlatformName, string>;
  api_key: string;
  secret_key: string;
  /** Tokens of the stores' APIs. */
  api: Record<PlatformName, string>;
  admin: string;
}

export const DEMO_STORES: readonly { name: string; platform: PlatformName }[] = [
  { name: "noodle-bar", platform: "shopline" },
  { name: "bakery", platform: "shoplazza" },
  { name: "tee-shop", platform: "fastpod" },
];

export const DEMO_COLUMNS = 32;

export function demoKeys(): DemoKeys {
  // 24 bytes are 32 url-safe characters: as long as tokens must be.
  const make = (): string => randomBytes(24).toString("base64url");
  return {
    webhook: { shopline: make(), shoplazza: make(), fastpod: make() },
    api_key: make(),
    secret_key: make(),
    api: { shopline: make(), shoplazza: make(), fastpod: make() },
    admin: make(),
  };
}

/** Nothing of the user's environment or `.env`: a demo must not touch a real ledger or a real printer. */
export function demoConfig(options: {
  folder: string;
  port: number;
  cloudUrl: string;
  admin: string;
  /** False: the relay asks the stores only when it is told to. */
  rounds: boolean;
}): Config {
  const settings = {
    RELAY_DATABASE: join(options.folder, "relay.db"),
    RELAY_PORT: String(options.port),
    RELAY_PUBLIC_URL: `http://127.0.0.1:${options.port}`,
    RELAY_ADMIN_TOKEN: options.admin,
    GOODCOM_URL: options.cloudUrl,
    ...(!options.rounds && { RELAY_RECONCILE_EVERY_S: "0", RELAY_WATCH_EVERY_S: "0" }),
  };
  return readConfig(settings, join(options.folder, "no.env"));
}

export function demoPrinter(keys: DemoKeys): PrinterSettings {
  return printerSchema.parse({
    name: "kitchen",
    api_key: keys.api_key,
    secret_key: keys.secret_key,
    columns: DEMO_COLUMNS,
    time_zone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
  });
}

/** @param apiUrls where the simulated stores' APIs answer; FastPOD's always does, to be asked for its orders */
export function demoStores(
  keys: DemoKeys,
  apiUrls: Partial<Record<PlatformName, string>> & { fastpod: string },
): StoreSettings[] {
  return DEMO_STORES.map(({ name, platform }) => {
    const url = apiUrls[platform];
    const proof =
      platform === "fastpod" ? { tokens: [keys.webhook.fastpod] } : { secrets: [keys.webhook[platform]] };
    const api = url === undefined ? {} : { api: { url, token: keys.api[platform] } };
    const store = storeSchema.parse({ name, platform, printer: "kitchen", ...proof, ...api });
    return storeSettingsOf(store, hashToken);
  });
}
