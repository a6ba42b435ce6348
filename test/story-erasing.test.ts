import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createHouse, type House } from "./fakes/house.ts";
import { fixture } from "./platforms/a-store.ts";

const REDACT = JSON.parse(
  fixture("shopline.webhook.customers_redact.from-field-table.json").toString(),
) as Record<string, unknown>;
const STORE_REDACT = JSON.parse(
  fixture("shopline.webhook.merchants_redact.from-field-table.json").toString(),
) as Record<string, unknown>;
const SHOP = "160943274324";
const MARKED = /Markedfirst|mei-ling|912345678|Markedtown/;
/** With the phone of the fixture. */
const BUYER = {
  phone: "0912345678",
  shipping_address: { name: "Markedfirst Markedlast", city: "Markedtown" },
};

let house: House;
beforeEach(async () => {
  house = await createHouse();
});
afterEach(() => house.close());

async function known(...ids: string[]): Promise<string> {
  return JSON.stringify(await Promise.all(ids.map((id) => house.ledger.findDelivery(id))));
}

describe("SHOPLINE's customers/redact", () => {
  test("is kept without its body, and the buyer is gone at once, from this store alone", async () => {
    const id = await house.cancel("1001", BUYER);
    const cancelled_at = new Date(house.clock.now()).toISOString();
    const elsewhere = await house.webhook("cocktails", { id: "5", cancelled_at, ...BUYER });
    const receipt = await house.webhook("noodle-bar", REDACT);
    expect(receipt).toMatchObject({
      ...{ kind: "kept", status: "ignored", delivery_id: null },
      reason: "customers/redact: the buyer's data is being erased",
    });
    const webhook = receipt.kind === "kept" ? receipt.webhook_id : "";
    expect(await house.ledger.findWebhook(webhook)).toMatchObject({ status: "ignored", body: null });
    await house.clock.advance(1_000);
    expect(await known(id)).not.toMatch(MARKED);
    expect(await house.delivery(id)).toMatchObject({ state: "accepted", order_id: "1001" });
    expect(await known(elsewhere.kind === "kept" ? (elsewhere.delivery_id ?? "") : "")).toMatch(MARKED);
    expect(house.events.filter(({ event }) => event.startsWith("buyer."))).toEqual([
      {
        ...{ event: "buyer.forgotten", erasure: expect.any(String) as string, store: "noodle-bar" },
        ...{ deliveries: 1, webhooks: 0, by: "store" },
      },
    ]);
    await expect(house.relay.replay(webhook, "cli ana")).rejects.toThrow(/its body is not kept/);
  });

  test("the order again is a duplicate, and a late callback says nothing of the buyer", async () => {
    const id = await house.cancel("1001", BUYER);
    await house.webhook("noodle-bar", REDACT);
    await house.clock.advance(1_000);
    expect(
      await house.webhook("noodle-bar", { id: "1001", cancelled_at: "2027-01-15", ...BUYER }),
    ).toMatchObject({ status: "duplicate", delivery_id: id });
    const message = "Markedfirst Markedlast has left";
    const confirmation = { verdict: "rejected", message, time: null } as const;
    const raw = JSON.stringify({ m: message });
    expect(await house.relay.confirm(id, house.callbackToken(id), { confirmation, raw })).toBe(true);
    expect(await house.delivery(id)).toMatchObject({ state: "rejected" });
    expect(await known(id)).not.toMatch(MARKED);
  });

  test("what has not printed yet prints without the buyer", async () => {
    house.cloud.script("unavailable");
    const id = await house.cancel("1001", { ...BUYER, line_items: [{ title: "Noodles", quantity: 2 }] });
    await house.webhook("noodle-bar", REDACT);
    await house.clock.advance(1_000);
    house.cloud.script("accepted");
    await house.clock.advance(60_000);
    expect(await house.delivery(id)).toMatchObject({ state: "accepted" });
    const sent = house.cloud.sent.map(({ request }) => request.order.order_txt);
    expect(sent[0]).toMatch(MARKED);
    expect(sent.at(-1)).not.toMatch(MARKED);
    expect(sent.at(-1)).toMatch(/2 x Noodles/);
  });

  test("a process that ends before it was done: the next one does it", async () => {
    const id = await house.cancel("1001", BUYER);
    await house.worker.stop(1_000);
    await house.webhook("noodle-bar", REDACT);
    expect(await known(id)).toMatch(MARKED);
    await house.crash();
    await house.clock.advance(1_000);
    expect(await known(id)).not.toMatch(MARKED);
  });

  test("from FastPOD nothing of the kind is known: quarantined, and nothing erased", async () => {
    const id = await house.cancel("1001", BUYER);
    expect(await house.webhook("tee-shop", REDACT)).toMatchObject({ status: "quarantined" });
    await house.clock.advance(1_000);
    expect(await house.ledger.listErasures(1)).toEqual([]);
    expect(await known(id)).toMatch(MARKED);
  });
});

