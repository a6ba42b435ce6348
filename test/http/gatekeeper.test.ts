import type { IncomingMessage } from "node:http";
import fc from "fast-check";
import request from "supertest";
import { beforeEach, describe, expect, test } from "vitest";
import type { EndedSession } from "../../src/ledger/session-ledger.ts";
import { createGatekeeper, type Gatekeeper } from "../../src/http/gatekeeper.ts";
import { DEFAULT_LIMITS } from "../../src/http/limits.ts";
import { ENDED_MAX } from "../../src/http/sessions.ts";
import { createSignInLimiter } from "../../src/http/sign-in-limiter.ts";
import { createManualClock, type ManualClock } from "../fakes/manual-clock.ts";
import { ADMIN, asAdmin, asViewer, createBench, VIEWER } from "./fakes.ts";

const HOUR_MS = 3_600_000;
const READS = ["/api/v1/deliveries", "/api/v1/webhooks", "/api/v1/stores", "/api/v1/printers", "/metrics"];
const ACTS = [
  "/api/v1/deliveries/DL1/redrive",
  "/api/v1/webhooks/WH1/replay",
  "/api/v1/printers/bar/test-slip",
];

describe("tokens", () => {
  test.each([
    ["none", {}],
    ["a wrong one", { Authorization: `Bearer ${ADMIN}x` }],
    ["an empty one", { Authorization: "Bearer " }],
    ["another scheme", { Authorization: `Basic ${ADMIN}` }],
    ["one in the query", { "X-Token": ADMIN }],
  ])("%s: 401 with WWW-Authenticate", async (_what, headers: Record<string, string>) => {
    const bench = createBench();
    for (const path of [...READS, "/api/openapi.json", "/api/v1/deliveries/DL1/slip.svg"]) {
      const answer = await request(bench.server.handler).get(path).set(headers).expect(401);
      expect(answer.headers["www-authenticate"]).toBe('Bearer realm="goodcom-relay"');
      expect((answer.body as { type: string }).type).toBe("urn:goodcom-relay:problem:unauthorized");
    }
    for (const path of ACTS) await request(bench.server.handler).post(path).set(headers).expect(401);
    expect([bench.acts, bench.asked]).toEqual([[], []]);
  });

  test("the viewer reads and never acts", async () => {
    const bench = createBench();
    for (const path of READS) await request(bench.server.handler).get(path).set(asViewer).expect(200);
    for (const path of ACTS) await request(bench.server.handler).post(path).set(asViewer).expect(403);
    expect(bench.acts).toEqual([]);
  });

  test("the admin does both, also from no browser at all", async () => {
    const bench = createBench();
    for (const path of READS) await request(bench.server.handler).get(path).set(asAdmin).expect(200);
    for (const path of ACTS)
      expect((await request(bench.server.handler).post(path).set(asAdmin)).ok).toBe(true);
    expect(bench.acts).toHaveLength(3);
  });

  test.each([
    "correct horse battery staple and so on",
    "日本語のとても長い合言葉であって三十二文字より長いものです",
  ])("bug: a token that the sign-in page took was refused as bearer: %s", (admin_token) => {
    const keeper = gatekeeper(createManualClock(), { admin_token });
    const header = Buffer.from(`Bearer ${admin_token}`, "utf8").toString("latin1");
    expect(keeper.callerOf(requestWith({ authorization: header })).role).toBe("admin");
    expect(() => keeper.callerOf(requestWith({ authorization: header.slice(0, -1) }))).toThrow(/sign in/);
  });

  test("without a viewer token nobody is viewer", () => {
    const keeper = gatekeeper(createManualClock(), { viewer_token: null });
    expect(keeper.roleOf("")).toBeNull();
    expect(keeper.roleOf(VIEWER)).toBeNull();
    expect(keeper.roleOf(ADMIN)).toBe("admin");
  });
});

function gatekeeper(
  clock: ManualClock,
  own: Partial<Parameters<typeof createGatekeeper>[0]> = {},
): Gatekeeper {
  return createGatekeeper({
    admin_token: ADMIN,
    viewer_token: VIEWER,
    session_key: Buffer.alloc(32, 1),
    public_url: "https://relay.test",
    clock,
    sessionMs: 12 * HOUR_MS,
    ended_sessions: [],
    endedSessions: () => Promise.resolve([]),
    onForeignWrite: null,
    closing: new AbortController().signal,
    endSession: () => Promise.resolve(),
    log: { refused: () => null, signedOut: () => undefined },
    ...own,
  });
}

function requestWith(headers: Record<string, string>): IncomingMessage {
  return { headers } as unknown as IncomingMessage;
}

