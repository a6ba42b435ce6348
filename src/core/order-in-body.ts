import { wordsOf } from "./field-name.ts";
import { isObject, parseJson } from "./json.ts";

// Which orders a body is about, in whatever shape somebody sent them.

export interface OrderNames {
  ids: string[];
  names: string[];
}

/** @returns undefined when it is no object and no list, or no JSON at all */
export function jsonOf(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** What one body says of the order it is about: as its root, or wrapped once. */
export function orderNamesIn(text: string): OrderNames {
  const root = jsonOf(text);
  const told: OrderNames = { ids: [], names: [] };
  if (!isObject(root)) return told;
  for (const order of [root, ...WRAPPERS.map((key) => root[key])].filter(isObject)) {
    told.ids.push(...textsAt(order, ORDER_IDS));
    told.names.push(...textsAt(order, ORDER_NAMES));
  }
  return told;
}

const WRAPPERS = ["order", "data"];
const ORDER_IDS = ["id", "order_id"];
const ORDER_NAMES = ["name", "number", "reference_id", "order_name"];

function textsAt(object: Record<string, unknown>, keys: readonly string[]): string[] {
  return keys.flatMap((key) => asText(object[key]));
}

function asText(value: unknown): string[] {
  return typeof value === "string" || typeof value === "number" ? [String(value).trim()] : [];
}

/**
 * All orders that a body tells of, at any depth. What is called an order's is one's wherever it stands; a bare `id` or
 * `name` only in the root, in a list's items and in what wraps an order: a line's, a product's or a buyer's is not.
 */
export function allOrderNamesIn(text: string): OrderNames {
  const told: OrderNames = { ids: [], names: [] };
  collect(jsonOf(text), { isOrder: true, texts: TEXTS_MAX }, told);
  return told;
}

/** JSON in a text in JSON: no deeper. */
const TEXTS_MAX = 2;

/** Of each; a store's page of orders has 250 at most. */
const TOLD_MAX = 1000;

function collect(value: unknown, at: { isOrder: boolean; texts: number }, told: OrderNames): void {
  if (Math.max(told.ids.length, told.names.length) >= TOLD_MAX) return;
  if (Array.isArray(value)) for (const item of value) collect(item, at, told);
  else if (typeof value === "string" && at.texts > 0) {
    collect(jsonOf(value), { ...at, texts: at.texts - 1 }, told);
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      const words = wordsOf(key).replaceAll("_", "");
      if (NAMED_IDS.test(words) || (at.isOrder && words === "id")) told.ids.push(...asText(item));
      else if (NAMED_NAMES.test(words) || (at.isOrder && BARE_NAMES.test(words))) {
        told.names.push(...asText(item));
      }
      collect(item, { ...at, isOrder: at.isOrder && AROUND.test(words) }, told);
    }
  }
}

const NAMED_IDS = /^order(?:id|seq|uuid|gid)$/;
const NAMED_NAMES = /^order(?:no|number|num|name|sn|code|ref|reference|referenceid)$/;
const BARE_NAMES = /^(?:name|number|referenceid)$/;
const AROUND =
  /^(?:orders?|order(?:info|data|details?|list)|data|payload|body|resource|results?|object|event|records?|content|message|list)$/;
