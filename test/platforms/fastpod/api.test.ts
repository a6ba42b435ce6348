import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Clock } from "../../../src/core/time.ts";
import { createFastpodApi, FASTPOD_API_LIMITS, retryAfterMs } from "../../../src/platforms/fastpod/api.ts";
import { createFastpodSimulator } from "../../../src/platforms/fastpod/simulator.ts";
import { fastpodWebhook } from "../../../src/platforms/fastpod/webhook.ts";
import type { StoreSimulator } from "../../../src/platforms/simulator/simulator.ts";
import { aStore } from "../a-store.ts";

const TOKEN = "s3cret-api-token-that-no-detail-may-hold";
/** Tue, 24 Nov 2026 07:00:00 GMT */
const NOW = 1_795_503_600_000;

/** Time stands still, and what waits for it waits until the test says that it has come. */
function aClock(): Clock & { waiting: Map<number, (() => void)[]>; pass(delayMs: number): void } {
  const waiting = new Map<number, (() => void)[]>();
  return {
    waiting,
    now: () => NOW,
    after(delayMs, task) {
      waiting.set(delayMs, [...(waiting.get(delayMs) ?? []), task]);
      return () => waiting.delete(delayMs);
    },
    pass(delayMs) {
      for (const task of waiting.get(delayMs) ?? []) task();
    },
  };
}

let clock: ReturnType<typeof aClock>;
let api: ReturnType<typeof createFastpodApi>;
let simulator: StoreSimulator;
let store: ReturnType<typeof aStore>;
let servers: Server[];

beforeEach(async () => {
  clock = aClock();
  api = createFastpodApi(clock);
  simulator = createFastpodSimulator({ clock, token: TOKEN });
  servers = [];
  store = storeAt(await simulator.listen());
});

