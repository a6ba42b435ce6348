import request from "supertest";
import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "../../src/system.ts";
import { createManualClock } from "../fakes/manual-clock.ts";
import { createBench, ledgerDown, type Bench } from "./fakes.ts";
import { openWire } from "./wire.ts";

describe("health", () => {
  test("open to everybody, without details", async () => {
    const bench = createBench();
    const { handler } = bench.server;
    for (const path of ["/healthz", "/readyz", "/healthz?probe=7"]) {
      expect((await request(handler).get(path).expect(200)).text).toBe('{"status":"ok"}');
    }
    await request(handler).head("/healthz").expect(200);
    await request(handler).post("/healthz").expect(405);
  });

  test("not ready: 503 without a reason; alive all the same", async () => {
    const bench = createBench();
    bench.failure = ledgerDown();
    const answer = await request(bench.server.handler).get("/readyz").expect(503);
    expect(answer.text).toBe('{"status":"unavailable"}');
    await request(bench.server.handler).get("/healthz").expect(200);
  });

  test("one look at the ledger answers everybody for half a second", async () => {
    const clock = createManualClock();
    const bench = createBench({}, clock);
    const ready = (): request.Test => request(bench.server.handler).get("/readyz");
    await Promise.all([ready(), ready(), ready()]);
    bench.failure = ledgerDown();
    clock.jump(499);
    await ready().expect(200);
    expect(bench.pings).toBe(1);
    clock.jump(1);
    await ready().expect(503);
    bench.failure = null;
    await ready().expect(503);
    clock.jump(2_000);
    await ready().expect(200);
    expect(bench.pings).toBe(3);
  });

  test("a ledger that does not answer is not ready", async () => {
    const clock = createManualClock();
    let asked = (): void => undefined;
    const wasAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const { ledger } = createBench().deps;
    const ping = (): Promise<void> => {
      asked();
      return new Promise(() => undefined);
    };
    const bench = createBench({ ledger: { ...ledger, ping } }, clock);
    const answer = request(bench.server.handler)
      .get("/readyz")
      .then(({ status }) => status);
    await wasAsked;
    await clock.advance(5_000);
    expect(await answer).toBe(503);
  });
});

describe("the end", () => {
  let bench: Bench;
  afterEach(() => bench.server.close(0));

  /** A server whose next webhook waits until it is let go. */
  async function startHeld(
    clock = createManualClock(),
  ): Promise<{ url: string; arrived: Promise<void>; letGo: () => void }> {
    let letGo = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let arrive = (): void => undefined;
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const { relay } = createBench().deps;
    const receive: typeof relay.receive = async (...given) => {
      arrive();
      await gate;
      return relay.receive(...given);
    };
    bench = createBench({ relay: { ...relay, receive } }, clock);
    return { url: await bench.server.listen("127.0.0.1", 0), arrived, letGo };
  }
  const webhook = "POST /webhooks/shopline/noodle-bar HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}";

  test("a running request is finished first, and its connection ends with it", async () => {
    const { url, arrived, letGo } = await startHeld();
    const wire = await openWire(url);
    wire.write(webhook);
    await arrived;
    const closed = bench.server.close(10_000);
    await expect(openWire(url)).rejects.toThrow(/ECONNREFUSED/);
    letGo();
    expect(await wire.ended).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*Connection: close\r\n[^]*"accepted"/);
    expect(await closed).toBe(true);
  });

  test("what takes longer than the grace is cut, and it says so", async () => {
    const clock = createManualClock();
    const { url, arrived } = await startHeld(clock);
    const wire = await openWire(url);
    wire.write(webhook);
    await arrived;
    const closed = bench.server.close(10_000);
    await clock.advance(10_000);
    expect(await closed).toBe(false);
    expect(await wire.ended.catch(() => "")).toBe("");
  });

  test("an idle kept connection does not hold it up", async () => {
    bench = createBench({}, systemClock);
    const wire = await openWire(await bench.server.listen("127.0.0.1", 0));
    wire.write(webhook);
    await wire.until(/"accepted"/);
    expect(await bench.server.close(10_000)).toBe(true);
    await wire.ended;
  });

  test("a taken port is the caller's to handle", async () => {
    bench = createBench({}, systemClock);
    const url = new URL(await bench.server.listen("127.0.0.1", 0));
    const second = createBench({}, systemClock);
    await expect(second.server.listen("127.0.0.1", Number(url.port))).rejects.toMatchObject({
      code: "EADDRINUSE",
    });
  });
});

test("connections at once are bounded: a new one takes the place of an idle one", async () => {
  const bench = createBench({ limits: { connectionsMax: 1 } }, systemClock);
  const url = await bench.server.listen("127.0.0.1", 0);
  const first = await openWire(url);
  first.write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  await first.until(/"ok"/);
  const second = await openWire(url);
  expect(await first.ended).toMatch(/^HTTP\/1\.1 200 /);
  second.write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  await second.until(/"ok"/);
  second.hangUp();
  await bench.server.close(1000);
});

test("when all connections are being answered, a new one is turned away", async () => {
  const { relay } = createBench().deps;
  let arrive = (): void => undefined;
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const receive: typeof relay.receive = () => {
    arrive();
    return new Promise(() => undefined);
  };
  const bench = createBench({ limits: { connectionsMax: 1 }, relay: { ...relay, receive } }, systemClock);
  const url = await bench.server.listen("127.0.0.1", 0);
  const first = await openWire(url);
  first.write("POST /webhooks/shopline/noodle-bar HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}");
  await arrived;
  const second = await openWire(url);
  expect(await second.ended.catch(() => "")).toBe("");
  first.hangUp();
  await bench.server.close(1000);
});
