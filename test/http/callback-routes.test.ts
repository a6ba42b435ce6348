import request from "supertest";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/system.ts";
import { createManualClock } from "../fakes/manual-clock.ts";
import { CALLBACK_TOKEN, createBench, ledgerDown } from "./fakes.ts";
import { openWire } from "./wire.ts";

const PATH = `/callbacks/goodcom/DL1/${CALLBACK_TOKEN}`;

describe("the printer's callback", () => {
  test("GET: its query is read, and 200 OK", async () => {
    const bench = createBench();
    const answer = await request(bench.server.handler).get(`${PATH}?ak=Accepted&m=OK`).expect(200);
    expect(answer.text).toBe("OK");
    expect(answer.headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(bench.callbacks).toEqual([
      { method: "GET", query: "ak=Accepted&m=OK", content_type: null, body: "" },
    ]);
  });

  test("POST: its body is read raw, whatever it is", async () => {
    const bench = createBench();
    const answer = await request(bench.server.handler)
      .post(PATH)
      .set("Content-Type", "application/x-www-form-urlencoded")
      .send("status=1&msg=%FF")
      .expect(200);
    expect(answer.text).toBe("OK");
    expect(bench.callbacks).toEqual([
      {
        method: "POST",
        query: "",
        content_type: "application/x-www-form-urlencoded",
        body: "status=1&msg=%FF",
      },
    ]);
  });

  test("a body that its reader cannot stand is 200 all the same, and told inside", async () => {
    const bench = createBench({
      readCallback: () => {
        throw new RangeError("Ms Chen");
      },
    });
    await request(bench.server.handler).post(PATH).send("x").expect(200, "OK");
    expect(bench.events).toEqual([
      {
        event: "http.failed",
        method: "POST",
        route: "/callbacks/goodcom/:delivery/:token",
        detail: "callback not readable: RangeError",
      },
    ]);
  });

  test.each(["/callbacks/goodcom/DL1/wrong", `/callbacks/goodcom/DL2/${CALLBACK_TOKEN}`])(
    "%s: 404",
    async (path) => {
      const answer = await request(createBench().server.handler).post(path).send("ok").expect(404);
      expect(answer.headers["content-type"]).toBe("application/problem+json");
      expect(answer.text).not.toContain(CALLBACK_TOKEN);
    },
  );

  test("bug: what came with a wrong token was read, which took the processor from webhooks", async () => {
    const bench = createBench();
    await request(bench.server.handler).post("/callbacks/goodcom/DL1/wrong").send("status=1").expect(404);
    expect(bench.callbacks).toEqual([]);
  });

  test("bug: with a wrong token a body that never ends was waited for", async () => {
    const bench = createBench();
    const wire = await openWire(await bench.server.listen("127.0.0.1", 0));
    wire.write("POST /callbacks/goodcom/DL1/wrong HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n");
    expect(await wire.until(/}$/)).toMatch(/HTTP\/1\.1 404 /);
    wire.hangUp();
    await bench.server.close(1000);
  });

  test("HEAD confirms nothing", async () => {
    const bench = createBench();
    const answer = await request(bench.server.handler).head(PATH).expect(405);
    expect(answer.headers.allow).toBe("GET, POST");
    await request(bench.server.handler).put(PATH).expect(405);
    expect(bench.callbacks).toEqual([]);
  });

  test("the ledger is away: 503, so that the cloud calls again", async () => {
    const bench = createBench();
    bench.failure = ledgerDown();
    const answer = await request(bench.server.handler).post(PATH).send("ok").expect(503);
    expect(answer.headers["retry-after"]).toBe("5");
    expect(JSON.stringify(bench.events)).not.toContain(CALLBACK_TOKEN);
  });

  test("a body of 64 KiB and more: what fits is read, and 200", async () => {
    const bench = createBench({}, systemClock);
    const url = await bench.server.listen("127.0.0.1", 0);
    const answer = await fetch(url + PATH, { method: "POST", body: "a".repeat(3 * 1024 * 1024) });
    expect([answer.status, await answer.text()]).toEqual([200, "OK"]);
    expect(bench.callbacks[0]?.body).toBe("a".repeat(64 * 1024));
    await bench.server.close(1000);
  });

  test("a body that never ends: what came in 5 s is read, and 200", async () => {
    const clock = createManualClock();
    const bench = createBench({}, clock);
    const wire = await openWire(await bench.server.listen("127.0.0.1", 0));
    wire.write(`POST ${PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\nExpect: 100-continue\r\n\r\n`);
    await wire.until(/100 Continue/);
    await clock.advance(4_999);
    expect(bench.callbacks).toEqual([]);
    await clock.advance(1);
    expect(await wire.until(/OK$/)).toMatch(/HTTP\/1\.1 200 OK/);
    await clock.advance(2_000);
    await wire.ended;
    expect(bench.callbacks).toHaveLength(1);
    await bench.server.close(1000);
  });
});
