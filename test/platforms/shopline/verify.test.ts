import { describe, expect, test } from "vitest";
import { shopline } from "../../../src/platforms/shopline/webhook.ts";
import { aRequest, aStore, NOW } from "../a-store.ts";

/** The known answer of facts on SHOPLINE, recomputed with `openssl dgst -sha256 -hmac`. */
const SECRET = "LDLLJJLflja2039203flaflaLLFLE";
const BODY = '{"body_html":"BodyHtml","id":"32398389389389"}';
const HEX = "edf64f4c46a9cb2c8aaa6c7034b77899aca1b63ad0c461901417a42b1cf139b0";
const BASE64 = "7fZPTEapyyyKqmxwNLd4mayhtjrQxGGQFBekKxzxObA=";
const STORE = aStore({ secrets: [SECRET] });

function verify(signature: string | undefined, body: string | Buffer = BODY, store = STORE) {
  const headers: Record<string, string> =
    signature === undefined ? {} : { "x-shopline-hmac-sha256": signature };
  return shopline.verify(aRequest(body, { headers }), store, NOW);
}

describe("SHOPLINE's signature", () => {
  test.each([HEX, HEX.toUpperCase(), BASE64])("the known answer verifies as %s", (signature) => {
    expect(verify(signature)).toBeNull();
  });

  test("one flipped bit in the body, the signature or the secret does not", () => {
    expect(verify(HEX, BODY.replace("BodyHtml", "BodyHtmm"))?.why).toBe("bad_signature");
    expect(verify(HEX.replace(/^e/, "f"))?.why).toBe("bad_signature");
    expect(verify(HEX, BODY, aStore({ secrets: [SECRET.toLowerCase()] }))?.why).toBe("bad_signature");
  });

  test.each([
    ["63 digits", HEX.slice(1)],
    ["65 digits", `${HEX}0`],
    ["no hex", HEX.replace("e", "g")],
    ["a prefix", `sha256=${HEX}`],
    ["white space", ` ${HEX}`],
    ["two of them", `${HEX}, ${HEX}`],
    ["base64 without padding", BASE64.slice(0, -1)],
    ["base64 with loose last bits", BASE64.replace("A=", "B=")],
  ])("%s is a bad signature", (_what, signature) => {
    expect(verify(signature)?.why).toBe("bad_signature");
  });

  test.each([
    ["a word", "true"],
    ["a full stop where hex could be", ".".repeat(64)],
    // 20 bytes, and what a scanner puts into every header.
    ["half a digest", HEX.slice(0, 40)],
    ["a script", "<script>alert(1)</script>${jndi:ldap://x}"],
    ["bytes that are no letters", "\u00ff".repeat(64)],
  ])("%s is no signature at all, with or without a secret", (_what, signature) => {
    expect(verify(signature)?.why).toBe("malformed_signature");
    expect(verify(signature, BODY, aStore({ secrets: [] }))?.why).toBe("malformed_signature");
  });

  test("a missing or empty header is unsigned", () => {
    expect(verify(undefined)?.why).toBe("unsigned");
    expect(verify("")?.why).toBe("unsigned");
  });

  test("no secret, or an empty one, verifies nothing, though the signature fits the empty key", () => {
    // python3: hmac.new(b"", body, "sha256")
    const ofEmptyKey = "90f354c6fc45c9f6a276f8a57c323f9e5906c60ced78476f98da78154e1ad482";
    for (const secrets of [[], [""], ["", ""]]) {
      expect(verify(HEX, BODY, aStore({ secrets }))?.why).toBe("no_secret");
      expect(verify(ofEmptyKey, BODY, aStore({ secrets }))?.why).toBe("no_secret");
      expect(verify(undefined, BODY, aStore({ secrets }))?.why).toBe("unsigned");
    }
    expect(verify(ofEmptyKey, BODY, aStore({ secrets: ["", SECRET] }))?.why).toBe("bad_signature");
  });

  test.each([[["previous", SECRET]], [[SECRET, "next"]], [["", "a", SECRET, "b"]]])(
    "any of several secrets verifies: %j",
    (secrets) => {
      expect(verify(HEX, BODY, aStore({ secrets }))).toBeNull();
    },
  );

  // All by openssl, with the key `app-secret`.
  test.each([
    [
      "as it is",
      '{"id":"7","cancelled_at":"2026-11-01T10:00:00Z"}',
      "c8c45fff58c4a49a960878790d42eef360428b13944b195d7a19bf9fbe869216",
    ],
    [
      "with a newline",
      '{"id":"7","cancelled_at":"2026-11-01T10:00:00Z"}\n',
      "3d0948d13c928ef467e5ac68b0a7a2447b8aa3abefbdf6aa5214823a85b2de37",
    ],
    [
      "with a byte order mark",
      '\ufeff{"id":"7","cancelled_at":"2026-11-01T10:00:00Z"}',
      "786fb128b2e0fdf2e6a3b07823aac703af8eb44f64f840a11cee1d14fc9cadb1",
    ],
    [
      "pretty",
      '{\n  "id": "7",\n  "cancelled_at": "2026-11-01T10:00:00Z"\n}\n',
      "1f6acbf84559340428be220f0a7c99c071d75ce65596427f6f2218023e7ce178",
    ],
  ])("is over the bytes %s, and such a body reads", (_how, body, signature) => {
    const store = aStore({ secrets: ["app-secret"] });
    expect(verify(signature, body, store)).toBeNull();
    expect(verify(signature, `${body} `, store)?.why).toBe("bad_signature");
    expect(shopline.read(Buffer.from(body), store)).toMatchObject({ cancellation: { order_id: "7" } });
  });

  test("a secret beyond ASCII is its UTF-8 bytes", () => {
    const signature = "07176ac0315b697c1c69218665bf0c06c56a0969e5147a4cc9090ad8b76839d1";
    expect(verify(signature, '{"id":"7"}', aStore({ secrets: ["密鑰"] }))).toBeNull();
  });
});

