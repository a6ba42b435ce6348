import type { Delivery } from "../../core/delivery.ts";
import { folded, orderKey } from "../../core/order-key.ts";
import type { DeliverySearch, FoundPage } from "../ledger.ts";
import { lowestIdAfter, lowestIdSince } from "./id-time.ts";
import { deliveryOf, digitsOf, SELECT_DELIVERY, type DeliveryRow } from "./rows.ts";
import { settled, together, type Work } from "./statement.ts";
import { createStatementCache, where, withoutIndex } from "./statements.ts";
import { createChooseWay, indexed, LOOKS, type Looks, type Way } from "./ways.ts";

/** From here on a number may be part of a phone's; fewer digits are in every other id. */
const PHONE_DIGITS_MIN = 4;

/** Before the id in a cursor: what is an order's whole id or name is not all told yet. */
const EXACT = "=";

const WHOLE = `seq IN (
  SELECT seq FROM deliveries WHERE order_id_key = :order_key
  UNION SELECT seq FROM deliveries WHERE order_name_key = :order_key
  UNION SELECT seq FROM deliveries WHERE id = :delivery_id)`;
const NOT_WHOLE = "order_id_key <> :order_key AND order_name_key <> :order_key AND id <> :delivery_id";
const CONTAINS = "(instr(search, :q) > 0 OR (:buyer <> '' AND instr(buyer, :buyer) > 0))";

/** @returns `Ledger.searchDeliveries` */
export function createDeliverySearch(
  looks: Looks = LOOKS,
): (search: DeliverySearch) => Work<FoundPage<Delivery>> {
  const prepare = createStatementCache<DeliveryRow>();
  const choose = createChooseWay("deliveries", looks);

  function selectDeliveries(
    index: string | null,
    conditions: readonly string[],
    told: object,
  ): Work<DeliveryRow[]> {
    const from = index === null ? SELECT_DELIVERY : indexed(SELECT_DELIVERY, "deliveries", index);
    return prepare(`${from}${where(conditions)} ORDER BY id DESC LIMIT :limit`).all(told);
  }

  /** Newest first, older than `before`, as far as one look goes. */
  function* look(
    search: DeliverySearch,
    before: string | null,
    limit: number,
  ): Work<{ rows: DeliveryRow[]; end: string | null }> {
    const older = before === null ? [] : ["id < :before"];
    const told = { ...parametersOf(search), before, limit };
    const contains = search.q === undefined ? [] : [CONTAINS, NOT_WHOLE];
    if (search.order !== undefined) {
      const conditions = [...older, ...conditionsOf(search, withoutIndex), ...contains];
      return { rows: yield* selectDeliveries(null, conditions, told), end: null };
    }
    const { index, end } = yield* choose(waysOf(search), [...older, ...idsOf(search)], told);
    const window = [...older, ...(end === null ? [] : ["id >= :end"])];
    const wanted = [...conditionsOf(search), ...contains];
    const seen = { ...told, end };
    if (search.since === undefined && search.until === undefined) {
      return { rows: yield* selectDeliveries(index, [...window, ...wanted], seen), end };
    }
    const rows = yield* together([
      selectDeliveries(index, [...window, ...idsOf(search), ...wanted, "created_apart = 0"], seen),
      selectDeliveries("deliveries_apart", [...window, ...wanted, "created_apart = 1"], seen),
    ]);
    return {
      rows: rows
        .flat()
        .sort((a, b) => (a.id < b.id ? 1 : -1))
        .slice(0, limit),
      end,
    };
  }

  /** Deliveries of which `q` is the order's whole id or name: found at once, however old they are. */
  function wholes(search: DeliverySearch): Work<DeliveryRow[]> {
    const { after, q, limit } = search;
    if (q === undefined || (after !== undefined && !after.startsWith(EXACT))) return settled([]);
    const older = after === undefined ? [] : ["id < :before"];
    const told = { ...parametersOf(search), before: after?.slice(EXACT.length), limit: limit + 1 };
    return selectDeliveries(null, [WHOLE, ...older, ...conditionsOf(search, withoutIndex)], told);
  }

  return function* (search) {
    const { limit, after } = search;
    const found = yield* wholes(search);
    const first = found.slice(0, limit);
    const goOn = EXACT + (first.at(-1)?.id ?? "");
    if (found.length > limit) return { items: first.map(deliveryOf), next: goOn };

    const room = limit - first.length;
    const before = after === undefined || after.startsWith(EXACT) ? null : after;
    const { rows, end } = yield* look(search, before, room + 1);
    const shown = rows.slice(0, room);
    const next = rows.length > room ? (shown.at(-1)?.id ?? goOn) : end;
    return { items: [...first, ...shown].map(deliveryOf), next };
  };
}

function waysOf({ state, attention, store, printer }: DeliverySearch): (Way & { condition: string })[] {
  return [
    ...(state === undefined ? [] : [{ index: "deliveries_by_state", condition: "state = :state" }]),
    ...(attention === undefined
      ? []
      : [{ index: "deliveries_attention", condition: "attention IS NOT NULL" }]),
    ...(store === undefined ? [] : [{ index: "deliveries_by_store", condition: "store = :store" }]),
    ...(printer === undefined ? [] : [{ index: "deliveries_by_printer", condition: "printer = :printer" }]),
  ];
}

/** The times asked for, as ids: what a look need not see. */
function idsOf({ since, until }: DeliverySearch): string[] {
  return [
    ...(since === undefined ? [] : ["id >= :lowest"]),
    ...(until === undefined ? [] : ["id < :highest"]),
  ];
}

/** @param said how those are said that have an index */
function conditionsOf(
  search: DeliverySearch,
  said: (condition: string) => string = (condition) => condition,
): string[] {
  const { since, until, order } = search;
  return [
    ...waysOf(search).map(({ condition }) => said(condition)),
    ...(order === undefined ? [] : ["(order_id_key = :order OR order_name_key = :order)"]),
    ...(since === undefined ? [] : ["created_at >= :since"]),
    ...(until === undefined ? [] : ["created_at < :until"]),
  ];
}

function parametersOf({ order, q, since, until, ...search }: DeliverySearch): Record<string, unknown> {
  return {
    ...search,
    ...(since === undefined ? {} : { since, lowest: lowestIdSince(since) }),
    ...(until === undefined ? {} : { until, highest: lowestIdAfter(until) }),
    ...(order === undefined ? {} : { order: orderKey(order) }),
    ...(q === undefined ? {} : wordsOf(q)),
  };
}

function wordsOf(q: string): Record<string, string> {
  const words = folded(q);
  const isNumber = /^[+\d\s().-]+$/.test(words);
  // The country's code and the zero that stands for it are told or not, as people please.
  const digits = digitsOf(q).replace(/^0+/, "");
  const buyer = !isNumber ? words : digits.length < PHONE_DIGITS_MIN ? "" : digits;
  return { q: words, buyer, order_key: orderKey(q), delivery_id: words.toUpperCase() };
}
