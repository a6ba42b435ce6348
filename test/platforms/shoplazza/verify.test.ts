import { describe, expect, test } from "vitest";
import { shoplazza } from "../../../src/platforms/shoplazza/webhook.ts";
import { aRequest, aStore, NOW } from "../a-store.ts";

/** `printf '%s' BODY | openssl dgst -sha256 -hmac SECRET -binary | base64` */
const SECRET = "shoplazza client secret";
const BODY = '{"order":{"id":"11218-00000001","status":"cancelled"}}';
const BASE64 = "rk5kdFTku/TVi56RIJJmsERzEUv6Zwpo5IPIqQHetvI=";
const HEX = "ae4e647454e4bbf4d58b9e91209266b04473114bfa670a68e483c8a901deb6f2";
const STORE = aStore({ platform: "shoplazza", secrets: ["other", SECRET] });

function verify(signature: string | undefined, body = BODY, store = STORE) {
  const headers: Record<string, string> =
    signature === undefined ? {} : { "x-shoplazza-hmac-sha256": signature };
  return shoplazza.verify(aRequest(body, { headers }), store, NOW)?.why ?? null;
}

describe("Shoplazza's signature", () => {
  test("verifies as base64, and as the hex one of the vendor's pages shows", () => {
    expect(verify(BASE64)).toBeNull();
    expect(verify(HEX)).toBeNull();
  });

  test("fails closed", () => {
    expect(verify(undefined)).toBe("unsigned");
    expect(verify("")).toBe("unsigned");
    expect(verify(BASE64, `${BODY}\n`)).toBe("bad_signature");
    expect(verify(BASE64.replace("rk", "sk"))).toBe("bad_signature");
    expect(verify(BASE64.replace("/", "_"))).toBe("bad_signature");
    expect(verify(BASE64, BODY, aStore({ secrets: ["other"] }))).toBe("bad_signature");
    expect(verify(BASE64, BODY, aStore({ secrets: [""] }))).toBe("no_secret");
  });

  test("a header of another platform is none", () => {
    const request = aRequest(BODY, { headers: { "x-shopline-hmac-sha256": HEX } });
    expect(shoplazza.verify(request, STORE, NOW)?.why).toBe("unsigned");
  });

  test("says which header and which setting, and no secret", () => {
    const refusal = shoplazza.verify(
      aRequest(BODY, { headers: { "x-shoplazza-hmac-sha256": "0".repeat(64) } }),
      STORE,
      NOW,
    );
    expect(refusal?.detail).toContain("X-Shoplazza-Hmac-Sha256");
    expect(refusal?.detail).toContain('"secrets"');
    expect(refusal?.detail).not.toContain(SECRET);
  });
});

describe("Shoplazza's shop", () => {
  const store = aStore({ platform: "shoplazza", shop_id: "Bakery.myshoplaza.com" });
  const shop = (headers: Record<string, string>, body = "{}") =>
    shoplazza.verifyShop({ headers, body: Buffer.from(body) }, store)?.why ?? null;

  test("is the domain of the header, in any case", () => {
    expect(shop({ "x-shoplazza-shop-domain": "bakery.MYSHOPLAZA.com" })).toBeNull();
    expect(shop({ "x-shoplazza-shop-domain": "butcher.myshoplaza.com" })).toBe("wrong_shop");
    expect(shop({})).toBeNull();
  });

  test("is the body's store_id where it has one", () => {
    expect(shop({}, '{"order":{"store_id":"bakery.myshoplaza.com"}}')).toBeNull();
    expect(shop({ "x-shoplazza-shop-domain": "bakery.myshoplaza.com" }, '{"order":{"store_id":9}}')).toBe(
      "wrong_shop",
    );
  });
});

test("Shoplazza's labels are the headers'", () => {
  const headers = { "x-shoplazza-deduplication-id": "d-1", "x-shoplazza-topic": "orders/cancelled" };
  expect(shoplazza.labels(headers, Buffer.from(""))).toEqual({
    webhook_id: "d-1",
    topic: "orders/cancelled",
  });
});
