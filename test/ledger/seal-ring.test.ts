import { createDecipheriv, createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createSeal } from "../../src/ledger/seal.ts";

const OLD = Buffer.from(Array.from({ length: 32 }, (_, n) => n));
const NEW = Buffer.alloc(32, 9);
const PLACE = "printers/kitchen/secrets";
const ID = "01JD0000000000000000000001";

/** RFC 5869 by hand, for at most one block: extract with an empty salt (32 zero bytes), then expand. */
function hkdf(key: Buffer, info: string, bytes: number): Buffer {
  const prk = createHmac("sha256", Buffer.alloc(32)).update(key).digest();
  const block = createHmac("sha256", prk).update(info, "utf8").update(Buffer.of(1)).digest();
  return block.subarray(0, bytes);
}

/** What another implementation makes of a sealed row, from the layout that seal.ts tells. */
function openByHand(key: Buffer, sealed: Buffer, aad: string): string {
  expect(sealed[0]).toBe(1);
  expect(sealed.subarray(1, 5)).toEqual(hkdf(key, "goodcom-relay/key-id/v1", 4));
  const sealKey = hkdf(key, "goodcom-relay/seal/v1", 32);
  const decipher = createDecipheriv("aes-256-gcm", sealKey, sealed.subarray(5, 17));
  decipher.setAAD(Buffer.from(aad));
  decipher.setAuthTag(sealed.subarray(17, 33));
  return Buffer.concat([decipher.update(sealed.subarray(33)), decipher.final()]).toString();
}

describe("a ring of keys", () => {
  test("seals with the first, in a form that another implementation opens; opens with any", () => {
    const sealed = createSeal(() => [NEW, OLD]).seal("sésame", PLACE);
    expect(openByHand(NEW, sealed, PLACE)).toBe("sésame");
    const before = createSeal(() => [OLD]).seal("of before", PLACE);
    expect(openByHand(OLD, before, PLACE)).toBe("of before");
    expect(createSeal(() => [NEW, OLD]).open(before, PLACE)).toBe("of before");
    expect(() => createSeal(() => [NEW, OLD]).open(before, "stores/kitchen/secrets")).toThrow(/another row/);
    // From the known answer of seal.test.ts, after its version byte.
    expect(createSeal(() => [NEW, OLD]).keyIds()[1]).toBe("5b155a0e");
  });

  test("a row that names another key of the ring does not open with it", () => {
    const sealed = createSeal(() => [OLD]).seal("a secret", PLACE);
    hkdf(NEW, "goodcom-relay/key-id/v1", 4).copy(sealed, 1);
    expect(() => createSeal(() => [NEW, OLD]).open(sealed, PLACE)).toThrow(/damaged/);
  });

  test("callback tokens are the current key's; those of every key of the ring count, others do not", () => {
    const token = (key: Buffer): string =>
      createHmac("sha256", hkdf(key, "goodcom-relay/callback-token/v1", 32))
        .update(ID)
        .digest("base64url");
    const seal = createSeal(() => [NEW, OLD]);
    expect(seal.callbackToken(ID)).toBe(token(NEW));
    expect([token(NEW), token(OLD)].map((one) => seal.isCallbackToken(ID, one))).toEqual([true, true]);
    expect([token(Buffer.alloc(32, 5)), ""].map((one) => seal.isCallbackToken(ID, one))).toEqual([
      false,
      false,
    ]);
    expect(createSeal(() => [NEW]).isCallbackToken(ID, token(OLD))).toBe(false);
  });

  test("an unknown key id: the keys are read anew, once, and then it opens or is refused", () => {
    let [keys, reads] = [[OLD], 0];
    const seal = createSeal(() => {
      reads++;
      return keys;
    });
    const sealed = createSeal(() => [NEW]).seal("later", PLACE);
    reads = 0;
    expect(() => seal.open(sealed, PLACE)).toThrow(/another encryption key/);
    expect(reads).toBe(1);
    keys = [NEW, OLD];
    expect([seal.open(sealed, PLACE), seal.open(sealed, PLACE), reads]).toEqual(["later", "later", 2]);
  });

  test("seals with what is current now, and with nothing when that cannot be read", () => {
    let keys: Buffer[] | null = [OLD];
    const seal = createSeal(() => {
      if (keys === null) throw new Error("the key file is gone");
      return keys;
    });
    keys = [NEW, OLD];
    expect(openByHand(NEW, seal.seal("x", PLACE), PLACE)).toBe("x");
    const before = createSeal(() => [OLD]).seal("y", PLACE);
    keys = null;
    expect(() => seal.seal("x", PLACE)).toThrow(/gone/);
    seal.follow();
    expect(seal.open(before, PLACE)).toBe("y");
  });

  test("none is none", () => {
    expect(() => createSeal(() => [])).toThrow(expect.objectContaining({ code: "invalid" }));
  });
});
