import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { storeSchema, storeSettingsOf, type StoreSettings } from "../../src/core/settings.ts";
import { createInbound } from "../../src/stores/inbound.ts";
import { seenAs, shownAddress } from "../../src/stores/address.ts";

const NOW = 1_800_000_000_000;
const TOKEN = "t".repeat(43);
const OLD_TOKEN = "o".repeat(43);
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

function inboundAt(publicUrl: string): ReturnType<typeof createInbound> {
  return createInbound({ publicUrl, hashToken: sha256 });
}
const INBOUND = inboundAt("https://relay.example.com/shop");

const NOODLES = storeSettingsOf(
  storeSchema.parse({ name: "noodle-bar", platform: "shopline", printer: "kitchen", secrets: ["s"] }),
  sha256,
);
const TEES: StoreSettings = storeSettingsOf(
  storeSchema.parse({
    ...{ name: "tee-shop", platform: "fastpod", printer: "kitchen", trust_body: true },
    tokens: [TOKEN, { token: OLD_TOKEN, valid_until: new Date(NOW - 1000).toISOString() }],
  }),
  sha256,
);

function seen(store: StoreSettings, address: string): { of_store: string; address: string } {
  const { of_store, address: shown } = seenAs({ id: "1", topic: "t", address }, store, INBOUND, NOW);
  return { of_store, address: shown };
}

describe("a subscription's address", () => {
  test.each([
    ["the store's own", "https://relay.example.com/shop/webhooks/shopline/noodle-bar", "right"],
    ["with a slash at its end", "https://relay.example.com/shop/webhooks/shopline/noodle-bar/", "right"],
    ["in another case", "HTTPS://Relay.Example.com/shop/webhooks/shopline/noodle-bar", "right"],
    ["another base", "https://old.example.com/webhooks/shopline/noodle-bar", "wrong"],
    ["another base path", "https://relay.example.com/webhooks/shopline/noodle-bar", "wrong"],
    ["plain http", "http://relay.example.com/shop/webhooks/shopline/noodle-bar", "wrong"],
    ["a query", "https://relay.example.com/shop/webhooks/shopline/noodle-bar?x=1", "wrong"],
    ["another store", "https://relay.example.com/shop/webhooks/shopline/noodle-bar-2", "other"],
    ["another platform", "https://relay.example.com/shop/webhooks/shoplazza/noodle-bar", "other"],
    ["somebody else's", "https://erp.example.com/hooks/orders", "other"],
    ["no address", "not an address", "other"],
    ["a script", "javascript:alert(1)//webhooks/shopline/noodle-bar", "other"],
  ])("%s", (_, address, kind) => {
    expect(seen(NOODLES, address).of_store).toBe(kind);
  });

  test.each([
    "javascript:alert(1)",
    "data:text/html,hello",
    "file:///etc/passwd",
    "blob:https://a.example/1",
  ])("of no web server is not shown: %s", (address) =>
    expect(seen(NOODLES, address)).toEqual({ of_store: "other", address: "(no address)" }),
  );

  test.each([
    ["with a token that counts", TOKEN, "right"],
    ["with a token that has ended", OLD_TOKEN, "wrong"],
    ["with a token nobody knows", "x".repeat(43), "wrong"],
  ])("of FastPOD %s; the token is never shown", (_, token, kind) => {
    const found = seen(TEES, `https://relay.example.com/shop/webhooks/fastpod/tee-shop/${token}`);
    expect(found).toEqual({
      of_store: kind,
      address: "https://relay.example.com/shop/webhooks/fastpod/tee-shop/***",
    });
  });

  test("of FastPOD without a token is not the store's", () => {
    expect(seen(TEES, "https://relay.example.com/shop/webhooks/fastpod/tee-shop").of_store).toBe("other");
  });

  test("somebody else's password and query are not shown", () => {
    expect(seen(NOODLES, "https://ann:pw@erp.example.com/hooks?key=abc").address).toBe(
      "https://erp.example.com/hooks?***",
    );
  });

  test("the store's own, for people", () => {
    expect(shownAddress(INBOUND, TEES)).toBe("https://relay.example.com/shop/webhooks/fastpod/tee-shop/***");
    expect(shownAddress(INBOUND, NOODLES)).toBe(
      "https://relay.example.com/shop/webhooks/shopline/noodle-bar",
    );
  });
});

describe("whether a store can call RELAY_PUBLIC_URL", () => {
  test.each([
    ["https://relay.example.com", null],
    ["http://relay.example.com", "https"],
    ["http://127.0.0.1:8080", "https"],
    ["https://127.0.0.1:8443", "this machine alone"],
    ["https://localhost", "this machine alone"],
    ["https://192.168.1.20", "no address of the public internet"],
    ["https://relay", "no address of the public internet"],
  ])("%s", (publicUrl, words) => {
    const unreachable = inboundAt(publicUrl).unreachable(NOODLES);
    if (words === null) expect(unreachable).toBeNull();
    else expect(unreachable).toContain(words);
  });

  test("bug: a store whose API is on this machine was refused, though it reaches what nobody else does", () => {
    const at = (url: string) => ({ api: { url, token: "t", version: null, allow_host: null } });
    for (const publicUrl of ["http://127.0.0.1:8080", "https://localhost"]) {
      expect(inboundAt(publicUrl).unreachable(at("http://127.0.0.1:9200"))).toBeNull();
      expect(inboundAt(publicUrl).unreachable(at("https://demo.myshopline.com"))).not.toBeNull();
    }
  });

  test("tokens are made new each time, as long as CONTRACT wants them", () => {
    const made = [INBOUND.makeToken(), INBOUND.makeToken()];
    expect(new Set(made).size).toBe(2);
    for (const token of made) expect(token).toMatch(/^[A-Za-z0-9_-]{32,200}$/);
  });
});
