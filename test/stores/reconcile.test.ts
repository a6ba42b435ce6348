import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { StoreSettings } from "../../src/core/settings.ts";
import type { Answered, OrderPage } from "../../src/platforms/store-api.ts";
import { createStage, printedOn, reconcileOn, watchOn, type Stage } from "./stage.ts";

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
});
afterEach(() => stage.close());

const DAY_S = 86_400;

const reconcile = (since?: number): ReturnType<typeof reconcileOn> => reconcileOn(stage, since);
const watchOf = (store?: string): ReturnType<typeof watchOn> => watchOn(stage, store);
const pageOf = (order: string): Promise<Answered<OrderPage>> =>
  Promise.resolve({ kind: "answered", value: { orders: [Buffer.from(order)], next: null } });
const printed = (): string[] => printedOn(stage);

describe("a run", () => {
  test("prints what no webhook brought, in the order of its cancellation, and says so in the ledger", async () => {
    await stage.house.clock.advance(600_000);
    stage.put("1002", 60);
    stage.put("1001", 120);
    const result = await reconcile();
    expect(result).toMatchObject({ listed: 2, found: 2, known: 0, quarantined: 0, ignored: 0, before: 0 });
    expect(printed()).toEqual(["1001", "1002"]);
    const detail = await stage.house.ledger.findDelivery(result.deliveries[0] ?? "");
    expect(detail?.webhook).toMatchObject({ origin: "reconcile", status: "accepted" });
    expect(detail?.history[0]?.note).toContain("found by reconciliation");
  });

  test("prints nothing twice: what a webhook brought, what a run brought, and the webhook that comes after it", async () => {
    await stage.house.clock.advance(600_000);
    await stage.house.cancel("1001");
    stage.put("1001", 0);
    stage.put("1002", 0);
    expect(await reconcile()).toMatchObject({ known: 1, found: 1 });
    expect(await reconcile()).toMatchObject({ known: 2, found: 0 });
    const body = { id: "1002", cancelled_at: new Date(stage.house.clock.now()).toISOString() };
    expect(await stage.house.webhook("noodle-bar", body)).toMatchObject({ status: "duplicate" });
    expect(printed()).toEqual(["1001", "1002"]);
  });

  test("a webhook that comes while the run is at it is no second slip", async () => {
    await stage.house.clock.advance(600_000);
    stage.put("1001", 1);
    stage.shops.shopline.before = () => stage.house.cancel("1001").then(() => undefined);
    expect(await reconcile()).toMatchObject({ found: 0, known: 1 });
    expect(printed()).toEqual(["1001"]);
  });

  test("never prints history: what was cancelled before the store was added stays at the store", async () => {
    stage.put("900", 5);
    stage.put("901", 40 * DAY_S, { updated_at: new Date(stage.house.clock.now()).toISOString() });
    await stage.house.clock.advance(60_000);
    stage.put("902", 30);
    expect(await reconcile()).toMatchObject({ before: 2, found: 1 });
    expect(printed()).toEqual(["902"]);
  });

  test("takes for history neither what has no time nor what is of the second from which on it looks", async () => {
    await stage.house.clock.advance(60_000);
    // Stores tell a cancellation's time to the second.
    const second = stage.house.clock.now() - 30_000;
    const updated_at = new Date(stage.house.clock.now()).toISOString();
    stage.put("901", 60, { updated_at, cancelled_at: "some day" });
    stage.put("902", 60, { updated_at, cancelled_at: new Date(second).toISOString() });
    stage.put("903", 60, { updated_at, cancelled_at: new Date(second - 1000).toISOString() });
    expect(await reconcile(second + 500)).toMatchObject({ found: 2, before: 1 });
    expect(printed().toSorted()).toEqual(["901", "902"]);
  });

  test("with `since` goes as far back as it is told", async () => {
    stage.put("900", 3 * DAY_S);
    stage.put("899", 5 * DAY_S, { updated_at: new Date(stage.house.clock.now()).toISOString() });
    const result = await reconcile(stage.house.clock.now() - 4 * DAY_S * 1000);
    expect(result).toMatchObject({ found: 1, before: 1 });
    expect(stage.house.cloud.sent[0]?.request.order.order_txt).toContain("LATE");
  });

  test("goes through every page, and keeps each before it asks for the next", async () => {
    await stage.house.clock.advance(600_000);
    stage.shops.shopline.pageSize = 3;
    for (let number = 0; number < 10; number++) stage.put(String(1000 + number), 100 - number);
    expect(await reconcile()).toMatchObject({ listed: 10, found: 10 });
    expect(stage.shops.shopline.asked).toEqual([
      "listCancelled",
      "listCancelled 3",
      "listCancelled 6",
      "listCancelled 9",
    ]);
    expect(printed()).toHaveLength(10);
  });
});

