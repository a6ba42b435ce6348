import { createHash, createHmac } from "node:crypto";

/** SHA-256's block, in bytes (RFC 2104: B). */
const BLOCK_BYTES = 64;

/**
 * HMAC-SHA256 by its definition, H(key ^ opad, H(key ^ ipad, text)), with the hash's state kept after what all
 * texts begin with: each signature hashes only the text's end. The load shares the processor with what it measures.
 *
 * @returns from the text's end to the signature of the whole text, lower-case hex
 */
export function createTailSigner(secret: string, prefix: Buffer): (tail: string) => string {
  const key = Buffer.from(secret);
  if (key.length > BLOCK_BYTES) throw new Error("the load signs with secrets of at most 64 bytes");
  const inner = createHash("sha256").update(padded(key, 0x36)).update(prefix);
  const outer = createHash("sha256").update(padded(key, 0x5c));
  const sign = (tail: string): string =>
    outer.copy().update(inner.copy().update(tail).digest()).digest("hex");
  const expected = createHmac("sha256", secret).update(prefix).update("end").digest("hex");
  if (sign("end") !== expected)
    throw new Error("the load's signature is not HMAC-SHA256: nothing would be measured");
  return sign;
}

function padded(key: Buffer, byte: number): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES, byte);
  key.forEach((value, index) => block.writeUInt8(value ^ byte, index));
  return block;
}
