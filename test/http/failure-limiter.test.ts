import express from "express";
import request from "supertest";
import { afterEach, describe, expect, test } from "vitest";
import { clientAddressOf, networkOf } from "../../src/http/client-address.ts";
import { createFailureLimiter, type FailureLimiter } from "../../src/http/failure-limiter.ts";
import { DEFAULT_LIMITS } from "../../src/http/limits.ts";
import type { RelayEvent } from "../../src/observe/events.ts";
import { createManualClock, type ManualClock } from "../fakes/manual-clock.ts";
import { openTarget, statusesIn, type Target } from "./adversary.ts";

const STORE = { address: "192.0.2.1", store: "noodle-bar", hidden: false };

function setUp(): { clock: ManualClock; events: RelayEvent[]; limiter: FailureLimiter } {
  const [clock, events] = [createManualClock(), [] as RelayEvent[]];
  const emit = (event: RelayEvent): void => void events.push(event);
  return { clock, events, limiter: createFailureLimiter({ clock, emit, limits: DEFAULT_LIMITS }) };
}

function times<T>(count: number, act: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => act(index));
}

describe("the limits of failures", () => {
  test("300 a minute from one address are told; the rest of the minute is a sum", async () => {
    const { clock, events, limiter } = setUp();
    const first = times(300, () => limiter.count(STORE));
    expect(first).toEqual(times(300, () => ({ retry_after_s: null, told: true })));
    await clock.advance(20_000);
    expect(times(1_000, () => limiter.count(STORE)).at(-1)).toEqual({ retry_after_s: 40, told: false });
    expect(events).toEqual([]);
    await clock.advance(40_000);
    expect(limiter.count(STORE)).toEqual({ retry_after_s: null, told: true });
    await clock.advance(20_000);
    expect(events).toEqual([
      { event: "webhook.refusals_summed", store: "noodle-bar", count: 1_000, networks: ["192.0.2.1"] },
    ]);
  });

  test("10,000 addresses are remembered: of more the one that was quiet longest begins anew", () => {
    const { limiter } = setUp();
    const from = (address: string) => limiter.count({ ...STORE, address }).retry_after_s;
    const others = (count: number) => times(count, (n) => from(`10.0.${n >> 8}.${n & 255}`));
    times(300, () => from("192.0.2.1"));
    others(9_999);
    expect(from("192.0.2.1")).not.toBeNull();
    others(10_000);
    expect(from("192.0.2.1")).toBeNull();
  });

  test("neither another address nor another store is in the way", () => {
    const { limiter } = setUp();
    times(400, () => limiter.count(STORE));
    expect(limiter.count({ ...STORE, address: "192.0.2.2" }).retry_after_s).toBeNull();
    expect(limiter.count({ ...STORE, store: "cocktails" }).retry_after_s).toBeNull();
  });

  test("regression: an IPv6 subscriber whose address is shortened before its fourth part was another", () => {
    const { limiter } = setUp();
    times(300, (index) => limiter.count({ ...STORE, address: `2001:db8:0:a::${index.toString(16)}` }));
    for (const address of ["2001:db8::a:1:2:3:4", "2001:0DB8:0000:000A::1"]) {
      expect(limiter.count({ ...STORE, address }).retry_after_s).toBe(60);
    }
    expect(limiter.count({ ...STORE, address: "2001:db8:0:b::1" }).retry_after_s).toBeNull();
  });

  test("IPv4 is the same in IPv6's clothes", () => {
    const { limiter } = setUp();
    times(300, () => limiter.count(STORE));
    expect(limiter.count({ ...STORE, address: "::ffff:192.0.2.1" }).retry_after_s).toBe(60);
    expect(limiter.count({ ...STORE, address: "::ffff:192.0.2.2" }).retry_after_s).toBeNull();
  });

  test("unknown addresses count together, so that none is told apart by its count", () => {
    const { limiter } = setUp();
    times(300, () => limiter.count({ ...STORE, store: null, hidden: true }));
    expect(limiter.count({ ...STORE, store: "tee-shop", hidden: true }).retry_after_s).toBe(60);
    expect(limiter.count({ ...STORE, store: null, hidden: true }).retry_after_s).toBe(60);
  });

  test("from very many addresses: each is told what is wrong, and the log has 300 lines and a sum", async () => {
    const { clock, events, limiter } = setUp();
    const verdicts = times(20_000, (index) =>
      limiter.count({ ...STORE, address: `198.18.${index >> 8}.${index & 255}` }),
    );
    expect(verdicts.filter(({ told }) => told)).toHaveLength(300);
    expect(verdicts.filter(({ retry_after_s }) => retry_after_s !== null)).toEqual([]);
    await clock.advance(60_000);
    expect(events).toEqual([
      {
        ...{ event: "webhook.refusals_summed", store: "noodle-bar", count: 19_700 },
        networks: ["198.18.1.44", "198.18.1.45", "198.18.1.46", "198.18.1.47", "198.18.1.48"],
      },
    ]);
  });

  test("one line a minute and store, and what is not told yet is told in the end, once", async () => {
    const { clock, events, limiter } = setUp();
    for (let second = 0; second < 180; second++) {
      times(10, () => limiter.count(STORE));
      await clock.advance(1_000);
    }
    const before = events.length;
    expect(before).toBe(2);
    limiter.close();
    limiter.close();
    await clock.advance(600_000);
    expect(events).toHaveLength(before + 1);
    const sums = events.map((event) => (event.event === "webhook.refusals_summed" ? event.count : NaN));
    // 60 of each minute had their own lines.
    expect(sums.reduce((sum, count) => sum + count, 0)).toBe(1_800 - 3 * 300);
  });

  test("a clock that is set back shuts nobody out for longer", () => {
    const { clock, limiter } = setUp();
    times(400, () => limiter.count(STORE));
    clock.jump(-3_600_000);
    expect(limiter.count(STORE).retry_after_s).toBeNull();
  });
});