afterEach(async () => {
  await api.close();
  await simulator.close();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

function storeAt(url: string, token = TOKEN) {
  return aStore({ name: "tee-shop", platform: "fastpod", api: { url, token, version: null } });
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("an order that is there", () => {
  test("is found, and its body is the API's own, which the webhook's reader reads", async () => {
    simulator.put({ id: "FAS105-111423-000006", order_status: "cancelled", reference_id: "20231111" });
    const answer = await api.fetchOrder("FAS105-111423-000006", store);
    expect(answer.kind).toBe("found");
    const body = answer.kind === "found" ? answer.body : Buffer.from("");
    expect(JSON.parse(body.toString())).toEqual({
      status: true,
      message: "Success.",
      data: { id: "FAS105-111423-000006", order_status: "cancelled", reference_id: "20231111" },
    });
    expect(fastpodWebhook.read(body, store)).toMatchObject({
      kind: "cancellation",
      cancellation: { order_id: "FAS105-111423-000006", order_name: "20231111" },
    });
  });

  test("is asked for once, by GET, with the token, under its encoded id; the base may end in slashes", async () => {
    const seen: unknown[] = [];
    const url = await serve(({ method, url: path, headers }, response) => {
      seen.push([method, path, headers.authorization, headers.accept, headers.connection]);
      response.end("{}");
    });
    await api.fetchOrder("a/b?c#d é", storeAt(`${url}//`));
    expect(seen).toEqual([
      ["GET", "/v1/orders/a%2Fb%3Fc%23d%20%C3%A9", `Bearer ${TOKEN}`, "application/json", "close"],
    ]);
  });

  test.each([".", ".."])("the path %s asks for nothing", async (id) => {
    expect((await api.fetchOrder(id, store)).kind).toBe("not_found");
    expect(simulator.requestCount()).toBe(0);
  });
});

describe("an order that is not to be had", () => {
  test("404 is not found", async () => {
    expect(await api.fetchOrder("none", store)).toEqual({
      kind: "not_found",
      detail: "FastPOD's API answered 404: it has no such order",
    });
  });

  test("a 404 that FastPOD did not write (a wrong api.url) is no word on the order", async () => {
    const url = await serve((_, response) => response.writeHead(404).end("<h1>Not Found</h1>"));
    expect(await api.fetchOrder("1", storeAt(url))).toMatchObject({
      kind: "unavailable",
      detail: "FastPOD's API answered 404, and not as FastPOD does: check the api.url of store tee-shop",
    });
  });

  test("a token that is not accepted is said, with the store and what to do, and without the token", async () => {
    const wrong = storeAt(store.api?.url ?? "", "another-secret-token");
    const answer = await api.fetchOrder("1", wrong);
    expect(answer).toMatchObject({ kind: "unavailable", retry_after_ms: null });
    expect(answer.kind === "unavailable" && answer.detail).toMatch(/401.*api\.token of store tee-shop/);
    expect(JSON.stringify(answer)).not.toContain("another-secret-token");
  });

  test.each([
    ["server_error", /answered 500/, null],
    ["unavailable", /answered 503/, 7000],
    ["rate_limited", /answered 429/, 7000],
    ["redirect", /answered 302, a redirect: check the api\.url/, null],
    ["garbage", /without a JSON object/, null],
    ["oversized", /UND_ERR_RES_EXCEEDED_MAX_SIZE/, null],
    ["reset", /ECONNRESET|UND_ERR_SOCKET/, null],
    ["reset_midway", /ECONNRESET|UND_ERR_(SOCKET|RES_CONTENT_LENGTH_MISMATCH)/, null],
  ] as const)("%s is unavailable, after one request", async (failure, detail, retryAfter) => {
    simulator.setFailing(failure);
    const answer = await api.fetchOrder("1", store);
    expect(answer).toMatchObject({ kind: "unavailable", retry_after_ms: retryAfter });
    expect(answer.kind === "unavailable" && answer.detail).toMatch(detail);
    expect(simulator.requestCount()).toBe(1);
    expect(JSON.stringify(answer)).not.toContain(TOKEN);

    simulator.setFailing(null);
    simulator.put({ id: "1", order_status: "cancelled" });
    expect((await api.fetchOrder("1", store)).kind).toBe("found");
  });

  test("a server that says nothing is given up after 30 s in all", async () => {
    simulator.setFailing("hang");
    const asked = api.fetchOrder("1", store);
    await simulator.nextRequest();
    clock.pass(30_000);
    expect(await asked).toEqual({
      kind: "unavailable",
      detail: "FastPOD's API did not answer within 30 s",
      retry_after_ms: null,
    });
    expect(clock.waiting.size).toBe(0);
  });

  test("a server that trickles its answer is given up after 30 s in all", async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200).write('{"status":true,', () => clock.pass(30_000));
    });
    expect(await api.fetchOrder("1", storeAt(url))).toMatchObject({
      kind: "unavailable",
      detail: "FastPOD's API did not answer within 30 s",
    });
  });

  test("headers that do not come are given up by their own limit", async () => {
    const hasty = createFastpodApi(clock, { ...FASTPOD_API_LIMITS, headersMs: 1 });
    simulator.setFailing("hang");
    expect(await hasty.fetchOrder("1", store)).toMatchObject({
      kind: "unavailable",
      detail: "FastPOD's API could not be asked (UND_ERR_HEADERS_TIMEOUT)",
    });
    await hasty.close();
  });

  test("nobody there", async () => {
    const gone = await serve(() => undefined);
    await new Promise((resolve) => servers[0]?.close(resolve));
    expect(await api.fetchOrder("1", storeAt(gone))).toMatchObject({
      kind: "unavailable",
      detail: "FastPOD's API could not be asked (ECONNREFUSED)",
    });
  });

  test("status false inside a 200 is no order, and the API's words never carry the token", async () => {
    const url = await serve((request, response) => {
      response.end(JSON.stringify({ status: false, message: `no:\n${request.headers.authorization ?? ""}` }));
    });
    expect(await api.fetchOrder("1", storeAt(url))).toEqual({
      kind: "unavailable",
      detail: "FastPOD's API answered 200 with status false: no: Bearer ***",
      retry_after_ms: null,
    });
  });

  test("a token that no header can carry, and a store without an api", async () => {
    const answer = await api.fetchOrder("1", storeAt(store.api?.url ?? "", "bad\ntoken"));
    expect(answer).toMatchObject({ kind: "unavailable" });
    expect(JSON.stringify(answer)).not.toContain('token"');
    expect(JSON.stringify(answer)).not.toContain("bad");
    expect(await api.fetchOrder("1", aStore({ name: "tee-shop" }))).toMatchObject({
      kind: "unavailable",
      detail: 'store tee-shop has no "api": give api.url and api.token, and apply',
    });
  });

  test("closing gives up what still waits", async () => {
    simulator.setFailing("hang");
    const asked = api.fetchOrder("1", store);
    await simulator.nextRequest();
    await api.close();
    expect((await asked).kind).toBe("unavailable");
  });
});

describe("Retry-After", () => {
  test.each([
    ["7", 7000],
    [" 120 ", 120_000],
    ["0", 0],
    ["Tue, 24 Nov 2026 07:00:30 GMT", 30_000],
    ["Tue, 24 Nov 2026 06:00:00 GMT", 0],
    ["Tuesday, 24-Nov-26 07:00:30 GMT", 30_000],
    ["", null],
    ["soon", null],
    ["-5", null],
    ["1.5", null],
    ["2026-11-24T07:00:30Z", null],
    ["9".repeat(40), null],
  ])("%j is %s ms", (header, ms) => {
    expect(retryAfterMs(header, NOW)).toBe(ms);
  });

  test("none is none, and of several the first counts", () => {
    expect(retryAfterMs(undefined, NOW)).toBeNull();
    expect(retryAfterMs(["3", "9"], NOW)).toBe(3000);
  });
});
