import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { StoreSettings } from "../../src/core/settings.ts";
import { API_LIMITS } from "../../src/platforms/api/limits.ts";
import type { Answered } from "../../src/platforms/store-api.ts";
import { aStore } from "./a-store.ts";
import { contractOfLists } from "./api-contract-lists.ts";
import { json, startApiServer, type ApiServer } from "./api-server.ts";
import { aClock, FAULTS, letSettle, NOW, REQUEST, TOKEN, type ApiSubject } from "./api-stage.ts";

export function contractOfApi(subject: ApiSubject): void {
  contractOfLists(subject);
  const { platform, product, scopes } = subject;
  let clock: ReturnType<typeof aClock>;
  let api: ReturnType<ApiSubject["create"]>;
  let server: ApiServer;
  let store: StoreSettings;

  beforeEach(async () => {
    clock = aClock();
    api = subject.create(clock, API_LIMITS);
    server = await startApiServer();
    store = storeAt(server.url);
  });
  afterEach(async () => {
    await api.close();
    await server.close();
  });

  function storeAt(url: string, token = TOKEN): StoreSettings {
    return aStore({ name: "the-shop", platform, api: { url, token, version: null, allow_host: null } });
  }
  const read = (): Promise<Answered<Buffer>> => api.getOrder(store, "1", "once");
  const change = (): Promise<Answered<Buffer>> => api.cancelOrder(store, "1", REQUEST);

  describe(`${product}'s API: what goes wrong`, () => {
    test.each([
      ["a reset", "unavailable", "unknown"],
      ["a reset half-way", "unavailable", "unknown"],
      ["too much", "nonsense", "unknown"],
      ["HTML with 200", "nonsense", "unknown"],
      ["a redirect", "nonsense", "nonsense"],
      ["401", "unauthorized", "unauthorized"],
      ["403", "forbidden", "forbidden"],
      ["404 in its own form", "not_found", "not_found"],
      ["404 of a path that no route knows", "nonsense", "nonsense"],
      ["404 of a gateway", "nonsense", "nonsense"],
      ["404 in HTML", "nonsense", "nonsense"],
      ["406", "refused", "refused"],
      ["422", "refused", "refused"],
      ["429", "unavailable", "unavailable"],
      ["500", "unavailable", "unknown"],
      ["503", "unavailable", "unavailable"],
    ] as const)("%s: a read is %s, a change %s, each asked once", async (fault, ofRead, ofChange) => {
      const answer = FAULTS[fault];
      if (answer === undefined) throw new Error(fault);
      server.answers = [answer];
      const asRead = await read();
      expect(asRead).toMatchObject({ kind: "failed", why: ofRead });
      await clock.pass(10_000);
      server.answers = [answer];
      const asChange = await change();
      expect(asChange).toMatchObject({ kind: "failed", why: ofChange });
      expect(server.heard).toHaveLength(2);
      expect(JSON.stringify([asRead, asChange])).not.toContain(TOKEN);
    });

    test("the store's own words are told, without the token and on one line", async () => {
      server.answers = [json(422, { errors: { order: [`not\nfor ${TOKEN}`, "shipped"] } })];
      expect(await change()).toMatchObject({
        ...{ why: "refused", http_status: 422 },
        detail: `${product}'s API answered 422: not for ***; shipped`,
      });
    });

    test("regression: a phone or an e-mail in a store's words is not told, the order's own number is", async () => {
      const message = "order 1 of +886 987-600-123, grace@example.com is locked since 2026-11-29";
      server.answers = [json(422, { message })];
      expect(await change()).toMatchObject({
        detail: `${product}'s API answered 422: order 1 of …, … is locked since 2026-11-29`,
      });
      server.answers = [json(404, { message: "no order 21057200 of 0987600123" })];
      expect(await api.getOrder(store, "21057200", "once")).toMatchObject({
        detail: `${product}'s API answered 404: no order 21057200 of …`,
      });
    });

    test("endless words are cut", async () => {
      server.answers = [json(422, { message: "x".repeat(100_000) })];
      const answer = await change();
      expect(answer.kind === "failed" && answer.detail.length).toBeLessThan(400);
    });

    test("a scope that is missing is named", async () => {
      server.answers = [json(403, { errors: "no" }), json(403, { errors: "no" })];
      const [ofRead, ofChange] = [await read(), await change()];
      const detailOf = (answer: Answered<unknown>): string => (answer.kind === "failed" ? answer.detail : "");
      expect(detailOf(ofRead)).toContain(scopes?.read ?? "may not do this");
      expect(detailOf(ofChange)).toContain(scopes?.write ?? "may not do this");
      expect(detailOf(ofChange)).toContain("the-shop");
    });

    test("a wrong token names the setting", async () => {
      server.answers = [json(401, { message: "Unauthenticated." })];
      const answer = await read();
      expect(answer.kind === "failed" && answer.detail).toMatch(/401.*api\.token of store the-shop/);
    });

    test("a server that says nothing is given up after 30 s in all", async () => {
      server.answers = [() => undefined, () => undefined];
      const asked = read();
      await server.nextQuestion();
      await clock.pass(30_000);
      expect(await asked).toMatchObject({
        why: "unavailable",
        detail: `${product}'s API did not answer within 30 s`,
      });
      const changed = change();
      await server.nextQuestion();
      await clock.pass(30_000);
      expect(await changed).toMatchObject({ why: "unknown" });
    });

    test("nobody there: surely not done", async () => {
      const { url } = server;
      await server.close();
      store = storeAt(url);
      expect(await read()).toMatchObject({
        why: "unavailable",
        detail: expect.stringContaining("ECONNREFUSED") as string,
      });
      expect(await change()).toMatchObject({ why: "unavailable" });
      server = await startApiServer();
    });

    test("a token that no header can carry, and a store without an api", async () => {
      store = storeAt(server.url, "bad\ntoken");
      const answer = await read();
      expect(answer).toMatchObject({ kind: "failed" });
      expect(JSON.stringify(answer)).not.toContain("bad");
      store = aStore({ name: "the-shop", platform, api: null });
      expect(await read()).toMatchObject({ why: "not_configured" });
      expect(server.heard).toEqual([]);
    });

    test("closing gives up what still waits", async () => {
      server.answers = [() => undefined];
      const asked = read();
      await server.nextQuestion();
      await api.close();
      expect((await asked).kind).toBe("failed");
    });
  });

  describe(`${product}'s API: asking again`, () => {
    test("a read that fails in passing is asked again after 1 and 3 s, and no more", async () => {
      server.answers = [json(503, {}), json(500, {}), json(503, {}), json(200, {})];
      const asked = api.getOrder(store, "1", "again");
      await server.nextQuestion();
      for (const [ms, count] of [
        [999, 1],
        [1, 2],
        [2999, 2],
        [1, 3],
        [60_000, 3],
      ] as const) {
        await letSettle();
        await clock.pass(ms);
        await letSettle();
        expect(server.heard).toHaveLength(count);
      }
      expect(await asked).toMatchObject({ why: "unavailable", http_status: 503 });
    });

    test("Retry-After is waited for; one that asks for longer is left alone", async () => {
      server.answers = [json(503, {}, { "retry-after": "9" }), json(200, subject.order.body)];
      const asked = api.getOrder(store, "1", "again");
      await server.nextQuestion();
      await letSettle();
      await clock.pass(8999);
      await letSettle();
      expect(server.heard).toHaveLength(1);
      await clock.pass(1);
      expect((await asked).kind).toBe("answered");
      server.answers = [json(503, {}, { "retry-after": "900" })];
      expect(await api.getOrder(store, "1", "again")).toMatchObject({
        why: "unavailable",
        retry_after_ms: 900_000,
      });
    });

    test.each(["401", "403", "404 in its own form", "422", "HTML with 200"])(
      "%s is not asked again",
      async (fault) => {
        server.answers = [FAULTS[fault] ?? json(500, {})];
        expect((await api.getOrder(store, "1", "again")).kind).toBe("failed");
        expect(server.heard).toHaveLength(1);
      },
    );
  });

  describe(`${product}'s API: its rate`, () => {
    test("is kept to, each store's own", async () => {
      const many = Array.from({ length: subject.burst + 2 }, () => read());
      await letSettle();
      expect(server.heard).toHaveLength(subject.burst);
      const other = { ...store, name: "another-shop" };
      await api.getOrder(other, "1", "once");
      expect(server.heard).toHaveLength(subject.burst + 1);
      await clock.pass(Math.ceil(1000 / subject.perSecond));
      await letSettle();
      expect(server.heard).toHaveLength(subject.burst + 2);
      await clock.pass(Math.ceil(1000 / subject.perSecond));
      await Promise.all(many);
      expect(server.heard).toHaveLength(subject.burst + 3);
    });

    test("what paper waits for goes before pages of a list", async () => {
      // What a list waits for besides is loaded by now: it has its place in the row before the other comes.
      await api.listCancelled(store, { since: NOW, cursor: null });
      const first = Array.from({ length: subject.burst - 1 }, () => read());
      const list = api.listCancelled(store, { since: NOW, cursor: null });
      await letSettle();
      const urgent = api.getOrder(store, "urgent", "once");
      await letSettle();
      await clock.pass(Math.ceil(1000 / subject.perSecond));
      await urgent;
      expect(server.heard.at(-1)?.path).toContain("urgent");
      await clock.pass(Math.ceil(1000 / subject.perSecond));
      await list;
      await Promise.all(first);
    });

    test("after a 429 nothing goes until the store allows it", async () => {
      server.answers = [FAULTS["429"] ?? json(500, {})];
      await read();
      const next = read();
      await letSettle();
      expect(server.heard).toHaveLength(1);
      await clock.pass(6999);
      await letSettle();
      expect(server.heard).toHaveLength(1);
      await clock.pass(1);
      await next;
      expect(server.heard).toHaveLength(2);
    });

    test("a question whose turn does not come in 30 s is given up, and was never sent", async () => {
      server.answers = [json(429, {}, { "retry-after": "30" })];
      await read();
      await clock.pass(1);
      const first = Array.from({ length: subject.burst + 62 }, () => read());
      const waiting = change();
      await clock.pass(30_000);
      expect(await waiting).toMatchObject({
        why: "unavailable",
        detail: expect.stringContaining("turn") as string,
      });
      expect(server.heard.every(({ method }) => method === "GET")).toBe(true);
      await api.close();
      await Promise.all(first);
    });
  });

  describe(`${product}'s API: an order`, () => {
    test("is told whole, with every digit", async () => {
      server.answers = [json(200, subject.order.body)];
      const answer = await read();
      expect(JSON.parse(answer.kind === "answered" ? answer.value.toString() : "{}")).toEqual(
        subject.order.told,
      );
    });

    test.each([".", "..", ""])("no path is made of %j", async (id) => {
      expect(await api.cancelOrder(store, id, REQUEST)).toMatchObject({ why: "not_found" });
      expect(await api.deleteSubscription(store, id)).toEqual({ kind: "answered", value: null });
      expect(server.heard).toEqual([]);
    });

    test("an id is one piece of a path, whatever is in it", async () => {
      await api.cancelOrder(store, "a/b?c#d é", REQUEST);
      expect(server.heard[0]?.path).toContain("a%2Fb%3Fc%23d%20%C3%A9");
    });
  });

  describe(`${product}'s API: subscriptions`, () => {
    test("one that is gone already is deleted", async () => {
      server.answers = [json(404, { errors: "no" }), (response) => response.writeHead(204).end()];
      expect(await api.deleteSubscription(store, "7")).toEqual({ kind: "answered", value: null });
      expect(await api.deleteSubscription(store, "7")).toEqual({ kind: "answered", value: null });
    });

    test("an answer without what was asked for is nonsense, or may have been done", async () => {
      server.answers = [json(200, { x: 1 }), json(200, { x: 1 }), json(200, { x: 1 })];
      expect(await api.listSubscriptions(store)).toMatchObject({ why: "nonsense" });
      expect(await api.listCancelled(store, { since: NOW, cursor: null })).toMatchObject({ why: "nonsense" });
      await clock.pass(1000);
      expect(await api.createSubscription(store, "https://relay.test/x")).toMatchObject({ why: "unknown" });
    });
  });
}
