import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { rotated } from "../src/core/expiring.ts";
import type { StoreSettings } from "../src/core/settings.ts";
import { createHouse, type House, NO_ANSWER, SECRET, SETTINGS, TOKEN } from "./fakes/house.ts";

const HOUR_MS = 3_600_000;
let house: House;
beforeEach(async () => {
  house = await createHouse();
});
afterEach(() => house.close());

function stored(name: string): StoreSettings {
  const store = SETTINGS.stores.find((one) => one.name === name);
  if (store === undefined) throw new Error(name);
  return store;
}

const save = (seen: StoreSettings, more: Partial<StoreSettings>): Promise<string> =>
  house.relay.changeSettings({ kind: "store", name: seen.name, seen, to: { ...seen, ...more } }, "operator");

const order = (id: string): Record<string, unknown> => ({
  id,
  name: `#${id}`,
  cancelled_at: new Date(house.clock.now()).toISOString(),
});

describe("a rotated secret", () => {
  test("old and new verify until the moment, from then on only the new, without anybody's doing", async () => {
    const until = house.clock.now() + HOUR_MS;
    const seen = stored("noodle-bar");
    await save(seen, { secrets: rotated(seen.secrets, "the new one", until, house.clock.now()) });
    expect(await house.webhook("noodle-bar", order("1"), "the new one")).toMatchObject({
      status: "accepted",
    });
    expect(await house.webhook("noodle-bar", order("2"))).toMatchObject({ status: "accepted" });
    await house.clock.advance(HOUR_MS - 1);
    expect(await house.webhook("noodle-bar", order("3"))).toMatchObject({ status: "accepted" });
    await house.clock.advance(1);
    expect(await house.webhook("noodle-bar", order("4"))).toMatchObject({
      kind: "refused",
      refusal: { why: "bad_signature" },
    });
    expect(await house.webhook("noodle-bar", order("4"), "the new one")).toMatchObject({
      status: "accepted",
    });
  });

  test("is told as a change of the field, never with its value", async () => {
    const seen = stored("noodle-bar");
    await save(seen, { secrets: ["MARKED-new-secret"], shop_id: "77" });
    expect(house.events).toContainEqual({
      ...{ event: "settings.changed", kind: "store", name: "noodle-bar", change: "updated" },
      ...{ fields: ["secrets", "shop_id"], by: "operator" },
    });
    expect(JSON.stringify(house.events)).not.toContain("MARKED");
    const told = house.events.length;
    expect(await save(seen, { secrets: ["MARKED-new-secret"], shop_id: "77" })).toBe("unchanged");
    expect(house.events).toHaveLength(told);
  });
});

test("a printer added is used at once by what waits for it", async () => {
  const patio = { ...SETTINGS.printers[0]!, name: "patio" };
  await house.relay.changeSettings({ kind: "printer", name: "patio", seen: null, to: patio }, "operator");
  await save(stored("noodle-bar"), { printer: "patio" });
  const id = await house.cancel("1001");
  expect(await house.delivery(id)).toMatchObject({ printer: "patio", state: "accepted" });
});

describe("the test of a store", () => {
  test("comes out on paper, marked TEST, and is no cancellation", async () => {
    const { delivery } = await house.relay.sendTest("noodle-bar", "operator");
    await house.clock.advance(1_000);
    expect(await house.delivery(delivery.id)).toMatchObject({
      ...{ kind: "test", state: "accepted", store: "noodle-bar", platform: "shopline", printer: "kitchen" },
      webhook_id: null,
    });
    const [sent] = house.cloud.sent;
    expect(sent?.request.order.order_id).toMatch(/^TEST-\d+$/);
    expect(sent?.request.order.order_txt.split("\n")[1]).toContain("TEST");
    expect(JSON.stringify(sent?.request.order.order_json)).toContain("TEST");
    expect(house.events).toContainEqual({
      ...{ event: "store.tested", store: "noodle-bar", delivery: delivery.id, printer: "kitchen" },
      by: "operator",
    });
    const reprint = await house.relay.reprint(delivery.id, "again", "operator");
    expect((await house.delivery(reprint.id)).ticket.kind).toBe("test");
  });

  test("neither stands for a real order nor is held back by one", async () => {
    const { delivery: first } = await house.relay.sendTest("noodle-bar", "operator");
    const real = await house.webhook("noodle-bar", order(first.order_id));
    expect(real).toMatchObject({ status: "accepted" });
    const { delivery: second } = await house.relay.sendTest("noodle-bar", "operator");
    await house.clock.advance(1_000);
    expect(second.order_id).toBe(first.order_id);
    const rows = await house.ledger.listDeliveries({ order: first.order_id, limit: 9 });
    expect(rows.map(({ kind, state }) => `${kind} ${state}`).sort()).toEqual([
      "cancellation accepted",
      "test accepted",
      "test accepted",
    ]);
    // A webhook that calls itself what it likes is none.
    const cancellation = rows.find(({ kind }) => kind === "cancellation");
    expect(cancellation?.ticket.kind).toBe("cancellation");
  });

  test("leaves no webhook that a replay could print as a cancellation", async () => {
    await house.relay.sendTest("noodle-bar", "operator");
    expect(await house.ledger.listWebhooks({ limit: 9 })).toEqual([]);
  });

  test("FastPOD's goes to paper without asking its API, and says so", async () => {
    house.orderAnswer = { ...NO_ANSWER, why: "not_found", detail: "no such order" };
    const { delivery } = await house.relay.sendTest("tee-shop", "operator");
    await house.clock.advance(1_000);
    expect(await house.delivery(delivery.id)).toMatchObject({ state: "accepted", kind: "test" });
    const [line] = (await house.ledger.findDelivery(delivery.id))?.history ?? [];
    expect(line).toMatchObject({
      by: "operator",
      note: expect.stringContaining("nor was FastPOD's API asked"),
    });
    expect(JSON.stringify(house.cloud.sent)).not.toContain(TOKEN);
  });

  test("is refused where a webhook would be: no secret, or none that still counts", async () => {
    const seen = stored("noodle-bar");
    const ended = { value: SECRET, valid_until: house.clock.now() };
    await save(seen, { secrets: ["", ended] });
    await expect(house.relay.sendTest("noodle-bar", "operator")).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("no secret that is valid now"),
    });
    await expect(house.relay.sendTest("nowhere", "operator")).rejects.toMatchObject({ code: "not_found" });
    expect(await house.ledger.listDeliveries({ limit: 1 })).toEqual([]);
  });

  test("is signed with the newest secret", async () => {
    const seen = stored("noodle-bar");
    await save(seen, { secrets: ["newest", { value: SECRET, valid_until: house.clock.now() }] });
    await house.relay.sendTest("noodle-bar", "operator");
    await house.clock.advance(1_000);
    expect(house.cloud.sent).toHaveLength(1);
  });
});