describe("regression: a run went on by the settings it had begun with", () => {
  /** Changes the store when its second page is asked for. */
  async function changedOnTheWay(change: (store: StoreSettings) => StoreSettings | null): Promise<void> {
    const { house, shops } = stage;
    await house.clock.advance(600_000);
    shops.shopline.pageSize = 1;
    for (const id of ["1001", "1002", "1003"]) stage.put(id, 60);
    const unchanged = { ...shops.shopline.api };
    shops.shopline.api.listCancelled = async (store, page) => {
      const seen = (await house.ledger.settings()).stores.find(({ name }) => name === "noodle-bar") ?? null;
      if (page.cursor === "1" && seen !== null) {
        const edit = { kind: "store", name: "noodle-bar", seen, to: change(seen) } as const;
        await house.relay.changeSettings(edit, "operator Ana");
      }
      return unchanged.listCancelled(store, page);
    };
  }

  test("and printed for a store that was taken out meanwhile", async () => {
    await changedOnTheWay(() => null);
    await expect(reconcile()).rejects.toMatchObject({ code: "not_found" });
    expect(await stage.house.ledger.knownOrders("noodle-bar", ["1001", "1002", "1003"])).not.toContain(
      "1003",
    );
  });

  test("and sent slips to the printer that had been changed for another", async () => {
    const kitchen = (await stage.house.ledger.settings()).printers.find(({ name }) => name === "kitchen");
    if (kitchen === undefined) throw new Error("there is no kitchen");
    const edit = { kind: "printer", name: "bar", seen: null, to: { ...kitchen, name: "bar" } } as const;
    await stage.house.relay.changeSettings(edit, "operator Ana");
    await changedOnTheWay((store) => ({ ...store, printer: "bar" }));
    await reconcile();
    expect(stage.house.cloud.sent.at(-1)?.request.printer.name).toBe("bar");
  });
});

describe("the mark", () => {
  test("moves to where a run began, and the next one looks an hour behind it", async () => {
    stage.house.clock.jump(7_200_000);
    const began = stage.house.clock.now();
    await reconcile();
    expect(await watchOf()).toMatchObject({
      reconciled_to: began,
      reconciled_at: began,
      reconcile_error: null,
    });
    await stage.house.clock.advance(600_000);
    // Cancelled long before, told by the store's list only now.
    stage.put("1001", 50 * 60);
    expect((await reconcile()).since).toBe(began - 3_600_000);
    expect(printed()).toEqual(["1001"]);
    expect((await watchOf())?.found_count).toBe(1);
  });

  test("stays where it was when the store fails half-way; what was kept is kept", async () => {
    await stage.house.clock.advance(600_000);
    stage.shops.shopline.pageSize = 1;
    stage.put("1001", 20);
    stage.put("1002", 10);
    stage.shops.shopline.before = () => {
      stage.shops.shopline.before = () => {
        stage.shops.shopline.failing = "unavailable";
        return Promise.resolve();
      };
      return Promise.resolve();
    };
    await expect(reconcile()).rejects.toMatchObject({
      ...{ code: "store_unavailable", message: "the store said: unavailable" },
    });
    await stage.house.clock.advance(0);
    expect(await watchOf()).toMatchObject({
      reconciled_to: null,
      reconcile_error: "the store said: unavailable",
    });
    expect(printed()).toEqual(["1001"]);
    stage.shops.shopline.failing = null;
    expect(await reconcile()).toMatchObject({ known: 1, found: 1 });
    expect(printed()).toEqual(["1001", "1002"]);
  });

  test("is not moved over what a run with `since` has not seen", async () => {
    stage.house.clock.jump(7 * DAY_S * 1000);
    await reconcile(stage.house.clock.now() - 3_600_000);
    expect((await watchOf())?.reconciled_to).toBeNull();
    stage.put("1001", 6 * DAY_S);
    await reconcile();
    expect(printed()).toEqual(["1001"]);
  });

  test("of a clock that was set back hides nothing", async () => {
    stage.house.clock.jump(DAY_S * 1000);
    await reconcile();
    stage.house.clock.jump(-12 * 3_600_000);
    stage.put("1001", 60);
    expect(await reconcile()).toMatchObject({ found: 1 });
  });

  test("regression: of a clock that was set back hid what was cancelled between two runs until it was reached", async () => {
    stage.house.clock.jump(DAY_S * 1000);
    await reconcile();
    stage.house.clock.jump(-12 * 3_600_000);
    const began = stage.house.clock.now();
    // Nobody knows when the last run was.
    stage.put("1001", 3 * 3600);
    expect(await reconcile()).toMatchObject({ found: 1 });
    expect(await watchOf()).toMatchObject({ reconciled_to: began });
    stage.house.clock.jump(3 * 3_600_000);
    stage.put("1002", 2 * 3600);
    expect(await reconcile()).toMatchObject({ found: 1, since: began - 3_600_000 });
  });

  test("regression: of a store added by a clock that was ahead, all was history until that moment", async () => {
    stage.house.clock.jump(-8 * 3_600_000);
    const began = stage.house.clock.now();
    stage.put("900", 60);
    expect(await reconcile()).toMatchObject({ found: 0, before: 1 });
    expect(await watchOf()).toMatchObject({ since: began });
    stage.house.clock.jump(3_600_000);
    stage.put("1001", 60);
    expect(await reconcile()).toMatchObject({ found: 1, before: 1 });
  });
});