describe("whose address it is", () => {
  test.each([
    ["203.0.113.7"],
    ["203.0.113.7, 198.51.100.2"],
    ["10.0.0.1,203.0.113.7,198.51.100.2"],
    ["2001:db8::1, 198.51.100.2"],
  ])("X-Forwarded-For: %s is read as Express reads it behind 0 to 4 proxies", async (forwarded) => {
    for (const hops of [0, 1, 2, 3, 4]) {
      const app = express();
      app.set("trust proxy", hops);
      app.use((req, res) => void res.json([req.ip, clientAddressOf(req, hops)]));
      const { body } = await request(app).get("/").set("X-Forwarded-For", forwarded);
      const [theirs, ours] = body as [string, string];
      expect([hops, ours]).toEqual([hops, theirs]);
    }
  });

  test.each([
    ["203.0.113.7:4711", "203.0.113.7"],
    ["[2001:db8::1]:4711", "2001:db8::1"],
    ["[2001:db8::1]", "2001:db8::1"],
    ["unknown", "127.0.0.1"],
    ["x".repeat(10_000), "127.0.0.1"],
    ["", "127.0.0.1"],
  ])("what proxies write instead of an address: %s", async (forwarded, expected) => {
    const app = express();
    app.use((req, res) => void res.json(clientAddressOf(req, 1)));
    const { body } = await request(app).get("/").set("X-Forwarded-For", forwarded);
    expect(String(body).replace("::ffff:", "")).toBe(expected);
  });
});

