import { get, type IncomingMessage } from "node:http";
import request from "supertest";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { WebhookWithBody } from "../../src/ledger/ledger.ts";
import { createManualClock, type ManualClock } from "../fakes/manual-clock.ts";
import { ADMIN, asAdmin, asViewer, createBench, VIEWER, type Bench } from "./fakes.ts";
import { aWebhook } from "./samples.ts";
import { visitorOf } from "./visitor.ts";
import { openWire } from "./wire.ts";

// Two may look at once, of one caller; three in all, of which one is an admin. As many wait.
const limits = {
  ...{ visitsMax: 3, visitsForAdmins: 1, visitsPerCallerMax: 2 },
  ...{ waitingMax: 3, waitingForAdmins: 1, waitingPerCallerMax: 2 },
};

let clock: ManualClock;
let bench: Bench;
let url: string;
/** Questions to the ledger that have no answer yet, oldest first. */
let held: (() => void)[];
let heardOf: () => void;
beforeEach(async () => {
  clock = createManualClock();
  held = [];
  heardOf = () => undefined;
  const { ledger } = createBench().deps;
  const hold = (): Promise<void> =>
    new Promise((resolve) => {
      held.push(resolve);
      heardOf();
    });
  bench = createBench(
    {
      limits,
      ledger: {
        ...ledger,
        listAlerts: () => hold().then(() => []),
        findWebhook: () => hold().then(() => large),
        listWebhooks: () => hold().then(() => []),
      },
    },
    clock,
  );
  url = await bench.server.listen("127.0.0.1", 0);
});
afterEach(async () => {
  for (const answer of held) answer();
  await bench.server.close(0);
});

/** More than a machine's own buffers for a connection take. */
const large: WebhookWithBody = aWebhook({ body: Buffer.alloc(16 * 1024 * 1024, "a") });

/** Once so many questions wait at the ledger. */
async function asked(count: number): Promise<void> {
  while (held.length < count) await new Promise<void>((resolve) => (heardOf = resolve));
}

/** Asks, and is answered once the ledger was. */
function ask(headers: Record<string, string>, path = "/api/v1/alerts"): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url + path, { headers, agent: false }, (answer) => resolve(answer.resume())).on("error", reject);
  });
}
const statusOf = async (answer: Promise<IncomingMessage>): Promise<number | undefined> =>
  (await answer).statusCode;

/** Asked after everything before it has been taken. */
const everythingTaken = (): Promise<unknown> => request(url).get("/healthz").expect(200);

