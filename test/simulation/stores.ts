import type { PlatformName } from "../../src/core/cancellation.ts";
import type { Answered, ApiFailure } from "../../src/platforms/store-api.ts";
import { signWebhook } from "../../src/platforms/sample.ts";
import type { Receipt } from "../../src/relay.ts";
import type { Life } from "./life.ts";
import type { Listening } from "./printers.ts";
import { SECRET, TOKEN } from "./settings.ts";
import type { Stage } from "./stage.ts";
import { isOfLedger } from "./watch.ts";

const PLATFORM_OF = {
  "noodle-bar": "shopline",
  "cake-shop": "shoplazza",
  cocktails: "shopline",
  "tee-shop": "fastpod",
} as const satisfies Record<string, PlatformName>;
type StoreName = keyof typeof PLATFORM_OF;
export const STORES = Object.keys(PLATFORM_OF) as StoreName[];

export type ApiWeather = "well" | "down" | "odd";

/** A webhook that the relay answered 200: its word is given. */
export interface Promised {
  store: string;
  order: string;
  delivery: string;
}

/** What FastPOD's API has said of an order so far. */
export interface Said {
  cancelled: number;
  denied: number;
}

export interface SimulatedStores {
  apiWeather: ApiWeather;
  promised: Promised[];
  said: Map<string, Said>;
  /** Sends one cancellation until it is answered 200, as the platforms do, and sometimes once more. */
  cancel(store: StoreName, order: string): Promise<void>;
  fetchOrder(life: Life, order: string): Promise<Answered<Buffer>>;
}

/** A platform waits this long for its answer. */
const ANSWER_MS = 5_000;

export function createSimulatedStores(stage: Stage, listening: Listening): SimulatedStores {
  const dice = stage.dice.fork("stores");
  /** From when on FastPOD's API knows that an order is cancelled; never, for a hint that is a lie. */
  const knownFrom = new Map<string, number>();

  function bodyOf(store: StoreName, order: string): Buffer {
    const cancelled_at = new Date(stage.clock.now()).toISOString();
    const plain = { id: order, status: "cancelled", cancelled_at, note: `said ${dice.int(1, 9)}` };
    const hint = { event: { status: "cancelled" }, data: { id: order, order_status: "cancelled" } };
    return Buffer.from(JSON.stringify(PLATFORM_OF[store] === "fastpod" ? hint : plain));
  }

  async function isAnswered(store: StoreName, order: string): Promise<boolean> {
    const relay = listening();
    if (relay === null) return false;
    const platform = PLATFORM_OF[store];
    const body = bodyOf(store, order);
    const signed = signWebhook(platform, body, platform === "fastpod" ? TOKEN : SECRET, stage.clock.now());
    const headers = Object.fromEntries(
      Object.entries(signed).map(([key, value]) => [key.toLowerCase(), value]),
    );
    const path_token = platform === "fastpod" ? TOKEN : null;
    const received = relay
      .receive(platform, store, { headers, query: {}, path_token, body })
      .then((receipt) => keep(store, order, receipt))
      .catch((error: unknown) => {
        if (!isOfLedger(error)) stage.blame(`a webhook fails: ${String(error)}`);
        else stage.tell(`store    ${store} ${order}: 503`);
        return false;
      });
    const answered = await Promise.race([received, stage.sleep(ANSWER_MS).then(() => false)]);
    return answered && (stage.calm || dice.happens(0.9));
  }

  function keep(store: string, order: string, receipt: Receipt): boolean {
    const delivery = receipt.kind === "kept" ? receipt.delivery_id : null;
    stage.tell(`store    ${store} ${order}: ${receipt.kind === "kept" ? receipt.status : receipt.kind}`);
    if (delivery === null) stage.blame(`${store}'s cancellation of ${order} is not kept`);
    else stores.promised.push({ store, order, delivery });
    return true;
  }

  function truthOf(order: string): number {
    const known = knownFrom.get(order);
    if (known !== undefined) return known;
    const lag = dice.weigh({ none: 70, short: 10, long: 10, lie: 10 });
    const from = { none: 0, short: 3_000, long: 30_000, lie: Infinity }[lag] + stage.clock.elapsed();
    knownFrom.set(order, from);
    return from;
  }

  async function answerOf(order: string): Promise<Answered<Buffer>> {
    await stage.sleep(dice.happens(0.1) ? dice.int(1_000, 30_000) : dice.int(1, 300));
    const weather = stage.calm ? "well" : stores.apiWeather;
    if (weather === "down" || (weather === "odd" && dice.happens(0.4))) {
      const retry_after_ms = dice.happens(0.2) ? dice.int(1, 20) * 1000 : null;
      return { ...DOWN, retry_after_ms };
    }
    const oddity = weather === "odd" ? dice.weigh({ none: 6, lost: 1, other: 1, garbled: 1 }) : "none";
    const cancelled = stage.clock.elapsed() >= truthOf(order);
    const said = stores.said.get(order) ?? { cancelled: 0, denied: 0 };
    stores.said.set(order, said);
    if (oddity === "garbled") return { kind: "answered", value: Buffer.from("<html>") };
    if (oddity !== "none" || !cancelled) said.denied++;
    else said.cancelled++;
    if (oddity === "lost") return { ...DOWN, why: "not_found", detail: "no such order" };
    const data = {
      id: oddity === "other" ? `${order}0` : order,
      order_status: cancelled ? "cancelled" : "in_production",
    };
    return { kind: "answered", value: Buffer.from(JSON.stringify({ status: true, message: "", data })) };
  }

  const stores: SimulatedStores = {
    apiWeather: "well",
    promised: [],
    said: new Map(),
    async cancel(store, order) {
      while (!(await isAnswered(store, order))) await stage.sleep(dice.int(300, 10_000));
      if (dice.happens(0.2)) {
        await stage.sleep(dice.int(0, 20_000));
        await isAnswered(store, order);
      }
    },
    fetchOrder: (life, order) =>
      life.cross(async () => {
        truthOf(order);
        const answer = await answerOf(order);
        stage.tell(`api      ${order}: ${answer.kind}`);
        return answer;
      }),
  };
  return stores;
}

const DOWN: ApiFailure = {
  ...{ kind: "failed", why: "unavailable", detail: "the simulated API is down", http_status: null },
  retry_after_ms: null,
};
