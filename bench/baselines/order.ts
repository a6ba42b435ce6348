import { Pool } from "undici";
import { printerSchema, type StoreSettings } from "../../src/core/settings.ts";
import { marksOf, ticketOf } from "../../src/core/ticket.ts";
import { composeOrder } from "../../src/goodcom/order.ts";
import { signRequest } from "../../src/goodcom/sign.ts";
import { createPlatforms } from "../../src/platforms/index.ts";
import { systemClock } from "../../src/system.ts";

/** What a queue keeps of one webhook. */
export interface Job {
  store: string;
  /** As it came. */
  body: string;
}

/** What the baselines that deliver read of a body before they keep it. */
export interface Order {
  id: string;
}

/**
 * Posts to the printer cloud what the relay would: the same reading of the order, the same slip, the same sign.
 * @throws when the body is no cancellation, or the cloud answers anything but 200
 */
export function createDelivery(
  cloudUrl: string,
  keys: { api_key: string; secret_key: string },
  connections: number,
): (job: Job) => Promise<void> {
  const cloud = new Pool(cloudUrl, { connections, pipelining: 1 });
  const { shopline } = createPlatforms({ clock: systemClock }).platforms;
  const printer = printerSchema.parse({ name: "kitchen", ...keys });
  return async ({ store, body }) => {
    const settings = storeOf(store, printer.name);
    const reading = shopline.read(Buffer.from(body), settings);
    if (reading.kind !== "cancellation") throw new Error(`no cancellation: ${reading.reason}`);
    const now = Date.now();
    const ticket = ticketOf(reading.cancellation, settings, now);
    const marks = marksOf({ id: ticket.order_id, reprint_number: null }, now, false);
    const { order_id, ...order } = composeOrder(ticket, marks, printer);
    const cur_time = String(now);
    const sign = signRequest({ ...keys, cur_time, order_id }, printer.sign);
    const answer = await cloud.request({
      method: "POST",
      path: "/v1/api/cancelorder",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ api_key: keys.api_key, cur_time, sign, order_id, ...order }),
    });
    await answer.body.dump();
    if (answer.statusCode !== 200) throw new Error(`the cloud answered ${answer.statusCode}`);
  };
}

function storeOf(name: string, printer: string): StoreSettings {
  return {
    ...{ name, printer, platform: "shopline", secrets: [], token_hashes: [], shop_id: null, api: null },
    ...{
      order_id_from: "id",
      ignore_older_than_s: null,
      currency: null,
      trust_body: true,
      test_orders: "print",
    },
  };
}