describe("sessions", () => {
  let clock: ManualClock;
  beforeEach(() => {
    clock = createManualClock();
  });
  const cookieOf = (setCookie: string): string => setCookie.split(";")[0] ?? "";

  test("the cookie is for this host alone, unseen by scripts, never sent from elsewhere", () => {
    expect(gatekeeper(clock).signIn("admin")).toMatch(
      /^__Host-relay_session=admin\.1800043200000\.[\w-]{22}\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure; Max-Age=43200$/,
    );
    const plain = gatekeeper(clock, { public_url: "http://127.0.0.1:8080" }).signIn("viewer");
    expect(plain).toMatch(/^relay_session=viewer\..*; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/);
  });

  test("it says who is there until it ends", () => {
    const keeper = gatekeeper(clock);
    const cookie = `other=1; ${cookieOf(keeper.signIn("viewer"))}; more=2`;
    expect(keeper.callerOf(requestWith({ cookie }))).toMatchObject({
      ...{ role: "viewer", by: "session", name: null },
    });
    clock.jump(12 * HOUR_MS - 1);
    expect(keeper.callerOf(requestWith({ cookie })).role).toBe("viewer");
    clock.jump(1);
    expect(() => keeper.callerOf(requestWith({ cookie }))).toThrow(/sign in/);
  });

  test("a changed one is nobody's", () => {
    const keeper = gatekeeper(clock);
    for (const name of ["", "Mei-Ling 美玲"]) {
      const cookie = cookieOf(keeper.signIn("viewer", name));
      const [head = "", endsAt = "", ...rest] = cookie.split(".");
      const told = rest.join(".");
      for (const forged of [
        `__Host-relay_session=admin.${endsAt}.${told}`,
        `${head}.${Number(endsAt) + 1}.${told}`,
        `${head}.0${endsAt}.${told}`,
        `${head}.${endsAt}`,
        `${head}.${endsAt}.`,
        `${cookie}.`,
        `${cookie} x`,
        "__Host-relay_session=",
      ]) {
        expect(() => keeper.callerOf(requestWith({ cookie: forged })), forged).toThrow(/sign in/);
      }
      expect(keeper.callerOf(requestWith({ cookie })).role).toBe("viewer");
    }
  });

  test("regression: the last letter of a seal could be changed, for base64 writes the same bytes in four ways", () => {
    const keeper = gatekeeper(clock);
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    fc.assert(
      fc.property(
        fc.string({ maxLength: 20 }),
        fc.nat(),
        fc.constantFrom(...letters.match(/./g)!),
        (name, at, letter) => {
          const cookie = cookieOf(keeper.signIn("admin", name));
          const last = `${cookie.slice(0, -1)}${letter}`;
          const place =
            "__Host-relay_session=".length + (at % (cookie.length - "__Host-relay_session=".length));
          const anywhere = `${cookie.slice(0, place)}${letter}${cookie.slice(place + 1)}`;
          for (const changed of [last, anywhere].filter((one) => one !== cookie)) {
            expect(() => keeper.callerOf(requestWith({ cookie: changed })), changed).toThrow(/sign in/);
          }
          expect(keeper.callerOf(requestWith({ cookie })).role).toBe("admin");
        },
      ),
    );
  });

  test("each sign-in opens one of its own, even in the same moment; ending one ends no other", async () => {
    const keeper = gatekeeper(clock);
    const [mine, other] = [cookieOf(keeper.signIn("admin", "Ana")), cookieOf(keeper.signIn("admin", "Ana"))];
    expect(mine).not.toBe(other);
    expect(await keeper.signOut(requestWith({ cookie: mine }))).toMatch(
      /^__Host-relay_session=; .*; Max-Age=0$/,
    );
    expect(() => keeper.callerOf(requestWith({ cookie: mine }))).toThrow(/sign in/);
    expect(keeper.callerOf(requestWith({ cookie: other })).name).toBe("Ana");
    clock.jump(12 * HOUR_MS);
    await keeper.signOut(requestWith({ cookie: other }));
    expect(() => keeper.callerOf(requestWith({ cookie: mine }))).toThrow(/sign in/);
  });

  test("one that was ended is handed to the ledger, and is none for the process that comes after", async () => {
    const ended: EndedSession[] = [];
    const keeper = gatekeeper(clock, { endSession: (session) => Promise.resolve(void ended.push(session)) });
    const [mine, other] = [cookieOf(keeper.signIn("admin")), cookieOf(keeper.signIn("admin"))];
    await keeper.signOut(requestWith({ cookie: mine }));
    expect(ended).toMatchObject([{ ends_at: clock.now() + 12 * HOUR_MS }]);
    const next = gatekeeper(clock, { ended_sessions: ended });
    expect(() => next.callerOf(requestWith({ cookie: mine }))).toThrow(/sign in/);
    expect(next.callerOf(requestWith({ cookie: other })).role).toBe("admin");
  });

  test("nobody can end another's by a cookie that they made up", async () => {
    const keeper = gatekeeper(clock);
    const cookie = cookieOf(keeper.signIn("admin"));
    await keeper.signOut(requestWith({ cookie: `${cookie.slice(0, -43)}${"A".repeat(43)}` }));
    await keeper.signOut(requestWith({}));
    expect(keeper.callerOf(requestWith({ cookie })).role).toBe("admin");
  });

  test("a new token, another key, or no viewer any more ends it", () => {
    const cookie = cookieOf(gatekeeper(clock).signIn("viewer"));
    for (const own of [
      { viewer_token: `${VIEWER}2` },
      { viewer_token: null },
      { session_key: Buffer.alloc(32, 2) },
    ]) {
      expect(() => gatekeeper(clock, own).callerOf(requestWith({ cookie }))).toThrow(/sign in/);
    }
  });

  test("a wrong bearer token is not mended by a cookie", () => {
    const keeper = gatekeeper(clock);
    const cookie = cookieOf(keeper.signIn("admin"));
    expect(() => keeper.callerOf(requestWith({ cookie, authorization: "Bearer nope" }))).toThrow(/sign in/);
  });
});

