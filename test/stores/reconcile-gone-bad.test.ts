import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Answered, OrderPage } from "../../src/platforms/store-api.ts";
import { createStage, printedOn, reconcileOn, watchOn, type Stage } from "./stage.ts";

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
});
afterEach(() => stage.close());

const reconcile = (since?: number): ReturnType<typeof reconcileOn> => reconcileOn(stage, since);
const watchOf = (store?: string): ReturnType<typeof watchOn> => watchOn(stage, store);
const printed = (): string[] => printedOn(stage);

describe("a store's API gone bad", () => {
  test("regression: a short list of a store that knows no pages was told as one without an end", async () => {
    let page = 0;
    const orders = (): Buffer[] =>
      ["900", "901"].map((id) =>
        Buffer.from(
          JSON.stringify({ id, cancelled_at: new Date(stage.house.clock.now()).toISOString(), seen: page }),
        ),
      );
    stage.shops.shopline.api.listCancelled = () =>
      Promise.resolve({ kind: "answered", value: { orders: orders(), next: String(++page) } });
    expect(await reconcile()).toMatchObject({ listed: 2, found: 2 });
    expect((await watchOf())?.reconcile_error).toBeNull();
    expect(page).toBe(2);
  });

  test("a store that gives the same page again and again is left, and told", async () => {
    const { api } = stage.shops.shopline;
    api.listCancelled = () => Promise.resolve({ kind: "answered", value: { orders: [], next: "again" } });
    await expect(reconcile()).rejects.toMatchObject({ code: "store_unavailable" });
    expect((await watchOf())?.reconcile_error).toContain("does not end");
  });

  const invented = (from: number, count: number): Buffer[] =>
    Array.from({ length: count }, (_, index) =>
      Buffer.from(
        JSON.stringify({
          id: String(1 + from + index),
          cancelled_at: new Date(stage.house.clock.now()).toISOString(),
        }),
      ),
    );
  const answer = (orders: Buffer[], next: string | null): Promise<Answered<OrderPage>> =>
    Promise.resolve({ kind: "answered", value: { orders, next } });

  test("a second list that holds what the first one did is read, and is no list without an end", async () => {
    const { api } = stage.shops.shopline;
    api.listCancelled = (_store, { cursor }) =>
      Promise.resolve({
        kind: "answered",
        value: { orders: invented(0, 12), next: cursor === null ? "second" : null, begins: true },
      });
    expect(await reconcile()).toMatchObject({ listed: 24, found: 12, known: 12 });
    expect((await watchOf())?.reconcile_error).toBeNull();
  });

  test("a flood of invented cancellations prints 200 a run, is told, and the next run goes on", async () => {
    const { api } = stage.shops.shopline;
    const pages: string[] = [];
    api.listCancelled = (_store, { cursor }) => {
      pages.push(cursor ?? "0");
      const from = Number(cursor ?? 0);
      return answer(invented(from, 90), String(from + 90));
    };
    await expect(reconcile()).rejects.toMatchObject({
      code: "store_refused",
      message: expect.stringContaining("200 were taken now") as string,
    });
    await stage.house.clock.advance(0);
    expect(printed()).toHaveLength(200);
    expect(pages).toEqual(["0", "90", "180"]);
    expect(stage.house.events.findLast(({ event }) => event === "store.reconciled")).toMatchObject({
      ...{ found: 200, surplus: "found", api: "answered" },
    });
    expect(await watchOf()).toMatchObject({ reconciled_to: null, found_count: 200 });
    await expect(reconcile()).rejects.toMatchObject({ code: "store_refused" });
    await stage.house.clock.advance(0);
    expect(new Set(printed()).size).toBe(400);
  });

  test("exactly 200 that are real print, and the run ends well", async () => {
    stage.shops.shopline.api.listCancelled = () => answer(invented(0, 200), null);
    expect(await reconcile()).toMatchObject({ found: 200 });
  });

  test("a list of rubbish keeps 20 a run, and what is no rubbish behind it prints all the same", async () => {
    const rubbish = Array.from({ length: 500 }, (_, index) => Buffer.from(`{"name":"no id ${index}"}`));
    stage.shops.shopline.api.listCancelled = () => answer([...rubbish, ...invented(1000, 1)], null);
    const quarantined = async (): Promise<number> =>
      (await stage.house.ledger.listWebhooks({ status: "quarantined", limit: 100 })).length;
    await expect(reconcile()).rejects.toMatchObject({
      code: "store_unavailable",
      message: expect.stringContaining("20 were kept now") as string,
    });
    await stage.house.clock.advance(0);
    expect(printed()).toEqual(["1001"]);
    expect(await quarantined()).toBe(20);
    expect(await watchOf()).toMatchObject({ reconciled_to: null });
    await expect(reconcile()).rejects.toThrow();
    expect(await quarantined()).toBe(40);
    expect(printed()).toEqual(["1001"]);
  });

  test("regression: a run that took half an hour was told as a list without an end", async () => {
    let asked = 0;
    stage.shops.shopline.api.listCancelled = () => {
      stage.house.clock.jump(8_000);
      return answer([], String(++asked));
    };
    await expect(reconcile()).rejects.toMatchObject({
      code: "store_unavailable",
      message: expect.stringContaining(
        "gave 226 pages of cancelled orders in 30 minutes and has more",
      ) as string,
    });
    expect(asked).toBe(226);
  });

  test("asks a page only in its turn, and ends when there are no more turns", async () => {
    stage.shops.shopline.pageSize = 1;
    for (const id of ["1001", "1002", "1003"]) stage.put(id, 0);
    const turns = [true, false];
    const turn = (): Promise<boolean> => Promise.resolve(turns.shift() ?? false);
    const asking = stage.house.relay.reconcile("noodle-bar", "relay", { turn });
    await expect(asking).rejects.toMatchObject({ message: "the relay is stopping" });
    expect(stage.shops.shopline.asked).toEqual(["listCancelled"]);
  });
});
