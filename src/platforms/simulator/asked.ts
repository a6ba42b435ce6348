import { isObject, type JsonObject } from "../../core/json.ts";
import { parseMoment, type UnixMs } from "../../core/time.ts";
import { rootOf } from "../body.ts";
import type { Place } from "./orders.ts";
import { Refused } from "./refused.ts";

/** A whole number of the query from 1 to `max`; more is taken for `max`. @throws Refused 400 */
export function countIn(query: URLSearchParams, name: string, otherwise: number, max = Infinity): number {
  const text = query.get(name);
  if (text === null) return otherwise;
  const count = Number(text);
  if (!/^\d{1,9}$/.test(text) || count === 0) throw new Refused(400, `${name} is invalid`);
  return Math.min(count, max);
}

/** A moment of the query. @throws Refused 400 */
export function momentIn(query: URLSearchParams, name: string): UnixMs | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const at = parseMoment(text);
  if (at === null) throw new Refused(400, `${name} is invalid`);
  return at;
}

/** What a store hands out for the next page: opaque to the asker. */
export function sealPlace(place: Place, filter: JsonObject): string {
  return Buffer.from(JSON.stringify({ ...filter, place })).toString("base64url");
}

/** @throws Refused 400 when it is none that `sealPlace` made */
export function openPlace(text: string, name: string): JsonObject & { place: Place } {
  const root = rootOf(Buffer.from(text, "base64url"));
  const { at, id } = isObject(root?.place) ? root.place : {};
  if (typeof at !== "number" || typeof id !== "string") throw new Refused(400, `${name} is invalid`);
  return { ...root, place: { at, id } };
}

/** Text of a body's field. @throws Refused when it is something else than text */
export function wordsIn(body: JsonObject, name: string, status: number): string {
  const words = body[name] ?? "";
  if (typeof words !== "string") throw new Refused(status, `${name} must be a string`);
  return words;
}
