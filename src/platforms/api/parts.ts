import { z } from "zod";
import { isObject, type JsonObject } from "../../core/json.ts";
import { textOf } from "../../core/text.ts";
import type { Answered, ApiFailure, Subscription } from "../store-api.ts";
import type { Told } from "./caller.ts";

// What the three APIs have in common: ids and dots in paths, subscriptions, orders as text.

/** Ids may be long numbers, which the reader of JSON has made text. */
const id = z.union([z.string(), z.number()]).transform(String);
const subscription = z.looseObject({ id, topic: z.string(), address: z.string() });

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

export function objectsIn(value: unknown): JsonObject[] | null {
  return Array.isArray(value) ? value.filter(isObject) : null;
}

/** What `Platform.read` takes. Long ids are text by now, so every digit is kept. */
export function bodyOf(value: JsonObject): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** A path of dots would ask for something else. @returns the id for a path, null: there can be no such thing */
export function pathId(value: string): string | null {
  return value === "" || /^\.{1,2}$/.test(value) ? null : encodeURIComponent(value.toWellFormed());
}

export function noSuch(product: string, what: string): ApiFailure {
  const detail = `${product} has no such ${what}`;
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
export const CURSOR_CHARS_MAX = 4000;

export function cursorText(value: unknown): string | null {
  const text = textOf(value, CURSOR_CHARS_MAX + 1);
  return text === null || text.length > CURSOR_CHARS_MAX ? null : text;
}
