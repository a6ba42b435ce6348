import request from "supertest";
import { beforeEach, describe, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../../src/http/limits.ts";
import { createManualClock } from "../fakes/manual-clock.ts";
import { ADMIN, createBench, ledgerDown, VIEWER, type Bench } from "./fakes.ts";
import { strangerTo, visitorOf, type Visitor } from "./visitor.ts";

let bench: Bench;
let stranger: Visitor;
let admin: Visitor;
let viewer: Visitor;
beforeEach(async () => {
  bench = createBench();
  stranger = strangerTo(bench);
  [admin, viewer] = [await visitorOf(bench, ADMIN), await visitorOf(bench, VIEWER)];
});

describe("the door", () => {
  test("nobody signed in is sent to sign in, and back to where they were going", async () => {
    const { handler } = bench.server;
    expect((await request(handler).get("/").expect(303)).headers.location).toBe("/sign-in");
    const deep = await request(handler).get("/deliveries/DL1?done=test").expect(303);
    expect(deep.headers.location).toBe("/sign-in?next=%2Fdeliveries%2FDL1%3Fdone%3Dtest");
    // Who pressed a button is told that it did nothing.
    const pressed = await strangerTo(bench).press("/deliveries/DL1/redrive").expect(303);
    const told = await request(handler).get(pressed.headers.location ?? "");
    expect(told.text).toContain("what you pressed was not done");
    const form = await request(handler)
      .get(deep.headers.location ?? "")
      .expect(200);
    expect(form.text).toContain('name="next" value="/deliveries/DL1?done=test"');
    const back = await stranger.press("/sign-in").send({ token: ADMIN, next: "/deliveries/DL1" }).expect(303);
    expect(back.headers.location).toBe("/deliveries/DL1");
    expect(String(back.headers["set-cookie"])).toMatch(/HttpOnly; SameSite=Strict/);
  });

  test("bug: who pressed a button without a session any more was led to the first page, not back", async () => {
    const pressed = await stranger
      .press("/deliveries/DL1/redrive")
      .set("Referer", "http://relay.test/deliveries/DL1?done=reprint")
      .expect(303);
    expect(pressed.headers.location).toBe("/sign-in?undone&next=%2Fdeliveries%2FDL1");
    expect((await stranger.press("/deliveries/DL1/redrive")).headers.location).toBe("/sign-in?undone");
    const form = await stranger.page(pressed.headers.location ?? "").expect(200);
    expect(form.text).toContain("what you pressed was not done");
    expect(form.text).toContain('name="next" value="/deliveries/DL1"');
  });

  test.each([
    "/deliveries?q=a*b",
    "/deliveries?since=2026-11-30T05:00:00Z",
    "/deliveries?q=(a),'b';$!@[c]|{d}^`",
  ])("bug: an address that browsers leave as it is was forgotten: on to %s", async (next) => {
    const sent = await request(bench.server.handler)
      .get(encodeURI(decodeURI(next)))
      .expect(303);
    expect(new URLSearchParams(sent.headers.location?.split("?")[1]).get("next")).not.toBeNull();
    const form = await stranger.page(`/sign-in?next=${encodeURIComponent(next)}`).expect(200);
    expect(form.text).not.toContain('name="next" value="/"');
    const back = await stranger.press("/sign-in").send({ token: ADMIN, next }).expect(303);
    expect(decodeURI(back.headers.location ?? "")).toBe(next);
  });

  test.each([
    ...["https://evil.test/", "//evil.test", "/\\evil.test", "javascript:alert(1)", "/\r\nX: y"],
    ...[
      "/\t/evil.test",
      "/\n/evil.test",
      " //evil.test",
      "/\u2028/evil.test",
      "/a\\..\\\\evil.test",
      "///evil.test",
    ],
  ])("never on to %j", async (next) => {
    const back = await stranger.press("/sign-in").send({ token: ADMIN, next }).expect(303);
    expect(back.headers.location).toBe("/");
  });

  test("a wrong token: 401 and the form again; after five, 429 even for the right one", async () => {
    for (let i = 0; i < 5; i++) {
      const answer = await stranger.press("/sign-in").send({ token: "wrong" }).expect(401);
      expect(answer.text).toContain("This is not the token");
      expect(answer.headers["set-cookie"]).toBeUndefined();
    }
    const answer = await stranger.press("/sign-in").send({ token: ADMIN }).expect(429);
    expect(answer.headers["retry-after"]).toBe("60");
    expect(answer.headers["set-cookie"]).toBeUndefined();
  });

  test("too many sessions of viewers: 429, also for the right token, and an admin's is opened all the same", async () => {
    for (let opened = 1; opened < DEFAULT_LIMITS.sessionsOpenedMax; opened++)
      await stranger.press("/sign-in").send({ token: VIEWER }).expect(303);
    const answer = await stranger.press("/sign-in").send({ token: VIEWER }).expect(429);
    expect(answer.headers["retry-after"]).toBe("3600");
    expect(answer.headers["set-cookie"]).toBeUndefined();
    await viewer.page("/").expect(200);
    await stranger.press("/sign-in").send({ token: ADMIN }).expect(303);
  });

  test("another site can neither sign in nor out nor act", async () => {
    for (const path of ["/sign-in", "/sign-out", "/deliveries/DL1/redrive", "/printers/bar/test-slip"]) {
      const answer = await admin.press(path).set("Sec-Fetch-Site", "cross-site").send({ token: ADMIN });
      expect([answer.status, answer.headers["set-cookie"]]).toEqual([403, undefined]);
    }
    expect(bench.acts).toEqual([]);
  });

  test("a session acts on the API only from our own page", async () => {
    const act = (): request.Test => request(bench.server.handler).post("/api/v1/deliveries/DL1/redrive");
    await act().set("Cookie", admin.cookie).expect(403);
    await act().set("Cookie", admin.cookie).set("Origin", "https://evil.test").expect(403);
    await act().set("Cookie", admin.cookie).set("Origin", "http://relay.test").expect(200);
    await act().set("Cookie", viewer.cookie).set("Origin", "http://relay.test").expect(403);
    await request(bench.server.handler).get("/api/v1/deliveries").set("Cookie", viewer.cookie).expect(200);
  });

  test("a link from elsewhere opens by asking once more, from here", async () => {
    const answer = await request(bench.server.handler)
      .get("/deliveries/DL1")
      .set("Sec-Fetch-Site", "cross-site")
      .expect(200);
    expect(answer.text).toContain('<meta http-equiv="refresh" content="0"');
    expect(answer.text).not.toContain("#1001");
  });

  test("regression: signing out took the cookie away and left the session open to whoever had a copy", async () => {
    const answer = await admin.press("/sign-out").expect(303);
    expect(String(answer.headers["set-cookie"])).toMatch(/^relay_session=; .*Max-Age=0$/);
    expect((await admin.page("/deliveries").expect(303)).headers.location).toMatch(/^\/sign-in/);
    await request(bench.server.handler).get("/api/v1/deliveries").set("Cookie", admin.cookie).expect(401);
    await admin.press("/deliveries/DL1/redrive").expect(303);
    expect(bench.acts).toEqual([]);
    expect(bench.ended).toHaveLength(1);
  });

  test("a ledger that is down keeps nobody from signing out, and it is told", async () => {
    const clock = createManualClock();
    bench = createBench({}, clock);
    admin = await visitorOf(bench, ADMIN);
    bench.failure = ledgerDown();
    const seen = new AbortController();
    const answered = admin
      .press("/sign-out")
      .expect(303)
      .then((answer) => {
        seen.abort();
        return answer;
      });
    while (!seen.signal.aborted) await clock.advance(500);
    expect(String((await answered).headers["set-cookie"])).toMatch(/^relay_session=;/);
    expect(bench.events.at(-1)).toMatchObject({ event: "ledger.failed" });
    bench.failure = null;
    await request(bench.server.handler).get("/api/v1/deliveries").set("Cookie", admin.cookie).expect(401);
  });

  test("regression: behind a proxy that writes the port each try was somebody else's", async () => {
    const behind = createBench({ trust_proxy: 1 });
    const statuses: number[] = [];
    for (const port of [1, 2, 3, 4, 5, 6]) {
      const tried = await request(behind.server.handler)
        .post("/sign-in")
        .set({ "Sec-Fetch-Site": "same-origin", "X-Forwarded-For": `203.0.113.7:${4000 + port}` })
        .send("token=wrong");
      statuses.push(tried.status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  });

  test("a cookie that was there before is never taken over: each sign-in has a session of its own", async () => {
    const given = "relay_session=planted";
    for (const cookie of [given, admin.cookie, viewer.cookie]) {
      const answer = await request(bench.server.handler)
        .post("/sign-in")
        .set({ "Sec-Fetch-Site": "same-origin", Cookie: cookie })
        .type("form")
        .send({ token: VIEWER })
        .expect(303);
      const [made = ""] = String(answer.headers["set-cookie"]).split(";");
      expect([given, admin.cookie, viewer.cookie]).not.toContain(made);
      const act = request(bench.server.handler).post("/api/v1/deliveries/DL1/redrive");
      await act.set({ "Sec-Fetch-Site": "same-origin", Cookie: made }).expect(403);
    }
    expect(bench.acts).toEqual([]);
  });
});
