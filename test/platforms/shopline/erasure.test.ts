import { describe, expect, test } from "vitest";
import type { StoreSettings } from "../../../src/core/settings.ts";
import { shopline } from "../../../src/platforms/shopline/webhook.ts";
import { aRequest, aStore, fixture } from "../a-store.ts";

const CUSTOMERS = fixture("shopline.webhook.customers_redact.from-field-table.json");
const MERCHANTS = fixture("shopline.webhook.merchants_redact.from-field-table.json");
/** The shop of both. */
const SHOP = "160943274324";
const STORE = aStore({ shop_id: SHOP });

function read(body: unknown, store: StoreSettings = STORE) {
  return shopline.read(Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body)), store);
}
const customers = JSON.parse(CUSTOMERS.toString()) as Record<string, unknown>;
const merchants = JSON.parse(MERCHANTS.toString()) as Record<string, unknown>;
const without = (body: Record<string, unknown>, ...keys: string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(body).filter(([key]) => !keys.includes(key)));

function apiAt(url: string): Partial<StoreSettings> {
  return { shop_id: null, api: { url, token: "t", version: null, allow_host: null } };
}

describe("customers/redact", () => {
  const subject = {
    ...{ store: "noodle-bar", everything: false, orders: ["#72348"], phone: "+886912345678" },
    ...{ email: "mei-ling@example.com", customer_id: "4201826187" },
  };

  test("names the buyer and their orders", () => {
    expect(read(CUSTOMERS)).toEqual({
      ...{ kind: "erasure", reason: "customers/redact: the buyer's data is being erased", subject },
    });
  });

  test.each([
    ["customer", { phone: null, email: null, customer_id: null }],
    ["orders_to_redact", { orders: [] }],
    ["shop_domain", {}],
    ["shop_id", {}],
    ["update_time", {}],
  ])("may lack %s", (key, changed) => {
    expect(read(without(customers, key))).toMatchObject({
      kind: "erasure",
      subject: { ...subject, ...changed },
    });
  });

  test.each([
    [{ id: 4201826187 }, { customer_id: "4201826187", phone: null, email: null }],
    [{ id: "21056577640603870897253153" }, { customer_id: "21056577640603870897253153" }],
    [{ phone: "0912-345 678" }, { phone: "0912-345 678", customer_id: null }],
    [{ email: '"Mei@Example.com"' }, { email: "Mei@Example.com" }],
    // What many have, or what any field may say, is nobody's.
    [
      { phone: "886", email: "paid", id: 0 },
      { phone: null, email: null, customer_id: null },
    ],
    [
      { phone: "0000000000", email: "a b@c", id: {} },
      { phone: null, email: null, customer_id: null },
    ],
    [
      { phone: "1".repeat(18), email: ["x@example.com"], id: true },
      { phone: null, email: null },
    ],
    [null, { phone: null, email: null, customer_id: null }],
    ["mei", { phone: null, email: null, customer_id: null }],
  ])("customer %j is %j", (customer, known) => {
    expect(read({ ...customers, customer })).toMatchObject({ kind: "erasure", subject: known });
  });

  test("orders may be numbers, and what is none is left out", () => {
    const orders = ["#1", 72348, "21056577640603870897253153", "#1", "", null, {}, 0, " #2\u0007 "];
    expect(read({ ...customers, orders_to_redact: orders })).toMatchObject({
      subject: { orders: ["#1", "72348", "21056577640603870897253153", "#2"] },
    });
    expect(
      read(Buffer.from('{"customer":{},"orders_to_redact":[21056577640603870897253153]}')),
    ).toMatchObject({ subject: { orders: ["21056577640603870897253153"] } });
  });

  test.each([
    [{ shop_id: SHOP, shop_domain: "sgbm008.myshopline.com", customer: {}, orders_to_redact: [] }],
    [{ customer: { phone: "886", email: "paid" } }],
    [{ orders_to_redact: [null, "", "#"] }],
  ])("%j names nobody: a person should see it", (body) => {
    expect(read(body)).toEqual({
      kind: "quarantined",
      reason: "customers/redact: it names no buyer and no order",
    });
  });

  test("a list without end is not read in part", () => {
    const orders_to_redact = Array.from({ length: 10_001 }, (_, n) => `#${n}`);
    expect(read({ ...customers, orders_to_redact })).toMatchObject({ kind: "quarantined" });
    expect(read({ ...customers, orders_to_redact: orders_to_redact.slice(1) })).toMatchObject({
      kind: "erasure",
    });
  });
});

