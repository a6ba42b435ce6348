import { z } from "zod";
import { isObject, type JsonObject } from "../../core/json.ts";
import { parseHttpDate } from "../../core/retry-after.ts";
import { cleanLine, textOf } from "../../core/text.ts";
import type { Answered, ApiFailure, Subscription } from "../store-api.ts";
import type { UnixMs } from "../../core/time.ts";
import type { Told } from "./told.ts";
import { textAt } from "./json-text.ts";

// What the three APIs have in common: ids and dots in paths, subscriptions, orders as text.

const PLAIN_CHARS_MAX = 200;
/** What is shown as it is: one clean line. */
const plain = z
  .string()
  .max(PLAIN_CHARS_MAX)
  .refine((text) => cleanLine(text, PLAIN_CHARS_MAX) === text);
/** Ids may be long numbers, which the reader of JSON has made text. */
const id = z.union([plain, z.number()]).transform(String);
const subscription = z.looseObject({ id, topic: plain, address: z.string().max(4000) });

/** @param names of the three fields where the platform has its own */
export function subscriptionIn(
  value: unknown,
  names: { topic: string; address: string } = OWN,
): Subscription | null {
  if (!isObject(value)) return null;
  const read = subscription.safeParse({
    id: value.id,
    topic: value[names.topic],
    address: value[names.address],
  });
  return read.success ? { id: read.data.id, topic: read.data.topic, address: read.data.address } : null;
}
const OWN = { topic: "topic", address: "address" };

/** No app has as many subscriptions at a store. */
const OBJECTS_MAX = 1000;

/** @returns null where there is no list, or one of more than any has */
export function objectsIn(value: unknown): JsonObject[] | null {
  return Array.isArray(value) && value.length <= OBJECTS_MAX ? value.filter(isObject) : null;
}

/** An object of an answer, and the text it was told in. */
export interface Piece {
  value: JsonObject;
  text: string;
}

/** @returns the object at these keys, null where there is none */
export function pieceAt({ root, text }: Pick<Told, "root" | "text">, path: readonly string[]): Piece | null {
  const value = valueAt(root, path);
  const told = textAt(text, path);
  return isObject(value) && told !== null ? { value, text: told } : null;
}

/** @returns the orders of a list as they were told, null where there is no list */
export function ordersIn({ list }: Told): Pick<Piece, "text">[] | null {
  return list?.filter((text) => text.startsWith("{")).map((text) => ({ text })) ?? null;
}

/** The moment that the answer says it was made at (RFC 9110, 6.6.1). */
export function toldAt({ headers: { date } }: Pick<Told, "headers">): UnixMs | null {
  return parseHttpDate(typeof date === "string" ? date : undefined);
}

function valueAt(root: JsonObject, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined),
    root,
  );
}

/**
 * What `Platform.read` takes: the store's own text, in which every number has all its digits.
 * @param wrapper under which it is put, as the platform does it elsewhere
 */
export function bodyOf({ text }: Pick<Piece, "text">, wrapper?: "order" | "data"): Buffer {
  return Buffer.from(wrapper === undefined ? text : `{"${wrapper}":${text}}`);
}

/** A path of dots would ask for something else. @returns the id for a path, null: there can be no such thing */
export function pathId(value: string): string | null {
  return value === "" || /^\.{1,2}$/.test(value) ? null : encodeURIComponent(value.toWellFormed());
}

export function noSuchOrder(product: string): ApiFailure {
  const detail = `${product} has no such order`;
  return { kind: "failed", why: "not_found", detail, http_status: null, retry_after_ms: null };
}

/** An answer that was taken for a success and is none: without the part that was asked for. */
export function without(product: string, part: string, { why }: { why: "nonsense" | "unknown" }): ApiFailure {
  const detail = `${product}'s API answered without ${part}: is the api.version right?`;
  return { kind: "failed", why, detail, http_status: null, retry_after_ms: null };
}

export function mapped<Value>(
  answer: Answered<Told>,
  read: (told: Told) => Answered<Value>,
): Answered<Value> {
  return answer.kind === "failed" ? answer : read(answer.value);
}

export function answered<Value>(value: Value): Answered<Value> {
  return { kind: "answered", value };
}

/** A deletion of what is gone already has done its work. */
export function deleted(answer: Answered<Told>): Answered<null> {
  if (answer.kind === "failed" && answer.why !== "not_found") return answer;
  return answered(null);
}

export function trimmedUrl(url: string): string {
  return url.replace(/\/+$/, "");
}

/** Cursors are the stores' own texts: longer ones are none. */
const CURSOR_CHARS_MAX = 4000;

/** @returns the cursor; null: there is no further page; undefined: there is one, and this is no way to it */
export function cursorText(value: unknown): string | null | undefined {
  if (value === undefined || value === null || value === "") return null;
  const text = textOf(value, CURSOR_CHARS_MAX + 1);
  return text === null || text.length > CURSOR_CHARS_MAX ? undefined : text;
}

/** Told as a failure: were it taken for the end, the orders behind it would never be looked for. */
export function wayLost(product: string): ApiFailure {
  const detail = `${product}'s API tells of a further page of orders, and gives no way to it that can be taken`;
  return { kind: "failed", why: "nonsense", detail, http_status: null, retry_after_ms: null };
}
