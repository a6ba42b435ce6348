import { describe, expect, it } from "vitest";
import { printerSchema, type SignSettings } from "../../src/core/settings.ts";
import { signRequest } from "../../src/goodcom/sign.ts";

const PARTS = { api_key: "keyA123456", cur_time: "1782107042846", secret_key: "s3cret", order_id: "10006" };
const DEFAULT: SignSettings = {
  algorithm: "md5",
  template: "{api_key}{cur_time}{secret_key}",
  case: "lower",
};

// Every expectation by openssl, for example:
//   printf '%s' 'keyA1234561782107042846s3cret' | openssl md5
//   printf '%s' 'keyA1234561782107042846s3cret' | openssl sha256 -hmac 's3cret'
describe("signRequest", () => {
  it.each([
    ["md5", "4ac1a645bc29973c201b969e18443932"],
    ["sha1", "8457b8982eeb7e069c7aec3399e8e7d231ffa1d8"],
    ["sha256", "7dbaf8c53daa8bd273b6f1d5983b2a9565988cdbd5d10ba33d6fba29931920d2"],
    ["hmac-sha256", "e626c99ada37e50b6d7d65d63c3f79103d2553f7ec6f2959ce5bda6ff0bac30b"],
  ] as const)("signs the default template by %s", (algorithm, expected) => {
    expect(signRequest(PARTS, { ...DEFAULT, algorithm })).toBe(expected);
  });

  it("is what a printer without any sign settings uses", () => {
    const { sign } = printerSchema.parse({ name: "kitchen", api_key: "keyA123456" });
    expect(signRequest(PARTS, sign)).toBe("4ac1a645bc29973c201b969e18443932");
  });

  it("writes upper case when told to", () => {
    expect(signRequest(PARTS, { ...DEFAULT, case: "upper" })).toBe("4AC1A645BC29973C201B969E18443932");
  });

  it("follows another template, the order's id and plain text included", () => {
    // printf '%s' 'key=keyA123456&order=10006&ts=1782107042846' | openssl sha256 -hmac 's3cret'
    const template = "key={api_key}&order={order_id}&ts={cur_time}";
    expect(signRequest(PARTS, { ...DEFAULT, algorithm: "hmac-sha256", template })).toBe(
      "10590ae5cac6e42aacd73fbf6012051ece64a4f0afe14b9cdd20d7dfb46d39f2",
    );
  });

  it("signs UTF-8", () => {
    // printf '%s' '鑰匙1782107042846祕密' | openssl md5
    expect(signRequest({ ...PARTS, api_key: "鑰匙", secret_key: "祕密" }, DEFAULT)).toBe(
      "ce5f241506f3a864f51b48ff5c2e4f89",
    );
  });

  it("takes a key that looks like a placeholder as it is", () => {
    // printf '%s' '{secret_key}1782107042846s3cret' | openssl md5
    expect(signRequest({ ...PARTS, api_key: "{secret_key}" }, DEFAULT)).toBe(
      "6c32b72a1af588a5ba5feb2459007de2",
    );
  });

  it("sends an empty sign without a secret, as the vendor's example does", () => {
    expect(signRequest({ ...PARTS, secret_key: "" }, DEFAULT)).toBe("");
    expect(signRequest({ ...PARTS, secret_key: "" }, { ...DEFAULT, algorithm: "hmac-sha256" })).toBe("");
  });
});
