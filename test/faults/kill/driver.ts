import type { PlatformName } from "../../../src/core/cancellation.ts";
import type { Shop } from "../../e2e/shop.ts";
import type { Draw } from "./draw.ts";
import type { Answer } from "./history.ts";

export interface LoadOptions {
  /** At most this many webhooks. */
  webhooks: number;
  /** This many are under way at once. */
  connections: number;
  /** Only orders that were never sent before: each of them will be a new slip. */
  only_new?: boolean;
}

/** The stores: they send cancellations, and what had no answer once more, as real ones do. */
export interface Driver {
  readonly answers: readonly Answer[];
  /** What was answered with neither 200 nor 503. */
  readonly refusals: readonly string[];
  /** Webhooks answered 503. */
  readonly put_off: number;
  /** Sends until the relay is gone or so many were sent. */
  load(options: LoadOptions): Promise<void>;
  /** Sends what has no answer yet, until all has. */
  finish(): Promise<void>;
}

interface Order {
  platform: PlatformName;
  id: string;
}

/** SHOPLINE mostly; FastPOD's webhooks have the relay ask the store before anything prints. */
const PLATFORMS: readonly PlatformName[] = [
  ...Array.from({ length: 7 }, () => "shopline" as const),
  ...["shoplazza" as const, "shoplazza" as const, "fastpod" as const],
];
/** One in so many is an order that was answered already: stores send twice. */
const AGAIN_ONE_IN = 8;
const FINISH_CONNECTIONS = 4;

export function createDriver(shop: Shop, draw: Draw): Driver {
  const answers: Answer[] = [];
  const refusals: string[] = [];
  const answered: Order[] = [];
  const unanswered: Order[] = [];
  let made = 0;
  let putOff = 0;

  const newOrder = (): Order => ({ platform: draw.pick(PLATFORMS), id: `order-${++made}` });
  const nextOrder = (): Order => {
    const waiting = unanswered.shift();
    if (waiting !== undefined) return waiting;
    return answered.length > 0 && draw.int(1, AGAIN_ONE_IN) === 1 ? draw.pick(answered) : newOrder();
  };

  /** @returns whether the relay answered at all */
  async function send(order: Order): Promise<boolean> {
    const answer = await shop.cancel(order.platform, order.id).catch(() => null);
    if (answer?.status !== 200) unanswered.push(order);
    if (answer === null) return false;
    const { status, body } = answer;
    if (status === 200) {
      answered.push(order);
      const { webhook = "", delivery = "" } = body;
      answers.push({ order: order.id, status: body.status ?? "", webhook, delivery });
    } else if (status === 503) putOff++;
    else refusals.push(`${order.platform} order ${order.id}: ${status} ${JSON.stringify(body)}`);
    return true;
  }

  return {
    answers,
    refusals,
    get put_off() {
      return putOff;
    },
    async load({ webhooks, connections, only_new = false }) {
      let left = webhooks;
      let gone = false;
      const connection = async (): Promise<void> => {
        while (left > 0 && !gone) {
          left--;
          if (!(await send(only_new ? newOrder() : nextOrder()))) gone = true;
        }
      };
      await Promise.all(Array.from({ length: connections }, connection));
    },
    async finish() {
      while (unanswered.length > 0 && refusals.length === 0) {
        const waiting = unanswered.splice(0, FINISH_CONNECTIONS);
        const sent = await Promise.all(waiting.map(send));
        if (sent.includes(false)) throw new Error("the relay is gone, and nothing was to end it");
      }
    },
  };
}