describe("SHOPLINE's merchants/redact", () => {
  async function nameShop(shop_id: string): Promise<void> {
    const name = "noodle-bar";
    const { stores } = await house.ledger.settings();
    const seen = stores.find((store) => store.name === name)!;
    await house.relay.changeSettings({ kind: "store", name, seen, to: { ...seen, shop_id } }, "cli ana");
  }

  test("erases every buyer so far, of this store; what comes later stays", async () => {
    await nameShop(SHOP);
    const ids = [await house.cancel("1001", BUYER), await house.cancel("1002", { ...BUYER, phone: "0900" })];
    await house.webhook("noodle-bar", { id: "9", name: "#9", ...BUYER });
    const cancelled_at = new Date(house.clock.now()).toISOString();
    await house.clock.advance(1_000);
    const elsewhere = await house.webhook("cocktails", { id: "5", cancelled_at, ...BUYER });
    const receipt = await house.webhook("noodle-bar", STORE_REDACT);
    expect(receipt).toMatchObject({
      status: "ignored",
      reason: expect.stringMatching(/^merchants\/redact/) as string,
    });
    await house.clock.advance(1_000);
    expect(await known(...ids)).not.toMatch(MARKED);
    expect(await known(elsewhere.kind === "kept" ? (elsewhere.delivery_id ?? "") : "")).toMatch(MARKED);
    expect(house.events.at(-1)).toMatchObject({ event: "buyer.forgotten", deliveries: 2, webhooks: 1 });
    const later = await house.cancel("1003", BUYER);
    await house.clock.advance(61_000);
    expect(await known(later)).toMatch(MARKED);
    expect((await house.ledger.settings()).stores.map(({ name }) => name)).toContain("noodle-bar");
  });

  test("where nobody knows whose shop it is nothing goes; once that is said, a replay does it", async () => {
    const id = await house.cancel("1001", BUYER);
    const receipt = await house.webhook("noodle-bar", STORE_REDACT);
    expect(receipt).toMatchObject({ kind: "kept", status: "quarantined" });
    await house.clock.advance(61_000);
    expect(await known(id)).toMatch(MARKED);
    const webhook = receipt.kind === "kept" ? receipt.webhook_id : "";
    await nameShop("160943274325");
    expect(await house.relay.replay(webhook, "cli ana")).toMatchObject({ status: "quarantined" });
    expect(await house.ledger.listErasures(1)).toEqual([]);
    await nameShop(SHOP);
    expect(await house.relay.replay(webhook, "cli ana")).toMatchObject({ status: "ignored" });
    await house.clock.advance(1_000);
    expect(await known(id)).not.toMatch(MARKED);
  });

  test("of another shop it is refused, and so is the other request", async () => {
    await nameShop("160943274325");
    for (const body of [REDACT, STORE_REDACT]) {
      expect(await house.webhook("noodle-bar", body)).toMatchObject({
        ...{ kind: "refused", refusal: { why: "wrong_shop" } },
      });
    }
    expect(await house.ledger.listErasures(1)).toEqual([]);
  });

  test("with another's signature it is nothing", async () => {
    await nameShop(SHOP);
    expect(await house.webhook("noodle-bar", STORE_REDACT, "another secret")).toMatchObject({
      ...{ kind: "refused", refusal: { why: "bad_signature" } },
    });
    expect(await house.ledger.listErasures(1)).toEqual([]);
  });
});

test("what a store's API answers never erases anything", async () => {
  house.orderAnswer = { kind: "answered", value: Buffer.from(JSON.stringify(REDACT)) };
  const receipt = await house.webhook("tee-shop", { data: { id: "FAS-1", order_status: "cancelled" } });
  await house.clock.advance(1_000);
  const id = receipt.kind === "kept" ? (receipt.delivery_id ?? "") : "";
  expect(await house.delivery(id)).toMatchObject({ state: "verifying" });
  expect(await house.ledger.listErasures(1)).toEqual([]);
});

test("regression: a store's API that names the buyer in an error is in no log and no list, also after erasing", async () => {
  const address = { name: "Markedfirst Markedlast", phone: "+886912345678", city: "Markedtown" };
  const detail = "FastPOD's API answered 500: Markedfirst Markedlast, +886 912345678, is locked";
  const failed = { kind: "failed", why: "unavailable", http_status: 500, retry_after_ms: null } as const;
  house.orderAnswer = { ...failed, detail };
  const data = { id: "FAS-1", order_status: "cancelled", address };
  const receipt = await house.webhook("tee-shop", { data });
  const id = receipt.kind === "kept" ? (receipt.delivery_id ?? "") : "";
  const verified = (): unknown[] =>
    house.events.flatMap((event) => (event.event === "delivery.verified" ? [event.detail] : []));
  expect(verified()).toEqual(["FastPOD's API answered 500: …, …, is locked"]);
  expect((await house.delivery(id)).last_error).toBe("FastPOD's API answered 500: …, …, is locked");
  const nobody = { store: null, everything: false, orders: [], phone: null, email: null, customer_id: null };
  const subject = { ...nobody, store: "tee-shop", orders: ["FAS-1"] };
  const erasure = { id: "E1", asked_at: house.clock.now(), by: "cli ana", subject };
  await house.ledger.beginErasure(erasure);
  for (let done = false; !done;) {
    ({ done } = await house.ledger.eraseBatch({ erasure, limit: 9, now: house.clock.now() }));
  }
  await house.clock.advance(30_000);
  expect(verified().length).toBeGreaterThan(1);
  expect(verified().at(-1)).toBe("FastPOD's API answered 500: …");
  expect(await known(id)).not.toMatch(MARKED);
  expect(JSON.stringify(house.events)).not.toMatch(MARKED);
});
