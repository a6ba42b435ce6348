import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { StoreSettings } from "../../src/core/settings.ts";
import { aStore } from "./a-store.ts";
import { json, startApiServer, type ApiServer } from "./api-server.ts";
import { aClock, TOKEN, type ApiSubject } from "./api-stage.ts";

/** Lists of a store's API that has gone bad: what they may cost, and what of them is believed. */
export function contractOfLists(subject: ApiSubject): void {
  const { platform, product } = subject;
  let api: ReturnType<ApiSubject["create"]>;
  let server: ApiServer;
  let store: StoreSettings;

  beforeEach(async () => {
    api = subject.create(aClock());
    server = await startApiServer();
    const settings = { url: server.url, token: TOKEN, version: null, allow_host: null };
    store = aStore({ name: "the-shop", platform, api: settings });
  });
  afterEach(async () => {
    await api.close();
    await server.close();
  });

  describe(`${product}'s API: a page gone bad`, () => {
    const page = (): ReturnType<typeof api.listCancelled> =>
      api.listCancelled(store, { since: 0, cursor: null });
    const listed = (orders: readonly string[]): ((response: ServerResponse) => void) =>
      json(200, subject.listed(orders));

    test("of as many orders as any platform gives is taken, each to the letter", async () => {
      const orders = Array.from(
        { length: 250 },
        (_, n) => `{"id":${n + 1},"x":0.10,"note":"${"n".repeat(12_000)}"}`,
      );
      server.answers = [listed(orders)];
      const answer = await page();
      expect(answer.kind === "answered" && answer.value.orders.length).toBe(250);
      expect(answer.kind === "answered" && answer.value.orders[7]?.toString()).toContain(orders[7]);
    });

    test.each([
      ["Mon, 30 Nov 2026 08:30:46 GMT", Date.UTC(2026, 10, 30, 8, 30, 46)],
      ["some day", null],
    ])("made at %s is of that moment by the store's clock", async (date, told_at) => {
      server.answers = [json(200, subject.listed([]), { date })];
      expect(await page()).toMatchObject({ value: { told_at } });
    });

    test.each([
      ["of millions of nothings", () => Array.from({ length: 2_000_000 }, () => "{}")],
      ["of a thousand and one orders", () => Array.from({ length: 1001 }, (_, n) => `{"id":${n + 1}}`)],
      ["of an order larger than any webhook", () => [`{"id":1,"note":"${"n".repeat(1024 * 1024)}"}`]],
      [
        "of more bytes than are read",
        () => Array.from({ length: 17 }, () => `{"x":"${"x".repeat(1024 * 1024 - 8)}"}`),
      ],
    ])("%s is nonsense, asked for once and told in one line", async (_, orders) => {
      server.answers = [listed(orders())];
      const answer = await page();
      expect(answer).toMatchObject({ why: "nonsense", detail: expect.stringContaining("api.url") as string });
      expect(server.heard).toHaveLength(1);
    });

    test("of a megabyte of something else is nonsense, and is not read", async () => {
      server.answers = [json(200, `{${'"a":0,'.repeat(150_000)}"b":0}`)];
      expect(await page()).toMatchObject({ why: "nonsense" });
    });

    test("with what is no order in its list is a page without that", async () => {
      server.answers = [listed(["1", "null", '"text"', "[{}]", '{"id":7}'])];
      const answer = await page();
      expect(answer.kind === "answered" && answer.value.orders.map(String)).toEqual([
        expect.stringContaining('{"id":7}'),
      ]);
    });
  });

  describe(`${product}'s API: a list of subscriptions`, () => {
    test("with words that could not be shown are none", async () => {
      const good = { topic: "orders/cancelled", address: "https://relay.example/" };
      const bad = [
        { id: "\u001b[2J" },
        { topic: "t\u202e" },
        { id: "i".repeat(300) },
        { address: "a".repeat(5000) },
      ];
      server.answers = [json(200, subject.subscriptions([good, ...bad.map((own) => ({ ...good, ...own }))]))];
      const answer = await api.listSubscriptions(store);
      expect(answer.kind === "answered" && answer.value.map(({ address }) => address)).toEqual([
        good.address,
      ]);
    });

    test("of thousands is nonsense", async () => {
      const many = Array.from({ length: 1001 }, () => ({ topic: "t", address: "https://a.example/" }));
      server.answers = [json(200, subject.subscriptions(many))];
      expect(await api.listSubscriptions(store)).toMatchObject({ why: "nonsense" });
    });
  });
}
