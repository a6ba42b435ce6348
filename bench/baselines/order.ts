import { createHash } from "node:crypto";
import { Pool } from "undici";

/** What a queue keeps of one webhook. */
export interface Job {
  store: string;
  /** As it came. */
  body: string;
}

/** What the baselines that deliver read of a body. */
export interface Order {
  id: string;
  name: string;
  cancel_reason: string;
  cancelled_at: string;
  line_items: { quantity: number; title: string; price: string }[];
}

/** Posts to the printer cloud what the relay would. @throws when it answers anything but 200 */
export function createDelivery(
  cloudUrl: string,
  keys: { api_key: string; secret_key: string },
  connections: number,
): (job: Job) => Promise<void> {
  const cloud = new Pool(cloudUrl, { connections, pipelining: 1 });
  return async ({ body }) => {
    const order = JSON.parse(body) as Order;
    const curTime = String(Date.now());
    const sign = createHash("md5")
      .update(keys.api_key + curTime + keys.secret_key)
      .digest("hex");
    const answer = await cloud.request({
      method: "POST",
      path: "/v1/api/cancelorder",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        api_key: keys.api_key,
        cur_time: curTime,
        sign,
        order_id: order.id,
        order_json: JSON.stringify(order),
        order_txt: textOf(order),
      }),
    });
    await answer.body.dump();
    if (answer.statusCode !== 200) throw new Error(`the cloud answered ${answer.statusCode}`);
  };
}

function textOf(order: Order): string {
  const lines = order.line_items.map(({ quantity, title, price }) => `${quantity} x ${title}  ${price}`);
  return [`ORDER ${order.name} CANCELLED`, order.cancelled_at, order.cancel_reason, ...lines].join("\n");
}