describe("whose network it is", () => {
  test.each([
    ["203.0.113.7", "203.0.113.7"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["::FFFF:cb00:7107", "203.0.113.7"],
    ["0:0:0:0:0:ffff:cb00:7107", "203.0.113.7"],
    ["2001:db8:0:1::9", "2001:db8:0:1::/64"],
    ["2001:DB8::1:0:0:0:7", "2001:db8:0:1::/64"],
  ])("%s is of %s", (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

describe("at the door", () => {
  const open: { target?: Target } = {};
  afterEach(() => open.target?.close());
  const close = "Connection: close\r\nContent-Length: 0\r\n";

  function post(target: Target, path: string, more = ""): Promise<string> {
    return target.send(`POST ${path} HTTP/1.1\r\nHost: x\r\n${close}${more}\r\n`);
  }

  test("bug: beyond the limit a wrong signature was 429; it is 401 with Retry-After, and an authentic webhook 200", async () => {
    const target = (open.target = await openTarget({ failuresMax: 3 }));
    const path = "/webhooks/shopline/noodle-bar";
    for (const waits of [false, false, false, true, true]) {
      const answer = await post(target, path);
      expect([statusesIn(answer), answer.includes("\r\nRetry-After: ")]).toEqual([[401], waits]);
      expect(await target.serves(`between-${target.events.length}`)).toBe(200);
    }
    const answer = await post(target, path);
    expect(Number(/\r\nRetry-After: (\d+)\r\n/.exec(answer)?.[1])).toBeGreaterThan(0);
    expect(Number(/\r\nRetry-After: (\d+)\r\n/.exec(answer)?.[1])).toBeLessThanOrEqual(60);
    expect(answer).toContain("urn:goodcom-relay:problem:signature_refused");
    const refused = target.events.filter((event) => event.event === "webhook.refused");
    expect(refused.map(({ summed }) => summed === true)).toEqual([false, false, false, true, true, true]);
    expect(await target.stored()).toHaveLength(5);
  });

  test("an unknown store and a wrong token stay the same, also beyond the limit", async () => {
    const target = (open.target = await openTarget({ failuresMax: 2 }));
    const answers: string[] = [];
    for (const store of ["nobody", "nobody", "tee-shop", "nobody"]) {
      answers.push(await post(target, `/webhooks/fastpod/${store}/${"x".repeat(43)}`));
    }
    expect(answers.flatMap(statusesIn)).toEqual([404, 404, 404, 404]);
    expect(answers.map((answer) => answer.includes("\r\nRetry-After: "))).toEqual([false, false, true, true]);
    const [, , known = "", unknown = ""] = answers.map((answer) => answer.replace(/\r\nDate: .*/, ""));
    expect(known).toBe(unknown);
  });

  test("addresses of no store get as many lines in the log as a known store's, then a sum", async () => {
    const target = (open.target = await openTarget({ failureLinesMax: 2 }));
    for (let n = 0; n < 4; n++) await post(target, `/webhooks/shopline/nobody-${n}`);
    const refused = target.events.filter((event) => event.event === "webhook.refused");
    expect(refused.map(({ store, summed = false }) => [store, summed])).toEqual([
      [null, false],
      [null, false],
      [null, true],
      [null, true],
    ]);
    delete open.target;
    await target.close();
    expect(target.events.at(-1)).toMatchObject({ event: "webhook.refusals_summed", store: null, count: 2 });
  });

  test("behind a trusted proxy each of its clients has its own limit; else the header is nothing", async () => {
    const behind = (open.target = await openTarget({ failuresMax: 1 }, 1));
    const path = "/webhooks/shopline/noodle-bar";
    const from = (address: string): string => `X-Forwarded-For: 198.51.100.9, ${address}\r\n`;
    expect(await post(behind, path, from("203.0.113.1"))).not.toContain("Retry-After");
    expect(await post(behind, path, from("203.0.113.1"))).toContain("Retry-After");
    expect(await post(behind, path, from("203.0.113.2"))).not.toContain("Retry-After");
    await behind.close();
    const bare = (open.target = await openTarget({ failuresMax: 1 }));
    expect(await post(bare, path, from("203.0.113.1"))).not.toContain("Retry-After");
    expect(await post(bare, path, from("203.0.113.2"))).toContain("Retry-After");
  });
});