describe("operators' requests", () => {
  test("few of one caller are worked on at once, a few more wait, and the rest is told to come again", async () => {
    const answers = Array.from({ length: 4 }, () => ask(asViewer));
    await asked(2);
    await everythingTaken();
    expect(held).toHaveLength(2);
    const refused = await request(url).get("/api/v1/alerts").set(asViewer).expect(429);
    expect(refused.headers).toMatchObject({ "retry-after": "5", "content-type": "application/problem+json" });
    expect(refused.body).toMatchObject({
      type: "urn:goodcom-relay:problem:too_many_requests",
      detail:
        "Too many requests of operators are under way at once. Send this one again later, and fewer at a time.",
    });
    for (const nth of [0, 1, 2, 3]) {
      await asked(nth + 1);
      held[nth]?.();
    }
    expect(await Promise.all(answers.map(statusOf))).toEqual([200, 200, 200, 200]);
  });

  test("regression: a viewer's flood, with however many sessions, kept an admin waiting", async () => {
    const cookies = [];
    for (let session = 0; session < 4; session++) cookies.push((await visitorOf(bench, VIEWER)).cookie);
    const flood = cookies.map((Cookie) => ask({ Cookie }));
    await asked(2);
    await everythingTaken();
    await request(url)
      .get("/webhooks")
      .set("Cookie", (await visitorOf(bench, VIEWER)).cookie)
      .expect(429);
    const admin = ask(asAdmin);
    await asked(3);
    held[2]?.();
    expect(await statusOf(admin)).toBe(200);
    for (const nth of [0, 1, 3, 4]) {
      await asked(nth + 1);
      held[nth]?.();
    }
    expect(await Promise.all(flood.map(statusOf))).toEqual([200, 200, 200, 200]);
  });

  test("the single request of one goes before the second of another", async () => {
    const [mine, other] = [await visitorOf(bench, VIEWER), await visitorOf(bench, VIEWER)];
    const first = [ask({ Cookie: mine.cookie }), ask({ Cookie: mine.cookie })];
    await asked(2);
    const third = ask({ Cookie: mine.cookie });
    await everythingTaken();
    const single = ask({ Cookie: other.cookie }, "/webhooks");
    await everythingTaken();
    held[0]?.();
    expect(await statusOf(first[0]!)).toBe(200);
    await asked(3);
    held[2]?.();
    expect(await statusOf(single)).toBe(200);
    await asked(4);
    held[1]?.();
    held[3]?.();
    expect(await Promise.all([first[1]!, third].map(statusOf))).toEqual([200, 200]);
  });

  test("who waits in vain for ten seconds is told so, at a browser by a page", async () => {
    const under = [ask(asViewer), ask(asViewer)];
    await asked(2);
    const waits = request(url).get("/webhooks").set(asViewer).expect(429).expect("Retry-After", "5");
    const waited = waits
      .expect("Content-Type", "text/html; charset=utf-8")
      .expect(/Send this one again later/);
    const answered = waited.then(() => "answered");
    await everythingTaken();
    await clock.advance(9_999);
    expect(await Promise.race([answered, Promise.resolve("waits")])).toBe("waits");
    await clock.advance(1);
    expect(await answered).toBe("answered");
    for (const answer of held) answer();
    expect(await Promise.all(under.map(statusOf))).toEqual([200, 200]);
  });

  test("who hangs up frees its place, in the queue and at work", async () => {
    const wires = [];
    for (let nth = 0; nth < 4; nth++) {
      const wire = await openWire(url);
      wire.write(`GET /api/v1/alerts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${VIEWER}\r\n\r\n`);
      await everythingTaken();
      wires.push(wire);
    }
    await request(url).get("/api/v1/alerts").set(asViewer).expect(429);
    for (const wire of wires) wire.hangUp();
    const next = ask(asViewer);
    await asked(3);
    held[2]?.();
    expect(await statusOf(next)).toBe(200);
  });

  test("regression: answers that nobody reads are cut, and their memory is free", async () => {
    const wires = [];
    for (let nth = 0; nth < 2; nth++) {
      const wire = await openWire(url);
      wire.pause();
      wire.write(`GET /api/v1/webhooks/WH1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${VIEWER}\r\n\r\n`);
      wires.push(wire);
    }
    await asked(2);
    for (const answer of held) answer();
    await everythingTaken();
    await clock.advance(19_999);
    const waits = ask(asViewer);
    await everythingTaken();
    expect(held).toHaveLength(2);
    await clock.advance(1);
    await asked(3);
    held[2]?.();
    expect(await statusOf(waits)).toBe(200);
  });

  test("probes, signing in and who is nobody are not held up", async () => {
    const flood = Array.from({ length: 4 }, () => ask(asViewer));
    await asked(2);
    await everythingTaken();
    await request(url).get("/readyz").set(asViewer).expect(200);
    await request(url).get("/api/v1/alerts").expect(401);
    await request(url).get("/api/v1/alerts").set("Authorization", "Bearer wrong").expect(401);
    await request(url).get("/webhooks").expect(303).expect("Location", "/sign-in?next=%2Fwebhooks");
    await request(url).get("/sign-in").expect(200);
    expect((await visitorOf(bench, ADMIN)).cookie).not.toBe("");
    for (const nth of [0, 1, 2, 3]) {
      await asked(nth + 1);
      held[nth]?.();
    }
    expect(await Promise.all(flood.map(statusOf))).toEqual([200, 200, 200, 200]);
    expect(bench.events.filter(({ event }) => event === "operator.refused")).toHaveLength(1);
  });
});