describe("acts from a browser", () => {
  const keeper = gatekeeper(createManualClock());
  const admin = { role: "admin", by: "session", name: null, who: "S1" } as const;

  test.each<[Record<string, string>, boolean]>([
    [{ "sec-fetch-site": "same-origin" }, true],
    [{ "sec-fetch-site": "same-site", origin: "https://relay.test" }, false],
    [{ "sec-fetch-site": "cross-site", origin: "https://relay.test" }, false],
    [{ "sec-fetch-site": "none" }, false],
    [{ origin: "https://relay.test", host: "10.0.0.7:8080" }, true],
    [{ origin: "http://10.0.0.7:8080", host: "10.0.0.7:8080" }, true],
    [{ origin: "https://evil.test", host: "relay.test" }, false],
    [{ origin: "https://relay.test.evil.test", host: "relay.test" }, false],
    [{ origin: "null", host: "relay.test" }, false],
    [{ host: "relay.test" }, false],
  ])("%j: %s", (headers, allowed) => {
    const act = (): void => keeper.mayAct(requestWith(headers), admin);
    if (allowed) expect(act).not.toThrow();
    else expect(act).toThrow(/dashboard's own page/);
  });
});

describe("wrong tokens at the door", () => {
  test("five a minute from one address; others are not in the way", async () => {
    const clock = createManualClock();
    const limiter = createSignInLimiter(clock, DEFAULT_LIMITS);
    for (let i = 0; i < 4; i++) limiter.failed("192.0.2.1");
    expect(limiter.waitS("192.0.2.1")).toBe(0);
    await clock.advance(10_000);
    limiter.failed("192.0.2.1");
    expect(limiter.waitS("192.0.2.1")).toBe(50);
    expect(limiter.waitS("192.0.2.2")).toBe(0);
    await clock.advance(50_000);
    expect(limiter.waitS("192.0.2.1")).toBe(0);
  });

  test("one IPv6 subscriber is one address", () => {
    const limiter = createSignInLimiter(createManualClock(), { ...DEFAULT_LIMITS, signInFailuresMax: 1 });
    limiter.failed("2001:db8:1:2:3:4:5:6");
    expect(limiter.waitS("2001:db8:1:2::1")).toBe(60);
    expect(limiter.waitS("2001:db8:1:3::1")).toBe(0);
    limiter.failed("::ffff:192.0.2.1");
    expect(limiter.waitS("::ffff:192.0.2.2")).toBe(0);
  });
});

test("bug: by signing in and out ten thousand times a viewer had an admin's sign-out forgotten", async () => {
  const clock = createManualClock();
  const { sessionsOpenedMax, sessionsOpenedWindowMs, sessionMs } = DEFAULT_LIMITS;
  const limiter = createSignInLimiter(clock, DEFAULT_LIMITS);
  const waits = Array.from({ length: sessionsOpenedMax }, () => limiter.openS("viewer"));
  expect(new Set(waits)).toEqual(new Set([0]));
  expect([limiter.openS("viewer"), limiter.openS("admin")]).toEqual([3600, 0]);
  await clock.advance(3_600_000);
  expect(limiter.openS("viewer")).toBe(0);
  // For as long as a session may last, and the window that had begun before.
  const windows = Math.ceil(sessionMs / sessionsOpenedWindowMs) + 1;
  expect(2 * windows * sessionsOpenedMax).toBeLessThan(ENDED_MAX);
});
