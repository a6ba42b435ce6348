import { isUtf8 } from "node:buffer";
import { ORDER_ID_CHARS_MAX } from "../core/cancellation.ts";
import { isObject, parseJson, type JsonObject } from "../core/json.ts";
import { textOf } from "../core/text.ts";
import type { OrderBody } from "./platform.ts";

/** An order found in a body, or why there is none. */
export type OpenedBody =
  | { kind: "order"; root: JsonObject; order: OrderBody; order_id: string }
  | { kind: "quarantined"; reason: string };

/** Where one platform puts its orders. */
export interface BodyShape {
  /** Keys under which the order may be wrapped; the root itself is tried last. */
  wrappers: readonly string[];
  /** Names of the order's id, the likeliest first. */
  ids: readonly string[];
}

/**
 * Finds the order in a body's bytes. Invalid UTF-8 becomes U+FFFD and a byte order mark is dropped: the signature
 * is over the bytes as they came, and a slip with a strange character beats no slip. Never throws.
 */
export function openBody(body: Buffer, shape: BodyShape): OpenedBody {
  const parsed = parseBody(body);
  if (typeof parsed === "string") return { kind: "quarantined", reason: parsed };
  const candidates = [...shape.wrappers.map((key) => parsed[key]), parsed].filter(isObject);
  for (const order of candidates) {
    for (const name of shape.ids) {
      const orderId = orderIdOf(order[name]);
      if (orderId !== null) return { kind: "order", root: parsed, order, order_id: orderId };
    }
  }
  return { kind: "quarantined", reason: "there is no usable order id in the body" };
}

/** The body's outermost object, or null when it has none: for what is wanted of any body, understood or not. */
export function rootOf(body: Buffer): JsonObject | null {
  const parsed = parseBody(body);
  return typeof parsed === "string" ? null : parsed;
}

/** The same of a text. */
export function rootOfText(text: string): JsonObject | null {
  const parsed = parseText(text);
  return typeof parsed === "string" ? null : parsed;
}

const UTF8 = new TextDecoder("utf-8");

/** The text that a body's bytes are read as. */
export function textOfBody(body: Buffer): string {
  return UTF8.decode(body);
}

/**
 * The body read last, and what was in it: verifying, reading and looking for a request to erase ask for the same one in
 * turn, and 1 MiB takes 10 ms to read. Of one body alone, for what is read can be many times as large; and only as long
 * as somebody has it.
 */
let readLast = new WeakMap<Buffer, JsonObject | string>();

function parseBody(body: Buffer): JsonObject | string {
  if (body.length === 0) return "the body is empty";
  const known = readLast.get(body);
  if (known !== undefined) return known;
  const read = isNeitherTextNorObject(body) ? NOT_JSON : parseText(textOfBody(body));
  readLast = new WeakMap([[body, read]]);
  return read;
}

const NOT_JSON = "the body is not JSON";
/** A byte order mark, white space, and what an object begins with. */
const OBJECT_BEGINS = /^(?:\u00ef\u00bb\u00bf)?[ \t\n\r]*\{/;

/** 1 MiB of what is no UTF-8 takes 30 ms to decode, 30 times as long as text. */
function isNeitherTextNorObject(body: Buffer): boolean {
  return !isUtf8(body) && !OBJECT_BEGINS.test(body.toString("latin1"));
}

function parseText(text: string): JsonObject | string {
  try {
    const parsed = parseJson(text);
    return isObject(parsed) ? parsed : "the body is JSON, but not an object";
  } catch (error) {
    // A parser's message would quote the body.
    return error instanceof RangeError ? "the body nests too deep" : NOT_JSON;
  }
}

/**
 * Text, or a positive whole number, as an order id with every digit kept; null when it is neither. `0` is what
 * some languages send for an id that was never set, and would make one order of many.
 */
export function orderIdOf(value: unknown): string | null {
  if (typeof value === "number" && !(Number.isSafeInteger(value) && value > 0)) return null;
  const id = textOf(value, ORDER_ID_CHARS_MAX + 1);
  return id === null || id === "0" || Array.from(id).length > ORDER_ID_CHARS_MAX ? null : id;
}
