import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { JsonObject } from "../../core/json.ts";

/** Ways in which an order API fails; `hang` accepts and says nothing, `reset` cuts the connection. */
export const FASTPOD_FAILURES = [
  "server_error", // 500
  "unavailable", // 503 with Retry-After: 7
  "rate_limited", // 429 with Retry-After: 7
  "hang",
  "reset",
  "reset_midway", // headers, half a body, cut
  "garbage", // 200 that is not JSON
  "oversized", // 200 with 2 MiB
  "redirect", // 302 to itself
] as const;
export type FastpodFailure = (typeof FASTPOD_FAILURES)[number];

/** A real HTTP server on loopback that plays FastPOD's order API, for tests and the demo. */
export interface FastpodSimulator {
  /** @param port 0 takes a free one. @returns its base, such as `http://127.0.0.1:4321` */
  listen(port?: number): Promise<string>;
  /** Adds or replaces an order by its `id`. */
  put(order: JsonObject & { id: string }): void;
  /** Every request fails like this from now on; null: all is well again. */
  setFailing(failure: FastpodFailure | null): void;
  /** Requests taken so far, whatever became of them. */
  requestCount(): number;
  /** Resolves when the next request has come in. */
  nextRequest(): Promise<void>;
  close(): Promise<void>;
}

const RETRY_AFTER_S = 7;
const OVERSIZED_BYTES = 2 * 1024 * 1024;

/**
 * @param options.token the bearer token it takes
 * @see fastpodapi.apidog.io: envelope `{status, message, data}`, `GET /v1/orders/{id}`; read 2026-11
 */
export function createFastpodSimulator(options: { token: string }): FastpodSimulator {
  const orders = new Map<string, JsonObject>();
  let failure: FastpodFailure | null = null;
  let requestCount = 0;
  let waiting: (() => void)[] = [];

  const server = createServer((request, response) => {
    requestCount++;
    for (const tell of waiting) tell();
    waiting = [];
    if (failure === null) answer(request, response);
    else FAIL[failure](response);
  });

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const id = /^\/v1\/orders\/([^/?]+)$/.exec(request.url ?? "")?.[1];
    if (!isSame(request.headers.authorization ?? "", `Bearer ${options.token}`)) {
      send(response, 401, { status: false, message: "Unauthenticated." });
    } else if (request.method !== "GET" || id === undefined) {
      send(response, 404, { status: false, message: "There is nothing here." });
    } else {
      const order = orders.get(decoded(id));
      if (order === undefined) send(response, 404, { status: false, message: "Order not found." });
      else send(response, 200, { status: true, message: "Success.", data: order });
    }
  }

  return {
    listen: (port = 0) =>
      new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen(port, "127.0.0.1", () => {
          resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
        });
      }),
    put: (order) => void orders.set(order.id, order),
    setFailing(next) {
      failure = next;
    },
    requestCount: () => requestCount,
    nextRequest: () => new Promise((resolve) => waiting.push(resolve)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const FAIL: Record<FastpodFailure, (response: ServerResponse) => void> = {
  server_error: (response) => send(response, 500, { status: false, message: "Server Error" }),
  unavailable: (response) => send(response.setHeader("retry-after", RETRY_AFTER_S), 503, {}),
  rate_limited: (response) => send(response.setHeader("retry-after", RETRY_AFTER_S), 429, {}),
  hang: () => undefined,
  reset: (response) => void response.socket?.resetAndDestroy(),
  reset_midway(response) {
    response.writeHead(200, { "content-type": "application/json", "content-length": 1000 });
    response.write('{"status":true,"data":{"id":"', () => response.socket?.resetAndDestroy());
  },
  garbage: (response) => response.writeHead(200, { "content-type": "text/html" }).end("<h1>Welcome</h1>"),
  oversized: (response) => response.writeHead(200).end(`{"data":"${"x".repeat(OVERSIZED_BYTES)}"}`),
  redirect: (response) => response.writeHead(302, { location: response.req.url }).end(),
};

function send(response: ServerResponse, status: number, body: JsonObject): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash("sha256").update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}
