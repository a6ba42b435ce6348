import { createHash, createHmac } from "node:crypto";
import type { SignSettings } from "../core/settings.ts";

/** What a sign may be computed from: the placeholders of the template (`SIGN_PLACEHOLDERS`). */
export interface SignParts {
  api_key: string;
  /** Unix milliseconds as decimal text: the very value that goes out as `cur_time`. */
  cur_time: string;
  /** Empty: the region's "Dynamic Validation" is off. */
  secret_key: string;
  order_id: string;
}

/**
 * The `sign` of one request, in hex. The formula is not public: the default, md5 of key, time and secret, is a
 * guess from sibling vendors, so algorithm, template and case are settings of the printer
 * (facts: "cur_time and sign", read 2026-11).
 *
 * Without a secret there is nothing to sign with, and the sign is empty whatever the settings: the vendor's own
 * example sends `"sign": ""`, and checks it only while a region's Dynamic Validation is on.
 *
 * @param sign the template is UTF-8; `hmac-sha256` takes `secret_key` as its key besides
 */
export function signRequest(parts: SignParts, sign: SignSettings): string {
  if (parts.secret_key === "") return "";
  // One pass: a key that itself reads `{secret_key}` is not a template.
  const text = sign.template.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(parts, name) ? parts[name as keyof SignParts] : whole,
  );
  const hash =
    sign.algorithm === "hmac-sha256" ? createHmac("sha256", parts.secret_key) : createHash(sign.algorithm);
  const hex = hash.update(text, "utf8").digest("hex");
  return sign.case === "upper" ? hex.toUpperCase() : hex;
}
