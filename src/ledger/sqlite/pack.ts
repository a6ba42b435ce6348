import { deflateSync, inflateSync } from "node:zlib";

/** Speed counts: the event loop waits for it. Orders still shrink to about a third. */
const DEFLATE_LEVEL = 1;
/** Far above anything stored (a body has 1 MiB at most); what a damaged row may not exceed. */
const UNPACKED_BYTES_MAX = 16 * 1024 * 1024;

/** With zlib's checksum, 6 bytes: without, three of four flipped bits are read as another order. */
export function pack(value: Buffer | string): Buffer {
  return deflateSync(value, { level: DEFLATE_LEVEL });
}

export function unpack(packed: Buffer): Buffer {
  return inflateSync(packed, { maxOutputLength: UNPACKED_BYTES_MAX });
}

export function unpackText(packed: Buffer): string {
  return unpack(packed).toString("utf8");
}

export function packOrNull(text: string | null): Buffer | null {
  return text === null ? null : pack(text);
}

export function unpackOrNull(packed: Buffer | null): string | null {
  return packed === null ? null : unpackText(packed);
}
