import { describe, expect, test } from "vitest";
import { createSeal } from "../../src/ledger/seal.ts";

// Made with Python's cryptography 48 (HKDF, AESGCM) and hmac from the master key 00 01 … 1f, the nonce
// 01 02 … 0c and the layout told in seal.ts; the HKDF part compared with `openssl kdf`.
const MASTER_KEY = Buffer.from(Array.from({ length: 32 }, (_, n) => n));
const SEALED = "015b155a0e0102030405060708090a0b0c9461628bfded535f39385c5ad0a0f557884d562591ab6b";
const PLACE = "printers/kitchen/secrets";

describe("seal", () => {
  test("opens what another implementation sealed", () => {
    expect(createSeal(() => [MASTER_KEY]).open(Buffer.from(SEALED, "hex"), PLACE)).toBe("sésame");
  });

  test("callback tokens equal another implementation's", () => {
    const token = createSeal(() => [MASTER_KEY]).callbackToken("01JD0000000000000000000001");
    expect(token).toBe("_g9rQuVEKP_xJ3KaBfphLlqS5tGyx4YHGJQySl_-8yc");
  });

  test.each([
    ["the delivery's own", "_g9rQuVEKP_xJ3KaBfphLlqS5tGyx4YHGJQySl_-8yc", true],
    ["another one", "_g9rQuVEKP_xJ3KaBfphLlqS5tGyx4YHGJQySl_-8yd", false],
    ["a shorter one", "_g9rQuVEKP", false],
    ["none", "", false],
  ])("a callback token presented: %s", (_, token, isOwn) => {
    expect(createSeal(() => [MASTER_KEY]).isCallbackToken("01JD0000000000000000000001", token)).toBe(isOwn);
  });

  test("opens what it sealed, never the same bytes twice, and the text is not in them", () => {
    const seal = createSeal(() => [MASTER_KEY]);
    const texts = ["", "a secret", "客户🍜", "x".repeat(5000)];
    for (const text of texts) {
      const one = seal.seal(text, PLACE);
      expect(seal.open(one, PLACE)).toBe(text);
      expect(one.equals(seal.seal(text, PLACE))).toBe(false);
    }
    expect(seal.seal("a secret", PLACE).includes("secret")).toBe(false);
  });

  test("opens only where it belongs", () => {
    const seal = createSeal(() => [MASTER_KEY]);
    const sealed = seal.seal("a secret", PLACE);
    expect(() => seal.open(sealed, "printers/bar/secrets")).toThrow(/belongs to another row/);
  });

  test("every changed bit is noticed, and every cut", () => {
    const seal = createSeal(() => [MASTER_KEY]);
    const sealed = seal.seal("a secret", PLACE);
    for (let byte = 0; byte < sealed.length; byte++) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(byte) ^ 1, byte);
      expect(() => seal.open(changed, PLACE)).toThrow(expect.objectContaining({ code: "secret_unreadable" }));
      const cut = sealed.subarray(0, byte);
      expect(() => seal.open(cut, PLACE)).toThrow(expect.objectContaining({ code: "secret_unreadable" }));
    }
  });

  test("another key opens nothing, and says what to do without telling anything", () => {
    const sealed = createSeal(() => [MASTER_KEY]).seal("a secret", PLACE);
    const open = (): string => createSeal(() => [Buffer.alloc(32, 9)]).open(sealed, PLACE);
    expect(open).toThrow(expect.objectContaining({ code: "secret_unreadable" }));
    expect(open).toThrow(/printers\/kitchen\/secrets.*another encryption key.*RELAY_ENCRYPTION_KEY/s);
    expect(open).not.toThrow(/a secret/);
  });

  test("takes 32 bytes and nothing else", () => {
    expect(() => createSeal(() => [Buffer.alloc(16)])).toThrow(expect.objectContaining({ code: "invalid" }));
  });
});
