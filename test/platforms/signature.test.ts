import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { afterEach, expect, test, vi } from "vitest";
import { decodeSignature, hashToken, knownToken, signatureFault } from "../../src/platforms/signature.ts";

afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});

/** How often two buffers are compared while `act` runs. */
function comparisons(act: () => void): number {
  const spy = vi.spyOn(crypto, "timingSafeEqual");
  syncBuiltinESMExports();
  act();
  const count = spy.mock.calls.length;
  spy.mockRestore();
  return count;
}

test("every secret is compared, whichever fits", () => {
  const body = Buffer.from("{}");
  // printf '{}' | openssl dgst -sha256 -hmac one
  const ofFirst = "32abb24f170dc0c6fb1a5b1d51e1c4ae4edb46e4e9dc8351091a6184d6ef4798";
  expect(signatureFault(body, ofFirst, ["one", "two", "three"])).toBeNull();
  expect(comparisons(() => signatureFault(body, ofFirst, ["one", "two", "three"]))).toBe(3);
  expect(comparisons(() => signatureFault(body, "0".repeat(64), ["one", "two"]))).toBe(2);
});

test("every token is compared, whichever fits", () => {
  const hashes = ["one", "two", "three"].map(hashToken);
  expect(comparisons(() => expect(knownToken("one", hashes)).toBe(hashToken("one")))).toBe(3);
});

test("a token's hash is SHA-256 in lower-case hex", () => {
  // FIPS 180-2, appendix B.1
  expect(hashToken("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

test("a signature decodes to 32 bytes or not at all", () => {
  expect(decodeSignature("A".repeat(43) + "=")).toEqual(Buffer.alloc(32));
  expect(decodeSignature("00".repeat(32))).toEqual(Buffer.alloc(32));
  for (const text of ["", "0", "0".repeat(63), "A".repeat(44), `${"A".repeat(42)}==`, `${"-".repeat(43)}=`]) {
    expect(decodeSignature(text)).toBeNull();
  }
});
