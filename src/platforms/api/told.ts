import { isObject, type JsonObject } from "../../core/json.ts";
import { rootOfText, textOfBody } from "../body.ts";
import type { Answered } from "../store-api.ts";
import { failureOf, wordsIn, type ApiVendor, type Asked, type Heard } from "./answer.ts";
import { cutList } from "./json-text.ts";

/** What an answer that succeeded says. */
export interface Told {
  /** Without the orders that stood in `list`. */
  root: JsonObject;
  /** What `root` was read from: numbers have all their digits here alone. */
  text: string;
  headers: Heard["headers"];
  /** The orders that were asked for, each as its text and not yet read; null: none were, or there is no list. */
  list: string[] | null;
}

/** Where a list of orders is looked for: keys from the outside in, one way or another. */
export type ListPlaces = readonly (readonly string[])[];

/** No platform gives more than 250 at once, and it was asked for fewer. */
const LIST_ORDERS_MAX = 1000;
/** The order itself could not come by webhook either. */
const ORDER_CHARS_MAX = 1024 * 1024;
/** What stands around a list: its pages, its cursor, a word. */
const ENVELOPE_CHARS_MAX = 64 * 1024;

export function answerOf(
  vendor: ApiVendor,
  heard: Heard,
  asked: Asked,
  places: ListPlaces,
  now: number,
): Answered<Told> {
  const { status, headers, body } = heard;
  if (status < 200 || status >= 300) return failureOf(vendor, heard, asked, now);
  const { text, list } = withoutList(body.length === 0 ? "{}" : textOfBody(body), places);
  const failed = { kind: "failed", http_status: status, retry_after_ms: null } as const;
  const said = `${vendor.product}'s API answered ${status}`;
  if (isTooMuch(list) || (places.length > 0 && text.length > ENVELOPE_CHARS_MAX)) {
    const detail = `${said} with more orders at once, or larger ones, than any store has: check the api.url of store ${asked.store}`;
    return { ...failed, why: "nonsense", detail };
  }
  const root = rootOfText(text);
  if (root === null) {
    const detail = `${said} without a JSON object: check the api.url of store ${asked.store}`;
    return { ...failed, why: asked.changes ? "unknown" : "nonsense", detail };
  }
  // FastPOD tells a failure inside a 200; the others never have a `status` of their own there.
  if (root.status === false && (asked.changes || !isObject(root.data))) {
    const words = wordsIn(root, asked) ?? "without a word why";
    return { ...failed, why: "refused", detail: `${said} with status false: ${words}`, words };
  }
  return { kind: "answered", value: { root, text, headers, list } };
}

function isTooMuch(list: Told["list"]): boolean {
  if (list === null) return false;
  return list.length > LIST_ORDERS_MAX || list.some(({ length }) => length > ORDER_CHARS_MAX);
}

/** Before anything is read: a list of millions would fill the memory as objects, and not as text. */
function withoutList(text: string, places: ListPlaces): Pick<Told, "text" | "list"> {
  for (const path of places) {
    const cut = cutList(text, path, LIST_ORDERS_MAX);
    if (cut !== null) return { text: cut.rest, list: cut.texts };
  }
  return { text, list: null };
}
