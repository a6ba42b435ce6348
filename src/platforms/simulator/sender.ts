import { SECOND_MS, type Clock } from "../../core/time.ts";
import { signWebhook } from "../sample.ts";
import type { SimulatedOrder } from "./orders.ts";
import type { SimulatedSubscription, SubscriptionBook } from "./subscriptions.ts";
import type { StoreVendor } from "./vendor.ts";

/** One try at delivering a webhook, and what came of it. */
export interface SentWebhook {
  order_id: string;
  address: string;
  /** 1 for the first. */
  try: number;
  /** Null: nobody took it, or nobody answered in time. */
  status: number | null;
}

export interface WebhookSender {
  /** Tells every subscription of cancellations, each on a schedule of its own. */
  tell(order: SimulatedOrder): void;
  /** Every try that has come to its end, in that order. */
  sent(): readonly SentWebhook[];
  /** Whether a try is on its way. */
  isSending(): boolean;
  /** Gives up what is on its way or waits to be tried again. */
  close(): void;
}

/** Both vendors' pages say, or are taken to say, that an answer counts within 5 s. */
const PATIENCE_MS = 5 * SECOND_MS;

/** @param speed by how much its waits between tries are shortened; its patience with one try is not */
export function createWebhookSender(
  clock: Clock,
  vendor: StoreVendor,
  subscriptions: SubscriptionBook,
  { secret, speed }: { secret: string; speed: number },
): WebhookSender {
  const sent: SentWebhook[] = [];
  const closing = new AbortController();
  const waiting = new Set<() => void>();
  let underWay = 0;

  async function attempt(to: SimulatedSubscription, message: Message, count: number): Promise<void> {
    underWay++;
    const status = await post(clock, to.address, message, closing.signal);
    underWay--;
    if (closing.signal.aborted) return;
    sent.push({ order_id: message.order_id, address: to.address, try: count, status });
    const isTaken = status !== null && vendor.webhook.isTaken(status);
    const isGone = subscriptions.count(to, isTaken);
    const waitMs = vendor.webhook.retries_ms[count - 1];
    if (isTaken || isGone || waitMs === undefined) return;
    const cancel = clock.after(waitMs / speed, () => {
      waiting.delete(cancel);
      // Unsubscribed meanwhile: nobody is to be told any more.
      if (subscriptions.has(to)) void attempt(to, message, count + 1);
    });
    waiting.add(cancel);
  }

  return {
    tell(order) {
      const now = clock.now();
      for (const to of subscriptions.ofCancellations()) {
        const body = Buffer.from(JSON.stringify(vendor.webhook.bodyOf(order, to.version, now)));
        const headers = {
          ...signWebhook(vendor.platform, body, secret, now),
          ...vendor.webhook.headersOf(to.version),
        };
        void attempt(to, { order_id: order.id, body, headers }, 1);
      }
    },
    sent: () => sent,
    isSending: () => underWay > 0,
    close() {
      closing.abort();
      for (const cancel of waiting) cancel();
      waiting.clear();
    },
  };
}

/** What is sent is the same at every try, its id with it. */
interface Message {
  order_id: string;
  body: Buffer;
  headers: Record<string, string>;
}

async function post(
  clock: Clock,
  address: string,
  { headers, body }: Message,
  closing: AbortSignal,
): Promise<number | null> {
  const late = new AbortController();
  const cancelLate = clock.after(PATIENCE_MS, () => late.abort());
  try {
    const answer = await fetch(address, {
      method: "POST",
      headers,
      body: new Uint8Array(body),
      redirect: "manual",
      signal: AbortSignal.any([late.signal, closing]),
    });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return null;
  } finally {
    cancelLate();
  }
}