describe("the other SHOPLINE", () => {
  test.each([
    { query: { sign: "f00d" } },
    { headers: { "x-shopline-topic": "order/cancel" } },
    { query: { sign: "f00d" }, headers: { "x-shopline-hmac-sha256": HEX.replace(/^e/, "f") } },
  ])("%j is told what it is and what to do", (request) => {
    const refusal = shopline.verify(aRequest(BODY, request), STORE, NOW);
    expect(refusal?.why).toBe("other_product");
    expect(refusal?.detail).toContain("shoplineapp.com");
    expect(refusal?.detail).toContain("orders/cancelled");
  });

  test("what verifies is never taken for it", () => {
    const headers = { "x-shopline-hmac-sha256": HEX, "x-shopline-topic": "order/cancel" };
    expect(shopline.verify(aRequest(BODY, { headers, query: { sign: "x" } }), STORE, NOW)).toBeNull();
  });
});

describe("SHOPLINE's shop", () => {
  const store = aStore({ shop_id: "1644828244663" });
  const shop = (body: string, header?: string) =>
    shopline.verifyShop(
      { body: Buffer.from(body), headers: header === undefined ? {} : { "x-shopline-shop-id": header } },
      store,
    )?.why ?? null;

  test("the body's store_id counts, quoted or not, wrapped or not", () => {
    expect(shop('{"id":"7","store_id":"1644828244663"}')).toBeNull();
    expect(shop('{"id":"7","store_id":1644828244663}')).toBeNull();
    expect(shop('{"order":{"id":"7","store_id":"1644828244663"}}')).toBeNull();
    expect(shop('{"id":"7","store_id":"1644828244664"}')).toBe("wrong_shop");
    expect(shop('{"order":{"store_id":"9"}}')).toBe("wrong_shop");
  });

  test("the body, which is signed, comes before the header, which is not", () => {
    expect(shop('{"store_id":"1644828244663"}', "9")).toBeNull();
    expect(shop('{"store_id":"9"}', "1644828244663")).toBe("wrong_shop");
    expect(shop("{}", "9")).toBe("wrong_shop");
    expect(shop("{}", "1644828244663")).toBeNull();
  });

  test("what names no shop passes, and so does all where no shop_id is set", () => {
    expect(shop("{}")).toBeNull();
    expect(shop('{"store_id":null}')).toBeNull();
    expect(shop("not json")).toBeNull();
    expect(shopline.verifyShop({ body: Buffer.from('{"store_id":"9"}'), headers: {} }, STORE)).toBeNull();
  });
});

test("SHOPLINE's labels are the headers', as harmless text", () => {
  const headers = { "x-shopline-webhook-id": "b54557e48a5f", "x-shopline-topic": "orders/\u202ecancelled" };
  expect(shopline.labels(headers, Buffer.from(""))).toEqual({
    webhook_id: "b54557e48a5f",
    topic: "orders/cancelled",
  });
  expect(shopline.labels({}, Buffer.from(""))).toEqual({ webhook_id: null, topic: null });
});
