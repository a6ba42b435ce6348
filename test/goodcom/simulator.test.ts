import { describe, expect, it } from "vitest";
import type { Slip } from "../../src/goodcom/simulator/slip.ts";
import { sampleOrder, samplePrinter } from "../fakes/goodcom.ts";
import { body, closeAfterEach, command, NOW, post, start } from "../fakes/goodcom-simulator.ts";
import { createManualClock } from "../fakes/manual-clock.ts";

closeAfterEach();

describe("taking orders", () => {
  it("prints what the vendor's example sends, and answers {}", async () => {
    const printed: Slip[] = [];
    const cloud = await start({ onSlip: (slip) => printed.push(slip) });
    expect(await post(cloud, body())).toEqual({ status: 200, answer: {} });
    expect(await post(cloud, body({ order_id: "10007" }), "submitorder")).toEqual({
      status: 200,
      answer: {},
    });
    expect(cloud.slips).toMatchObject([
      {
        id: "slip-1",
        at: NOW,
        endpoint: "cancelorder",
        order_id: "10006",
        idempotency_key: "k1",
        verdict: null,
      },
      { id: "slip-2", endpoint: "submitorder", order_id: "10007" },
    ]);
    expect(printed).toEqual(cloud.slips);
  });

  it.each([
    ["a field nobody knows", { ...body(), extra: 1 }, 400],
    ["a missing field", { ...body(), sign: undefined }, 400],
    ["a number for a text", { ...body(), order_id: 10006 }, 400],
    ["seconds for milliseconds", body({ cur_time: "1782107042" }), 400],
    [
      "an unknown field in order_json",
      body({ order_json: { ...sampleOrder().order_json, X: "" } as never }),
      400,
    ],
    ["two order ids", body({ order_json: { ...sampleOrder().order_json, OrderId: "1" } }), 400],
    ["a stale cur_time", body({ cur_time: String(NOW - 301_000) }), 200],
    ["a cur_time ahead", body({ cur_time: String(NOW + 301_000) }), 200],
    ["no object", [], 400],
  ])("refuses %s", async (_name, value, status) => {
    const cloud = await start();
    const result = await post(cloud, value);
    expect(result.status).toBe(status);
    expect(result.answer).toMatchObject({ code: expect.any(Number), msg: expect.any(String) });
    expect(cloud.slips).toEqual([]);
    expect(cloud.requests).toHaveLength(1);
  });

  it("checks key and sign where it knows the secret", async () => {
    const { sign } = samplePrinter();
    const api_keys = {
      "APIKEY-7f3a99": { secret_key: "SECRET-5511aa", sign },
      open: { secret_key: "", sign },
    };
    const cloud = await start({ check: { api_keys } });
    // printf '%s' 'APIKEY-7f3a991782107042846SECRET-5511aa' | openssl md5
    const good = "3eee2bfd73311216dcfa28c9ae5165cd";
    expect((await post(cloud, body({ sign: good }))).answer).toEqual({});
    expect((await post(cloud, body({ sign: good.toUpperCase() }))).answer).toEqual({
      code: 4005,
      msg: "sign error",
    });
    expect((await post(cloud, body())).answer).toEqual({ code: 4005, msg: "sign error" });
    expect((await post(cloud, body({ api_key: "open" }))).answer).toEqual({});
    expect((await post(cloud, body({ api_key: "toString" }))).answer).toMatchObject({ code: 4002 });
    expect(cloud.slips).toHaveLength(2);
  });

  it("may insist on an earlier submitorder", async () => {
    const cloud = await start({ knows_orders: false });
    expect((await post(cloud, body())).answer).toEqual({ code: 4004, msg: "order does not exist" });
    expect((await post(cloud, body(), "submitorder")).answer).toEqual({});
    expect((await post(cloud, body())).answer).toEqual({});
    expect(cloud.slips.map(({ endpoint }) => endpoint)).toEqual(["submitorder", "cancelorder"]);
  });
});

describe("faults", () => {
  it("plays what is scripted, one each, then the standing one", async () => {
    const cloud = await start({ fault: "failure" });
    cloud.script([null, "500", { fault: "500", printed: true }]);
    const statuses: number[] = [];
    for (let i = 0; i < 4; i++) statuses.push((await post(cloud, body())).status);
    expect(statuses).toEqual([200, 500, 500, 200]);
    expect(cloud.requests.map(({ fault }) => fault)).toEqual([null, "500", "500", "failure"]);
    expect(cloud.slips).toHaveLength(2);
    await cloud.setFault(null);
    expect((await post(cloud, body())).answer).toEqual({});
  });

  it("knows no order at cancelorder alone", async () => {
    const cloud = await start({ fault: "unknown_order" });
    expect((await post(cloud, body())).answer).toMatchObject({ code: 4004 });
    expect((await post(cloud, body(), "submitorder")).answer).toEqual({});
    expect(cloud.slips.map(({ endpoint }) => endpoint)).toEqual(["submitorder"]);
  });

  it("goes away and comes back on the same port", async () => {
    const cloud = await start();
    const { url } = cloud;
    await cloud.setFault("refuse");
    await expect(post(cloud, body())).rejects.toMatchObject({ cause: { code: "ECONNREFUSED" } });
    await cloud.setFault(null);
    expect(cloud.url).toBe(url);
    expect((await post(cloud, body())).answer).toEqual({});
    expect(() => cloud.script(["refuse"])).toThrow(/cannot be scripted/);
  });

  it("are set at run time over HTTP", async () => {
    const cloud = await start();
    expect(await command(cloud, "/faults", { fault: "500", times: 2 })).toEqual({
      ...{ status: 200, answer: { fault: "500", times: 2 } },
    });
    const statuses: number[] = [];
    for (let i = 0; i < 3; i++) statuses.push((await post(cloud, body())).status);
    expect(statuses).toEqual([500, 500, 200]);
    await command(cloud, "/faults", { fault: "429", retry_after_s: 9 });
    expect((await post(cloud, body())).status).toBe(429);
    expect((await post(cloud, body())).status).toBe(429);
    await command(cloud, "/faults", { fault: null });
    expect((await post(cloud, body())).status).toBe(200);
  });

  it("takes no nonsense, and nothing a web page could post", async () => {
    const cloud = await start();
    expect((await command(cloud, "/faults", { fault: "explode" })).status).toBe(400);
    expect((await command(cloud, "/faults", { fault: "refuse", times: 3 })).status).toBe(400);
    expect((await command(cloud, "/faults", { fault: "500" }, "text/plain")).status).toBe(415);
    expect((await post(cloud, body())).status).toBe(200);
  });

  it("goes away for a while when told to over HTTP", async () => {
    const clock = createManualClock(NOW);
    const cloud = await start({ clock });
    expect((await command(cloud, "/faults", { fault: "refuse", for_s: 5 })).status).toBe(200);
    await expect.poll(() => post(cloud, body()).catch(() => "away")).toBe("away");
    await clock.advance(5000);
    await expect.poll(() => post(cloud, body()).catch(() => "away")).toEqual({ status: 200, answer: {} });
  });
});
