import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createGoodcomClient } from "../../src/goodcom/client.ts";
import type { GoodcomClient } from "../../src/goodcom/api.ts";
import type { FaultInput } from "../../src/goodcom/simulator/faults.ts";
import { createGoodcomSimulator, type GoodcomSimulator } from "../../src/goodcom/simulator/simulator.ts";
import { systemClock } from "../../src/system.ts";
import { sampleRequest } from "../fakes/goodcom.ts";

/** Long enough for a busy machine: what must not time out never does here. */
const PATIENT = { connect_ms: 20_000, headers_ms: 20_000, body_ms: 20_000 };
/** For what must. */
const QUICK = { ...PATIENT, headers_ms: 100, body_ms: 100 };
const HANGING = ["hang", "hang_body", "slow_drip"];

let cloud: GoodcomSimulator;
let client: GoodcomClient;
const servers: Server[] = [];

beforeEach(async () => {
  cloud = createGoodcomSimulator({ clock: systemClock, confirm_after_ms: null });
  client = createGoodcomClient({ url: await cloud.listen(), clock: systemClock, limits: PATIENT });
});
afterEach(async () => {
  await client.close();
  await cloud.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listen(server: Server): Promise<string> {
  servers.push(server);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("every fault has its outcome", () => {
  it.each<[FaultInput, string, number | null, string]>([
    [null, "accepted", 200, "HTTP 200"],
    ["hang", "unknown", null, "no answer: nothing came within 100 ms (UND_ERR_HEADERS_TIMEOUT)"],
    ["hang_body", "unknown", 200, "HTTP 200, then "],
    ["reset", "unknown", null, "no answer: the connection was reset (ECONNRESET)"],
    ["429", "unavailable", 429, "HTTP 429: too busy, come back later"],
    ["503", "unavailable", 503, "HTTP 503: too busy, come back later"],
    ["500", "unknown", 500, "HTTP 500: internal error"],
    ["failure", "rejected", 200, "HTTP 200, code 4001: printer is offline"],
    ["nonsense", "unknown", 200, "HTTP 200, but the answer cannot be read"],
    ["slow_drip", "unknown", 200, "HTTP 200, then the answer was not complete within 100 ms"],
    ["oversized", "unknown", 200, "HTTP 200, then the answer is larger than 65536 bytes"],
    ["redirect", "unavailable", 302, "HTTP 302: the cloud redirects elsewhere"],
    ["unknown_order", "rejected", 200, "HTTP 200, code 4004: order does not exist"],
  ])("%j", async (fault, kind, status, detail) => {
    cloud.script([fault]);
    const limits = typeof fault === "string" && HANGING.includes(fault) ? QUICK : PATIENT;
    const first = createGoodcomClient({ url: cloud.url, clock: systemClock, limits });
    const { outcome } = await first.send(sampleRequest());
    await first.close();
    expect(outcome).toMatchObject({ kind, http_status: status });
    expect(outcome.detail.slice(0, detail.length)).toBe(detail);
    expect(outcome.order_unknown).toBe(fault === "unknown_order");
    // One POST, whatever happened: nothing repeats it, nothing follows a redirect.
    expect(cloud.requests).toHaveLength(1);
    expect(JSON.stringify(outcome)).not.toMatch(/APIKEY|SECRET|TOKEN|01JDELIVERY/);
  });

  it("sends nothing when it may no longer leave: asked when the connection stands, and once", async () => {
    let asked = 0;
    const { outcome } = await client.send(sampleRequest(), () => {
      asked++;
      return false;
    });
    expect(outcome).toMatchObject({ kind: "unavailable", http_status: null });
    expect(outcome.detail).toBe("not sent: it was too late for it");
    expect((await client.send(sampleRequest(), () => true)).outcome.kind).toBe("accepted");
    expect([asked, cloud.requests.length]).toEqual([1, 1]);
  });

  it("leaves the client none the worse", async () => {
    cloud.script(["reset", "oversized", "nonsense", "500", null, "redirect", null]);
    const kinds: string[] = [];
    for (let i = 0; i < 7; i++) kinds.push((await client.send(sampleRequest())).outcome.kind);
    expect(kinds).toEqual([
      ...["unknown", "unknown", "unknown", "unknown", "accepted", "unavailable", "accepted"],
    ]);
  });

  it("tells how long the cloud asks to wait", async () => {
    cloud.script([{ fault: "429", retry_after_s: 7 }, { fault: "503", retry_after_s: 90 }, "500"]);
    const waits: (number | null)[] = [];
    for (let i = 0; i < 3; i++) waits.push((await client.send(sampleRequest())).outcome.retry_after_ms);
    expect(waits).toEqual([7000, 90_000, null]);
  });

  it("keeps only the first 8 KB of an answer that is too large", async () => {
    cloud.script(["oversized"]);
    const { outcome } = await client.send(sampleRequest());
    expect(outcome.response).toMatch(/^\{"code":0,"msg":"x{8000}/);
    expect(outcome.response?.length).toBeLessThanOrEqual(8192);
  });

  it("takes an answer of exactly 64 KB", async () => {
    const body = `{"code":0,"msg":"${"x".repeat(65_536 - 19)}"}`;
    expect(body).toHaveLength(65_536);
    const server = createServer((_req, res) => void res.end(body));
    const big = createGoodcomClient({ url: await listen(server), clock: systemClock, limits: PATIENT });
    expect((await big.send(sampleRequest())).outcome.kind).toBe("accepted");
    await big.close();
  });

  it("measures the clock's skew by any answer", async () => {
    const server = createServer((_req, res) => {
      res.setHeader("date", "Tue, 24 Nov 2026 12:00:00 GMT");
      res.end("{}");
    });
    const clock = { ...systemClock, now: () => Date.UTC(2026, 10, 24, 12, 1, 30) };
    const skewed = createGoodcomClient({ url: await listen(server), clock, limits: PATIENT });
    expect((await skewed.send(sampleRequest())).outcome.clock_skew_ms).toBe(90_000);
    expect(await skewed.clockSkewMs()).toBe(90_000);
    await skewed.close();
  });

  it("ignores an informational answer before the real one", async () => {
    const server = createServer((_req, res) => {
      res.writeEarlyHints({ link: "</style.css>; rel=preload" });
      res.statusCode = 429;
      res.end();
    });
    const hinted = createGoodcomClient({ url: await listen(server), clock: systemClock, limits: PATIENT });
    expect((await hinted.send(sampleRequest())).outcome).toMatchObject({
      kind: "unavailable",
      http_status: 429,
    });
    await hinted.close();
  });

  it("takes an informational answer alone for no answer", async () => {
    const server = createServer((_req, res) => {
      res.writeEarlyHints({ link: "</style.css>; rel=preload" }, () => res.socket?.destroy());
    });
    const hinted = createGoodcomClient({ url: await listen(server), clock: systemClock, limits: PATIENT });
    expect((await hinted.send(sampleRequest())).outcome).toMatchObject({
      kind: "unknown",
      http_status: null,
    });
    await hinted.close();
  });

  it("does not follow a redirect to another place", async () => {
    let asked = 0;
    const elsewhere = await listen(createServer((_req, res) => void (asked++, res.end("{}"))));
    const server = createServer((_req, res) => {
      res.writeHead(308, { location: `${elsewhere}/v1/api/cancelorder` }).end();
    });
    const sent = createGoodcomClient({ url: await listen(server), clock: systemClock, limits: PATIENT });
    expect((await sent.send(sampleRequest())).outcome).toMatchObject({ kind: "rejected", http_status: 308 });
    expect(asked).toBe(0);
    await sent.close();
  });
});

describe("reachable", () => {
  it("connects and sends nothing", async () => {
    expect(await client.reachable()).toBe(true);
    expect(cloud.requests).toEqual([]);
    await cloud.setFault("refuse");
    expect(await client.reachable()).toBe(false);
    await cloud.setFault(null);
    expect(await client.reachable()).toBe(true);
  });

  it("does not count on an answer", async () => {
    await cloud.setFault("hang");
    expect(await client.reachable()).toBe(true);
  });
});

describe("clockSkewMs", () => {
  it("is null when the cloud is away, hangs, or says no date", async () => {
    await cloud.setFault("refuse");
    expect(await client.clockSkewMs()).toBeNull();
    const server = createServer((_req, res) => {
      res.sendDate = false;
      res.end();
    });
    const dateless = createGoodcomClient({ url: await listen(server), clock: systemClock, limits: PATIENT });
    expect(await dateless.clockSkewMs()).toBeNull();
    await dateless.close();
  });
});

describe("many at once", () => {
  it("sends each once and loses none", async () => {
    const kinds = await Promise.all(
      Array.from({ length: 150 }, async (_, i) => {
        const request = sampleRequest({ idempotency_key: `key-${i}` });
        return (await client.send(request)).outcome.kind;
      }),
    );
    expect(new Set(kinds)).toEqual(new Set(["accepted"]));
    expect(new Set(cloud.slips.map(({ idempotency_key }) => idempotency_key)).size).toBe(150);
    expect(cloud.slips).toHaveLength(150);
  });
});
