import type { PlatformName } from "../core/cancellation.ts";
import type { Clock } from "../core/time.ts";
import { createFastpodApi } from "./fastpod/api.ts";
import { fastpodWebhook } from "./fastpod/webhook.ts";
import type { Platform } from "./platform.ts";
import { createShoplazzaApi } from "./shoplazza/api.ts";
import { shoplazza } from "./shoplazza/webhook.ts";
import { createShoplineApi } from "./shopline/api.ts";
import { shopline } from "./shopline/webhook.ts";

/** Every store system the relay takes webhooks of, and what to close at the end. */
export interface Platforms {
  platforms: Record<PlatformName, Platform>;
  /** Ends the connections to the stores' APIs. */
  close(): Promise<void>;
}

export function createPlatforms({ clock }: { clock: Clock }): Platforms {
  const apis = {
    shopline: createShoplineApi(clock),
    shoplazza: createShoplazzaApi(clock),
    fastpod: createFastpodApi(clock),
  };
  return {
    platforms: {
      shopline: { ...shopline, api: apis.shopline },
      shoplazza: { ...shoplazza, api: apis.shoplazza },
      fastpod: { ...fastpodWebhook, api: apis.fastpod },
    },
    async close() {
      await Promise.all(Object.values(apis).map((api) => api.close()));
    },
  };
}
