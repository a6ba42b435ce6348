import { promisify } from "node:util";
import { deflate, deflateSync, inflateRawSync, inflateSync } from "node:zlib";
import { DICTIONARY } from "./dictionary.ts";

/**
 * Speed counts. Orders still shrink to a third or less: with less memory than zlib takes unasked, most of what one
 * call costs (setting that memory up) is gone, and the result is the same within 1 %.
 */
const DEFLATE = { level: 1, memLevel: 6, windowBits: 14, dictionary: DICTIONARY } as const;
/** Bytes of output that zlib is given room for at a time, unasked 16 KB: tickets and notes need far less. */
const CHUNK_BYTES_MIN = 1024;
const CHUNK_BYTES_MAX = 16 * 1024;
/** Far above anything stored (a body has 1 MiB at most); what a damaged row may not exceed. */
const INFLATE = { maxOutputLength: 16 * 1024 * 1024, dictionary: DICTIONARY } as const;

/** Shorter than this nothing is gained by packing: it is kept as it is, behind a byte that no packed value begins with. */
const PACKED_BYTES_MIN = 48;
/** To deflate a block of the reserved type (RFC 1951, 3.2.3). */
const PLAIN = 0x06;

/** From this size on a value is looked at before it is deflated, which takes 40 ms for 1 MiB that does not shrink. */
export const LARGE_BYTES_MIN = 64 * 1024;
/** Of a large value these pieces, spread over it, tell whether it shrinks: 0.3 ms. */
const SAMPLE_PIECES = 4;
const SAMPLE_PIECE_BYTES = 4096;
/** What the pieces must shrink to at least, as a part of what they were. */
const SHRUNK_MAX = 7 / 8;

/** With zlib's checksum, 6 bytes: without, three of four flipped bits are read as another order. */
export function pack(value: Buffer | string): Buffer {
  if (value.length < PACKED_BYTES_MIN) return Buffer.concat([Buffer.of(PLAIN), Buffer.from(value)]);
  if (value.length >= LARGE_BYTES_MIN && !shrinks(Buffer.from(value))) return stored(Buffer.from(value));
  return deflateSync(value, optionsFor(value));
}

/** As `pack`, and what takes its time does so in another thread. */
export async function packAside(value: Buffer | string): Promise<Buffer> {
  if (value.length < LARGE_BYTES_MIN) return pack(value);
  const bytes = Buffer.from(value);
  return shrinks(bytes) ? deflateAside(bytes, optionsFor(bytes)) : stored(bytes);
}

const deflateAside = promisify<Buffer, ReturnType<typeof optionsFor>, Buffer>(deflate);

function optionsFor({ length }: Buffer | string) {
  return { ...DEFLATE, chunkSize: Math.min(Math.max(length >> 1, CHUNK_BYTES_MIN), CHUNK_BYTES_MAX) };
}

function shrinks(bytes: Buffer): boolean {
  const step = Math.floor((bytes.length - SAMPLE_PIECE_BYTES) / (SAMPLE_PIECES - 1));
  const pieces = Array.from({ length: SAMPLE_PIECES }, (_, index) =>
    bytes.subarray(index * step, index * step + SAMPLE_PIECE_BYTES),
  );
  const sample = Buffer.concat(pieces);
  return deflateSync(sample, DEFLATE).length < sample.length * SHRUNK_MAX;
}

/** As it is between zlib's header and its checksum: what reads a deflated value reads it too. */
function stored(bytes: Buffer): Buffer {
  return deflateSync(bytes, { level: 0, chunkSize: bytes.length + CHUNK_BYTES_MIN });
}

export function unpack(packed: Buffer): Buffer {
  if (packed[0] === PLAIN) return packed.subarray(1);
  return hasChecksum(packed)
    ? inflateSync(packed, INFLATE)
    : inflateRawSync(packed, { maxOutputLength: INFLATE.maxOutputLength });
}

/**
 * The first ledgers were packed raw. zlib's header has compression method 8 in the low half of its first byte (RFC 1950),
 * which no deflated block begins with.
 */
function hasChecksum(packed: Buffer): boolean {
  return ((packed[0] ?? 0) & 0x0f) === 8;
}

export function unpackText(packed: Buffer): string {
  return unpack(packed).toString("utf8");
}

export function packOrNull(text: string | null): Buffer | null {
  return text === null ? null : pack(text);
}