describe("what cannot be printed", () => {
  test("is kept once when it cannot be understood, however often a run finds it", async () => {
    stage.shops.shopline.api.listCancelled = () => pageOf('{"name":"no id"}');
    expect(await reconcile()).toMatchObject({ quarantined: 1 });
    expect(await reconcile()).toMatchObject({ quarantined: 0 });
    const kept = await stage.house.ledger.listWebhooks({ status: "quarantined", limit: 10 });
    expect(kept).toMatchObject([{ origin: "reconcile", store: "noodle-bar" }]);
  });

  test("is passed over when the store lists an order that is not cancelled", async () => {
    stage.shops.shopline.api.listCancelled = () => pageOf('{"id":"1"}');
    expect(await reconcile()).toMatchObject({ listed: 1, ignored: 1, found: 0 });
    expect(await stage.house.ledger.listWebhooks({ limit: 10 })).toEqual([]);
  });
});

describe("FastPOD", () => {
  test("is not asked again about what its API has just said: the slip goes out at once", async () => {
    const at = new Date(stage.house.clock.now()).toISOString();
    stage.shops.fastpod.orders.set("FAS-1", { id: "FAS-1", order_status: "cancelled", cancelled_at: at });
    await stage.house.relay.reconcile("tee-shop", "relay");
    await stage.house.clock.advance(0);
    expect(stage.shops.fastpod.asked).toEqual(["listCancelled"]);
    expect(printed()).toEqual(["FAS-1"]);
  });

  test("regression: orders cancelled long ago, whose list gives no cancelled_at, printed by the hundred", async () => {
    const daysAgo = (days: number): string =>
      new Date(stage.house.clock.now() - days * DAY_S * 1000).toISOString();
    const orders = Array.from({ length: 25 }, (_, n) => {
      const order = {
        id: `FAS-${n}`,
        order_status: "cancelled",
        cancelled_at: null,
        updated_at: daysAgo(n + 1),
      };
      return Buffer.from(JSON.stringify({ data: order }));
    });
    stage.shops.fastpod.api.listCancelled = () =>
      Promise.resolve({ kind: "answered", value: { orders, next: null } });
    expect(await stage.house.relay.reconcile("tee-shop", "relay")).toMatchObject({ before: 25, found: 0 });
    await stage.house.clock.advance(0);
    expect(printed()).toEqual([]);
  });
});

describe("who asks", () => {
  test("two at once share one run", async () => {
    const [one, other] = await Promise.all([reconcile(), reconcile()]);
    expect(one).toBe(other);
    expect(stage.shops.shopline.asked).toEqual(["listCancelled"]);
  });

  test.each([
    ["by-hand", "conflict", 'has no "api"'],
    ["nowhere", "not_found", "no store nowhere"],
  ])("of store %s gets %s", async (store, code, words) => {
    const asking = stage.house.relay.reconcile(store, "relay");
    await expect(asking).rejects.toMatchObject({ code, message: expect.stringContaining(words) as string });
  });

  test("a refusal of the token is told with the run", async () => {
    stage.shops.shopline.failing = "unauthorized";
    await expect(reconcile()).rejects.toMatchObject({ code: "store_refused" });
    expect(stage.house.events.at(-1)).toMatchObject({ event: "store.reconciled", api: "refused" });
  });
});
