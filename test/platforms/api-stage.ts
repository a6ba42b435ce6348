import type { ServerResponse } from "node:http";
import type { PlatformName } from "../../src/core/cancellation.ts";
import type { Clock } from "../../src/core/time.ts";
import type { ApiLimits } from "../../src/platforms/api/limits.ts";
import type { StoreApi } from "../../src/platforms/store-api.ts";
import { json } from "./api-server.ts";

// What the contract of the stores' APIs is played with.

export const TOKEN = "s3cret-api-token-that-no-detail-may-hold";
/** Tue, 24 Nov 2026 07:00:00 GMT */
export const NOW = 1_795_503_600_000;

export interface ApiSubject {
  platform: PlatformName;
  product: string;
  create: (clock: Clock, limits?: ApiLimits) => StoreApi & { close(): Promise<void> };
  /** What a token that may not do it lacks, as the failure names it; null: the platform has no scopes. */
  scopes: { read: string; write: string } | null;
  /** Questions that may go at once. */
  burst: number;
  perSecond: number;
  /** The body of a list's page with these orders, which are JSON texts. */
  listed: (orders: readonly string[]) => string;
  /** The body of a list of subscriptions. */
  subscriptions: (all: readonly { id?: string; topic: string; address: string }[]) => unknown;
  /** An order as the API answers it when asked for `1`, and what `getOrder` makes of it. */
  order: { body: unknown; told: unknown };
}

/** Time that passes only when the test says so. */
export function aClock(): Clock & { pass(ms: number): Promise<void> } {
  let now = NOW;
  let timers: { at: number; task: () => void }[] = [];
  return {
    now: () => now,
    after(delayMs, task) {
      const timer = { at: now + delayMs, task };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    async pass(ms) {
      const until = now + ms;
      for (;;) {
        const [next] = timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
        if (next === undefined) break;
        timers = timers.filter((timer) => timer !== next);
        now = Math.max(now, next.at);
        next.task();
        await new Promise((resolve) => setImmediate(resolve));
      }
      now = until;
    },
  };
}

export const REQUEST = { reason: "x", at: NOW, restock: true, email: false, amount: null, currency: null };
const HTML = "<h1>Not here</h1>";

/** Answers that go wrong, by their names in the contract. */
export const FAULTS: Record<string, (response: ServerResponse) => void> = {
  "a reset": (response) => void response.socket?.resetAndDestroy(),
  "a reset half-way": (response) => {
    response.writeHead(200, { "content-length": 1000 });
    response.write('{"order":', () => response.socket?.resetAndDestroy());
  },
  "too much": (response) => response.end(`{"data":"${"x".repeat(2 * 1024 * 1024)}"}`),
  "HTML with 200": (response) => response.end(HTML),
  "a redirect": (response) => response.writeHead(302, { location: "/elsewhere" }).end(),
  "401": json(401, { errors: "no" }),
  "403": json(403, { errors: "no" }),
  "404 in its own form": json(404, { errors: "no such order" }),
  "404 of a path that no route knows": json(404, { message: "The route v2/orders/1 could not be found." }),
  "404 of a gateway": json(404, { message: "no Route matched with those values" }),
  "404 in HTML": (response) => response.writeHead(404).end(HTML),
  "406": json(406, { errors: ["already shipped"] }),
  "422": json(422, { message: "already cancelled" }),
  "429": json(429, { errors: "slow down" }, { "retry-after": "7" }),
  "500": json(500, { message: "Server Error" }),
  "503": json(503, {}, { "retry-after": "7" }),
};

/** Until what is on a socket has come: real input and output, so turns of the loop and not time. */
export async function letSettle(): Promise<void> {
  for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
}
