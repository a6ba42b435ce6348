import { get, type IncomingMessage } from "node:http";
import request from "supertest";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createChanges } from "../../src/observe/changes.ts";
import type { RelayEvent } from "../../src/observe/events.ts";
import { createManualClock } from "../fakes/manual-clock.ts";
import { ADMIN, asAdmin, createBench, VIEWER, type Bench } from "./fakes.ts";
import { visitorOf } from "./visitor.ts";

const clock = createManualClock();
const changes = createChanges();
let bench: Bench;
let url: string;
beforeEach(async () => {
  bench = createBench(
    { changes, limits: { liveStreamsMax: 4, liveStreamsForAdmins: 1, liveStreamsPerCallerMax: 2 } },
    clock,
  );
  url = await bench.server.listen("127.0.0.1", 0);
});
afterEach(() => bench.server.close(0));

/** An open stream; `next` resolves with its further text once there is some. */
async function openStream(
  path = "/live",
  token = VIEWER,
): Promise<{
  answer: IncomingMessage;
  next: () => Promise<string>;
  ended: Promise<void>;
  hangUp: () => void;
}> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url + path, { headers: { Authorization: `Bearer ${token}` } }, resolve).on("error", reject);
  });
  answer.setEncoding("utf8");
  let text = "";
  let wanted: ((text: string) => void) | null = null;
  answer.on("data", (chunk: string) => {
    text += chunk;
    wanted?.(text);
  });
  const ended = new Promise<void>((resolve) => answer.once("close", () => resolve()));
  return {
    answer,
    ended,
    hangUp: () => void answer.destroy(),
    next: () =>
      new Promise((resolve) => {
        const take = (all: string): void => {
          wanted = null;
          text = "";
          resolve(all);
        };
        if (text === "") wanted = take;
        else take(text);
      }),
  };
}
/** Of a stream that stays open if there is one. */
const statusWith = (headers: Record<string, string>): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    get(`${url}/live`, { headers, agent: false }, ({ statusCode }) => resolve(statusCode)).on(
      "error",
      reject,
    );
  });
const confirmed = (delivery: string, order = "1001"): RelayEvent => ({
  event: "delivery.confirmed",
  delivery,
  order,
  printer: "kitchen",
  verdict: "accepted",
  state: "printed",
  moved: true,
  since_accepted_ms: 5,
  since_received_ms: 9,
});

describe("following what happens", () => {
  test("a viewer is told that something changed, and not what", async () => {
    const stream = await openStream();
    expect(stream.answer.headers["content-type"]).toBe("text/event-stream; charset=utf-8");
    expect(stream.answer.headers["cache-control"]).toBe("no-store");
    expect(await stream.next()).toBe("retry: 3000\n\n");
    changes.tell(confirmed("DL1"));
    await clock.advance(0);
    expect(await stream.next()).toBe("event: changed\ndata:\n\n");
  });

  test("bug: HEAD of it was answered never, and held a place: the headers, at once", async () => {
    const answer = await fetch(`${url}/live`, {
      method: "HEAD",
      headers: { Authorization: `Bearer ${VIEWER}` },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect((await fetch(`${url}/live`, { method: "HEAD" })).status).toBe(401);
  });

  test("what strangers send to addresses of no store stirs no page", async () => {
    const stream = await openStream();
    await stream.next();
    const of = { store: null, platform: "shopline", why: "unknown_store", detail: "" } as const;
    changes.tell({ event: "webhook.refused", ...of });
    await clock.advance(15_000);
    expect(await stream.next()).toBe("event: beat\ndata:\n\n");
  });

  test("a rush is told once a second", async () => {
    const stream = await openStream();
    await stream.next();
    changes.tell(confirmed("DL1"));
    await clock.advance(0);
    await stream.next();
    for (let i = 0; i < 500; i++) changes.tell(confirmed(`DL${i}`));
    await clock.advance(999);
    changes.tell(null);
    await clock.advance(1);
    expect(await stream.next()).toBe("event: changed\ndata:\n\n");
    await clock.advance(14_000);
    expect(await stream.next()).toBe("event: beat\ndata:\n\n");
  });

  test("bug: an order's open page did not hear of its reprint: it does, and of no other order", async () => {
    const stream = await openStream("/live?order=1001");
    await stream.next();
    changes.tell(confirmed("DL2", "1002"));
    await clock.advance(15_000);
    expect(await stream.next()).toBe("event: beat\ndata:\n\n");
    changes.tell(confirmed("DL3"));
    await clock.advance(1_000);
    expect(await stream.next()).toBe("event: changed\ndata:\n\n");
    changes.tell(null);
    await clock.advance(1_000);
    expect(await stream.next()).toBe("event: changed\ndata:\n\n");
  });

  test("a clock set back an hour holds nobody up", async () => {
    const stream = await openStream();
    await stream.next();
    changes.tell(null);
    await clock.advance(0);
    await stream.next();
    clock.jump(-3_600_000);
    changes.tell(null);
    await clock.advance(1_000);
    expect(await stream.next()).toContain("event: changed");
  });

  test("not by who is not signed in, nor by more than there is room for", async () => {
    await request(url).get("/live").expect(401);
    const first = await openStream("/live", ADMIN);
    await openStream("/live", ADMIN);
    const refused = await request(url).get("/live").set("Authorization", `Bearer ${ADMIN}`).expect(429);
    expect(refused.headers["retry-after"]).toBe("15");
    first.hangUp();
    await first.ended;
    const next = await openStream("/live", ADMIN);
    expect(next.answer.statusCode).toBe(200);
  });

  test("regression: the streams of viewers, with many sessions, shut out an admin", async () => {
    const statuses: (number | undefined)[] = [];
    for (let session = 0; session < 3; session++) {
      const { cookie } = await visitorOf(bench, VIEWER);
      for (let tab = 0; tab < 3; tab++) statuses.push(await statusWith({ Cookie: cookie }));
    }
    // Two of the first session, one of the next, which is all that viewers get.
    expect(statuses).toEqual([200, 200, 429, 200, 429, 429, 429, 429, 429]);
    expect(await statusWith(asAdmin)).toBe(200);
    expect(await statusWith(asAdmin)).toBe(429);
  });

  test("a stream ends after ten minutes, and at once when the service stops", async () => {
    const stream = await openStream();
    await clock.advance(600_000);
    await stream.ended;
    const other = await openStream();
    expect(await bench.server.close(60_000)).toBe(true);
    await other.ended;
  });
});
