import type { UnixMs } from "../../core/time.ts";
import { createSimulatedApi, type ApiOptions } from "./api.ts";
import { createDoor, type Door } from "./door.ts";
import { createOrderBook, type SimulatedOrder } from "./orders.ts";
import { createWebhookSender, type WebhookSender } from "./sender.ts";
import { createSubscriptionBook, type SimulatedSubscription } from "./subscriptions.ts";
import type { SimulatedShop, StoreVendor } from "./vendor.ts";

export interface StoreSimulatorOptions extends ApiOptions {
  /** Signs the webhooks; FastPOD signs none. */
  secret?: string;
  /** Takes `http:` addresses for webhooks too, as on loopback. */
  http_addresses?: boolean;
  /** How many times faster than the vendor's it retries webhooks. */
  retry_speed?: number;
}

/**
 * A real HTTP server on loopback that plays a store: its Admin API, its orders and the webhooks it sends. For tests
 * and the demo.
 */
export interface StoreSimulator extends Door, Pick<WebhookSender, "sent" | "isSending"> {
  /** Adds or replaces an order by its `id`: open, cancelled or shipped as its fields say. Nobody is told. */
  put(order: SimulatedOrder): void;
  order(id: string): SimulatedOrder | null;
  /** The merchant cancels an open order, and the subscriptions are told. @throws Error when it is not open */
  cancel(orderId: string, reason?: string): void;
  subscriptions(): readonly SimulatedSubscription[];
  /** Forgets all subscriptions, as a store does that has been answered badly for too long. */
  dropSubscriptions(): void;
  /** False: nobody is told of what is cancelled from now on, then or later. */
  setSendsWebhooks(sends: boolean): void;
}

export function createStoreSimulator(vendor: StoreVendor, options: StoreSimulatorOptions): StoreSimulator {
  const { clock, secret = "", http_addresses = false, retry_speed = 1 } = options;
  const orders = createOrderBook(vendor.order);
  const subscriptions = createSubscriptionBook(vendor.subscription, http_addresses);
  const sender = createWebhookSender(clock, vendor, subscriptions, { secret, speed: retry_speed });
  let sendsWebhooks = true;

  const shop: SimulatedShop = { orders, subscriptions, url: () => door.url(), cancel };
  const door = createDoor(vendor, createSimulatedApi(vendor, options, shop));

  function cancel(orderId: string, reason: string, at: UnixMs = clock.now()): SimulatedOrder {
    const order = orders.cancel(orderId, reason, at, clock.now());
    if (sendsWebhooks) sender.tell(order);
    return order;
  }

  return {
    ...door,
    sent: () => sender.sent(),
    isSending: () => sender.isSending(),
    put: (order) => orders.put(order),
    order: (id) => orders.get(id),
    cancel: (orderId, reason = "Cancelled by the merchant") => void cancel(orderId, reason),
    subscriptions: () => subscriptions.list(),
    dropSubscriptions: () => subscriptions.drop(),
    setSendsWebhooks(sends) {
      sendsWebhooks = sends;
    },
    async close() {
      sender.close();
      await door.close();
    },
  };
}
