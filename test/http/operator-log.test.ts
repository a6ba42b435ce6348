import request from "supertest";
import { beforeEach, describe, expect, test } from "vitest";
import type { RelayEvent } from "../../src/observe/events.ts";
import { createManualClock, type ManualClock } from "../fakes/manual-clock.ts";
import { ADMIN, asAdmin, asViewer, createBench, type Bench } from "./fakes.ts";
import { strangerTo, visitorOf } from "./visitor.ts";

const LOOPBACK = "127.0.0.1";

let clock: ManualClock;
let bench: Bench;
beforeEach(() => {
  clock = createManualClock();
  bench = createBench({}, clock);
});

const told = (): RelayEvent[] => bench.events.filter(({ event }) => event.startsWith("operator."));
const ask = (token: string): request.Test =>
  request(bench.server.handler).get("/api/v1/deliveries").set("Authorization", `Bearer ${token}`);

describe("what the log says of operators", () => {
  test("who signed in, by the name they gave, with a clean one line", async () => {
    await strangerTo(bench).press("/sign-in").send({ token: ADMIN, name: "Ana\u202e\r\nadmin" }).expect(303);
    expect(told()).toEqual([
      { event: "operator.signed_in", role: "admin", name: "Ana admin", network: LOOPBACK },
    ]);
  });

  test("who signed out, once", async () => {
    const admin = await visitorOf(bench, ADMIN);
    bench.events.length = 0;
    for (let turn = 0; turn < 2; turn++) await admin.press("/sign-out").expect(303);
    expect(told()).toEqual([{ event: "operator.signed_out", role: "admin", name: null, network: LOOPBACK }]);
  });

  test("a wrong token at either door, the viewer who acts, the act that no page of ours sent", async () => {
    const admin = await visitorOf(bench, ADMIN);
    bench.events.length = 0;
    await strangerTo(bench).press("/sign-in").send({ token: "wrong-token-in-the-form" }).expect(401);
    await ask("wrong-token-as-bearer").expect(401);
    await request(bench.server.handler).post("/api/v1/deliveries/DL1/redrive").set(asViewer).expect(403);
    await admin.press("/deliveries/DL1/redrive").set("Sec-Fetch-Site", "cross-site").expect(403);
    expect(told()).toEqual(
      ["wrong_token", "wrong_token", "viewer_acted", "other_site"].map((why) => ({
        ...{ event: "operator.refused", why, network: LOOPBACK },
      })),
    );
    expect(JSON.stringify(bench.events)).not.toMatch(/wrong-token/);
  });

  test("nobody at all, or a session that has ended, is no attempt", async () => {
    const admin = await visitorOf(bench, ADMIN);
    bench.events.length = 0;
    await clock.advance(13 * 3_600_000);
    await request(bench.server.handler).get("/").set("Cookie", admin.cookie).expect(303);
    await request(bench.server.handler).get("/api/v1/deliveries").expect(401);
    expect(told()).toEqual([]);
  });
});

describe("a flood of wrong tokens", () => {
  test("beyond 60 a minute: 429, one sum, and the right one is taken all the same", async () => {
    for (let index = 0; index < 60; index++) await ask(`wrong-${index}`).expect(401);
    const answer = await ask("wrong-again").expect(429);
    expect(answer.headers["retry-after"]).toBe("60");
    expect((answer.body as { type: string }).type).toBe("urn:goodcom-relay:problem:too_many_requests");
    await ask("wrong-once-more").expect(429);
    await request(bench.server.handler).get("/api/v1/deliveries").set(asAdmin).expect(200);
    expect(told().filter((event) => !("summed" in event))).toHaveLength(60);
    await clock.advance(60_000);
    expect(told().at(-1)).toEqual({
      ...{ event: "operator.refusals_summed", count: 2, networks: [LOOPBACK] },
    });
    await ask("wrong-later").expect(401);
  });
});
