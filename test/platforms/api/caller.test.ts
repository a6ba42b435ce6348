import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { StoreSettings } from "../../../src/core/settings.ts";
import { createApiCaller, type ApiCaller, type Question } from "../../../src/platforms/api/caller.ts";
import { createManualClock, type ManualClock } from "../../fakes/manual-clock.ts";
import { aStore } from "../a-store.ts";
import { json, startApiServer, type ApiServer } from "../api-server.ts";

const TOKEN = "s3cret-api-token-that-no-detail-may-hold";

let clock: ManualClock;
let server: ApiServer;
let caller: ApiCaller;
let store: StoreSettings;

beforeEach(async () => {
  clock = createManualClock();
  server = await startApiServer();
  store = aStore({
    name: "the-shop",
    api: { url: server.url, token: TOKEN, version: null, allow_host: null },
  });
  const vendor = {
    ...{ product: "Vendor", scopes: { read: "read_it", write: "write_it" }, traceHeader: "traceid" },
    ...{ rate: { perSecond: 1, burst: 2 }, headers: (token: string) => ({ authorization: token }) },
  };
  caller = createApiCaller(vendor, clock);
});
afterEach(async () => {
  await caller.close();
  await server.close();
});

const ask = (more: Partial<Question> = {}) =>
  caller.ask(store, ({ url }) => ({ method: "GET", url, patience: "once", ...more }));

describe("a store that asks to be left alone", () => {
  test("is, and every question says at once for how long", async () => {
    server.answers = [json(429, {}, { "retry-after": "900" })];
    await ask();
    await clock.advance(100_000);
    expect(await ask()).toMatchObject({ why: "unavailable", retry_after_ms: 800_000 });
    expect(await ask({ method: "POST" })).toMatchObject({ why: "unavailable", retry_after_ms: 800_000 });
    expect(server.heard).toHaveLength(1);
    await clock.advance(800_000);
    expect((await ask()).kind).toBe("answered");
  });

  test("for years is asked again after an hour", async () => {
    server.answers = [json(429, {}, { "retry-after": "999999999" })];
    await ask();
    await clock.advance(3_500_000);
    expect(await ask()).toMatchObject({ retry_after_ms: 100_000 });
    await clock.advance(100_000);
    expect(await ask()).toMatchObject({ kind: "answered" });
  });

  test("is left no longer when the clock is set back meanwhile", async () => {
    server.answers = [json(429, {}, { "retry-after": "60" })];
    await ask();
    clock.jump(-86_400_000);
    expect(await ask()).toMatchObject({ retry_after_ms: 60_000 });
    await clock.advance(86_460_000);
    expect((await ask()).kind).toBe("answered");
  });
});

describe("a store that hangs", () => {
  test("bug: was read three times, and whoever cancelled there was given up by the proxy before they were told", async () => {
    server.answers = [() => undefined, json(200, {})];
    const asked = ask({ patience: "again" });
    await server.nextQuestion();
    await clock.advance(30_000);
    expect(await asked).toMatchObject({
      why: "unavailable",
      detail: "Vendor's API did not answer within 30 s",
    });
    expect(server.heard).toHaveLength(1);
  });

  test("for a while is read again, as one that fails at once is", async () => {
    const taken: ServerResponse[] = [];
    server.answers = [(response) => void taken.push(response), json(200, {})];
    const asked = ask({ patience: "again" });
    await server.nextQuestion();
    await clock.advance(15_000);
    taken[0]?.socket?.destroy();
    await vi.waitFor(async () => {
      await clock.advance(1_000);
      expect(server.heard).toHaveLength(2);
    });
    expect((await asked).kind).toBe("answered");
  });
});

describe("closing", () => {
  test("gives up the questions that wait for their turn or for another try, and leaves no timer", async () => {
    server.answers = [json(503, {}), json(200, {})];
    const again = ask({ patience: "again" });
    await server.nextQuestion();
    const second = ask();
    await server.nextQuestion();
    await second;
    const waiting = ask({ method: "POST" });
    await caller.close();
    expect(await waiting).toMatchObject({ why: "unavailable", detail: "the relay is stopping" });
    expect(await again).toMatchObject({ kind: "failed" });
    expect(await ask()).toMatchObject({ detail: "the relay is stopping" });
    expect(server.heard).toHaveLength(2);
  });

  test("leaves a change that is under way in doubt", async () => {
    server.answers = [() => undefined];
    const changing = ask({ method: "POST" });
    await server.nextQuestion();
    await caller.close();
    expect(await changing).toMatchObject({ why: "unknown", detail: "the relay is stopping" });
  });
});

describe("bug: what comes around an answer had no end, and took the processor for half a minute", () => {
  /** Sent again and again, as fast as it is taken. */
  function flood(head: string, more: string) {
    return ({ socket }: ServerResponse): void => {
      const piece = more.repeat(1000);
      const go = (): void => {
        for (let isTaken = true; isTaken && socket?.writable === true;) isTaken = socket.write(piece);
      };
      socket?.on("error", () => undefined).on("drain", go);
      socket?.write(head);
      go();
    };
  }
  const CHUNK = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;";

  test.each([
    ["the extensions of a chunk", flood(CHUNK, "a".repeat(64))],
    ["answers that are none yet", flood("", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")],
  ])("%s: cut; a change is in doubt", async (_what, answer) => {
    server.answers = [answer, answer];
    const detail = expect.stringContaining("answered with more than any answer holds") as string;
    expect(await ask()).toMatchObject({ kind: "failed", detail });
    expect(await ask({ method: "POST" })).toMatchObject({ why: "unknown", detail });
  });

  test("one or two of these are an answer's", async () => {
    server.answers = [
      (response) => response.writeEarlyHints({ link: "</x>" }, () => json(200, {})(response)),
    ];
    expect((await ask()).kind).toBe("answered");
  });
});

describe("what a failure tells", () => {
  test("bug: a store that took the question and broke off was said not to have been asked", async () => {
    server.answers = [(response) => void response.socket?.resetAndDestroy()];
    expect(await ask()).toMatchObject({
      why: "unavailable",
      detail: "Vendor's API gave no whole answer (ECONNRESET)",
    });
    await server.close();
    expect(await ask()).toMatchObject({ detail: "Vendor's API could not be asked (ECONNREFUSED)" });
    server = await startApiServer();
  });

  test("no token, hidden in a text or told by a header", async () => {
    const hidden = `${TOKEN.slice(0, 9)}\u200b${TOKEN.slice(9)}`;
    server.answers = [
      json(422, { errors: [hidden] }),
      json(422, { message: `${"\u200b".repeat(400)}x ${TOKEN}` }),
      json(422, { message: "no" }, { traceid: TOKEN }),
    ];
    const told = [];
    for (let question = 0; question < 3; question++) {
      told.push(await ask());
      await clock.advance(1000);
    }
    expect(told.map((answer) => answer.kind === "failed" && answer.detail)).toEqual([
      "Vendor's API answered 422: ***",
      "Vendor's API answered 422: x ***",
      "Vendor's API answered 422: no (traceid ***)",
    ]);
  });

  // shoplazza.dev, "Webhook": a webhook may be made only by an app that may read what it tells.
  test("the scope of what webhooks tell, where one may not be made", async () => {
    server.answers = [json(403, {}), json(403, {})];
    expect(await ask({ method: "POST", aboutWebhooks: true })).toMatchObject({
      detail: expect.stringContaining("most likely read_it") as string,
    });
    expect(await ask({ method: "POST" })).toMatchObject({
      detail: expect.stringContaining("most likely write_it") as string,
    });
  });
});