describe("merchants/redact", () => {
  test("is about all buyers of the store so far, and says what stays", () => {
    expect(read(MERCHANTS)).toEqual({
      kind: "erasure",
      reason:
        "merchants/redact: the data of all buyers so far is erased; the store's secrets and tokens are yours to remove",
      subject: {
        ...{ store: "noodle-bar", everything: true, orders: [] },
        ...{ phone: null, email: null, customer_id: null },
      },
    });
  });

  // One app has one address for it, whatever shops have the app.
  test("erases nothing while nobody knows whether the shop is the store's", () => {
    const unknown = read(MERCHANTS, aStore({}));
    expect(unknown).toMatchObject({ kind: "quarantined" });
    expect(unknown.kind === "quarantined" && unknown.reason).toMatch(
      /set the "shop_id" .* then replay this webhook/,
    );
    expect(read(MERCHANTS, aStore(apiAt("https://shop.example.com"))).kind).toBe("quarantined");
    expect(
      read(without(merchants, "store_domain"), aStore(apiAt(`https://sgbm008.myshopline.com`))).kind,
    ).toBe("quarantined");
  });

  test("the address of the store's API tells it too", () => {
    for (const url of ["https://sgbm008.myshopline.com", "https://SGBM008.myshopline.com/admin/openapi"]) {
      expect(read(MERCHANTS, aStore(apiAt(url)))).toMatchObject({ kind: "erasure" });
    }
    const other = aStore(apiAt("https://sgbm009.myshopline.com"));
    expect(read(MERCHANTS, other)).toMatchObject({
      kind: "quarantined",
      reason: expect.stringMatching(/another shop/) as string,
    });
    expect(read(CUSTOMERS, other)).toMatchObject({
      kind: "quarantined",
      reason: expect.stringMatching(/another shop/) as string,
    });
  });

  test("the id comes before the address", () => {
    expect(read({ ...merchants, store_domain: "renamed.myshopline.com" })).toMatchObject({ kind: "erasure" });
    expect(read({ ...merchants, store_id: "160943274325" })).toMatchObject({ kind: "quarantined" });
    expect(read({ ...merchants, store_id: Number(SHOP) })).toMatchObject({ kind: "erasure" });
  });

  test.each([
    ["more than its fields", { ...merchants, name: "Noodle Bar" }],
    ["no time", without(merchants, "update_time")],
    ["no shop", without(merchants, "store_id", "store_domain")],
    ["the other request's names", { shop_id: SHOP, shop_domain: "sgbm008.myshopline.com", update_time: "x" }],
    ["an order's id", { ...merchants, id: "7" }],
  ])("with %s it is none", (_, body) => {
    expect(read(body).kind).not.toBe("erasure");
  });
});

describe("what is no such request", () => {
  test.each([
    [{ id: "7", customer: { phone: "0912345678" } }],
    [{ id: "7", orders_to_redact: ["#7"] }],
    [{ order: { id: "7" }, orders_to_redact: ["#7"] }],
    [{ data: {}, orders_to_redact: ["#7"] }],
    [{ id: 0, customer: { phone: "0912345678" }, cancelled_at: "2026-11-01T10:00:00Z" }],
    [{ customer: { phone: "0912345678" }, cancelled_at: "2026-11-01T10:00:00Z" }],
    [{ customer: { phone: "0912345678" }, note: "an order without its id" }],
    [{ customer: { phone: "0912345678" }, line_items: [], orders_to_redact: [] }],
    [{ orders_to_redact: "#7" }],
    [[customers]],
  ])("%j erases nothing", (body) => {
    expect(read(body).kind).not.toBe("erasure");
  });

  test("an order under their topic is what it always was", () => {
    const order = fixture("shopline.webhook.orders_cancelled.from-docs.json");
    for (const topic of ["customers/redact", "merchants/redact"]) {
      const { headers, body } = aRequest(order, { headers: { "x-shopline-topic": topic } });
      expect(shopline.labels(headers, body).topic).toBe(topic);
      expect(shopline.read(body, STORE).kind).toBe("cancellation");
    }
  });

  test("nor do they hold an order", () => {
    expect(shopline.readOrder(CUSTOMERS, STORE)).toBeNull();
    expect(shopline.readOrder(MERCHANTS, STORE)).toBeNull();
  });
});

test("a request of another shop is refused where the store's shop_id is known", () => {
  const why = (body: Buffer, shop_id: string): string | null =>
    shopline.verifyShop({ body, headers: {} }, aStore({ shop_id }))?.why ?? null;
  for (const body of [CUSTOMERS, MERCHANTS]) {
    expect(why(body, SHOP)).toBeNull();
    expect(why(body, "160943274325")).toBe("wrong_shop");
  }
});
