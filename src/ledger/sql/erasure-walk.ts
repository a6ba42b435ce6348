import { createBuyerMatcher, type BuyerMatcher } from "../../core/buyer-match.ts";
import type { ErasureQuery, NewErasure } from "../../core/erasure.ts";
import { allOrderNamesIn, orderNamesIn } from "../../core/order-in-body.ts";
import type { UnixMs } from "../../core/time.ts";
import { unlessDamaged } from "./damage.ts";
import { unpackText } from "./pack.ts";
import { prepare, settled, together, type Work } from "./statement.ts";

/** What one look found; nothing is changed by it. */
export interface Look {
  /** Rows of deliveries whose buyer is to be erased, with their reprints: those not found in this run before. */
  deliveries: ReadonlySet<number>;
  /** Rows of webhooks whose body goes by itself: of no delivery, or not the one that made it. */
  bodies: ReadonlyMap<number, { id: string; of_delivery: boolean }>;
  /** Nothing is left to be looked at. */
  done: boolean;
  /** What was found is dealt with: the next look goes on behind it. */
  goOn: () => void;
}

/** Looks through the ledger for what an erasure is about, shelf by shelf, in each by its key alone. */
export interface ErasureWalk {
  look(query: ErasureQuery): Work<Look>;
}

/** Unpacked in one look, at most: a body may have 1 MiB. */
const LOOK_BYTES_MAX = 512 * 1024;
/** Read at once: a look ends before most of its rows where they are large. */
const ROWS_AT_ONCE = 10;
/** Erasing one costs as much as looking at many. */
const FOUND_MAX = 10;

interface Row {
  seq: number;
  store: string | null;
}
interface DeliveryRow extends Row {
  order_id: string;
  order_name: string;
  reason: string | null;
  last_error: string | null;
  created_at: number;
  forgotten_at: number | null;
  ticket: Buffer | null;
  buyer: string | null;
}
interface BodyRow extends Row {
  id: string;
  received_at: number;
  body: Buffer;
  delivery_seq: number | null;
  forgotten_at: number | null;
}
interface BesideRow extends Row {
  delivery_seq: number;
  order_id: string;
  order_name: string;
  text: string | null;
  one: Buffer | null;
  other: Buffer | null;
}

/** Where the next look of the same run goes on. */
interface Place {
  run: string;
  shelf: number;
  after: number;
  matcher: BuyerMatcher;
  /** Found in this run, by row: deliveries, and webhooks whose body goes. */
  found: Set<number>;
  bodies: Set<number>;
}

interface Found {
  deliveries: Set<number>;
  bodies: Map<number, { id: string; of_delivery: boolean }>;
}

type Shelf = (row: Row, erasure: NewErasure, place: Place, found: Found) => Work<number>;

const BODIES = `
  SELECT webhook_seq AS seq, webhooks.id, webhooks.store, received_at, body, deliveries.seq AS delivery_seq, forgotten_at
  FROM webhook_bodies CROSS JOIN webhooks ON webhooks.seq = webhook_seq AND webhooks.seq > :after
    LEFT JOIN deliveries ON deliveries.id = delivery_id
  WHERE webhook_seq > :after ORDER BY webhook_seq LIMIT :limit`;

function beside(table: string, text: string, one: string, other: string): string {
  return `
  SELECT ${table}.seq, store, delivery_seq, order_id, order_name, ${text} AS text, ${one} AS one, ${other} AS other
  FROM ${table} CROSS JOIN deliveries ON deliveries.seq = delivery_seq
  WHERE ${table}.seq > :after ORDER BY ${table}.seq LIMIT :limit`;
}

/**
 * In this order: what goes for another's sake is looked for last. Each table has the bound of its own: PostgreSQL merges
 * what is in one order, and would begin with the first row of the other each time.
 */
export const ERASURE_SHELVES = {
  deliveries: `
  SELECT seq, store, order_id, order_name, reason, last_error, created_at, forgotten_at, ticket, buyer
  FROM deliveries LEFT JOIN tickets ON delivery_seq = seq AND delivery_seq > :after
  WHERE seq > :after ORDER BY seq LIMIT :limit`,
  bodies: BODIES,
  attempts: beside("attempts", "detail", "request", "response"),
  confirmations: beside("confirmations", "message", "raw", "NULL"),
  further_bodies: BODIES,
} as const;

export function createErasureWalk(): ErasureWalk {
  const looks: Record<keyof typeof ERASURE_SHELVES, Shelf> = {
    deliveries: (row, ...more) => settled(lookAtDelivery(row as DeliveryRow, ...more)),
    bodies: createLookAtBody(),
    attempts: (row, ...more) => settled(lookBeside(row as BesideRow, ...more)),
    confirmations: (row, ...more) => settled(lookBeside(row as BesideRow, ...more)),
    further_bodies: createLookAgain(),
  };
  const shelves = Object.entries(ERASURE_SHELVES).map(([of, select]) => ({
    select: prepare<object, Row>(select),
    look: looks[of as keyof typeof ERASURE_SHELVES],
  }));
  let place: Place | null = null;
  const familyOf = createFamilyOf();

  function placeOf({ erasure, dry_run }: ErasureQuery): Place {
    const run = `${erasure.id} ${dry_run === true}`;
    if (place?.run === run) return place;
    return {
      run,
      shelf: 0,
      after: 0,
      matcher: createBuyerMatcher(erasure.subject),
      found: new Set(),
      bodies: new Set(),
    };
  }

  return {
    *look(query) {
      const now = placeOf(query);
      const shelf = shelves[now.shelf];
      if (shelf === undefined) throw new Error(`there is no shelf ${now.shelf}`);
      const { store } = query.erasure.subject;
      const found: Found = { deliveries: new Set(), bodies: new Map() };
      let after = now.after;
      let bytes = 0;
      let isEnd = true;
      let looked = 0;
      for (;;) {
        const limit = Math.min(ROWS_AT_ONCE, query.limit - looked);
        const rows = yield* shelf.select.all({ after, limit });
        for (const row of rows) {
          after = row.seq;
          looked++;
          if (store === null || row.store === store) {
            bytes += yield* shelf.look(row, query.erasure, now, found);
          }
          isEnd = bytes < LOOK_BYTES_MAX && found.deliveries.size + found.bodies.size < FOUND_MAX;
          if (!isEnd) break;
        }
        if (!isEnd || rows.length < limit || looked === query.limit) break;
      }
      isEnd = isEnd && looked < query.limit;
      const there: Place = isEnd ? { ...now, shelf: now.shelf + 1, after: 0 } : { ...now, after };
      const families = yield* together([...found.deliveries].map(familyOf));
      const deliveries = new Set(families.flat().filter((seq) => !now.found.has(seq)));
      const done = there.shelf === shelves.length;
      const bodies = new Map([...found.bodies].filter(([seq]) => !now.bodies.has(seq)));
      const goOn = (): void => {
        for (const seq of deliveries) there.found.add(seq);
        for (const seq of bodies.keys()) there.bodies.add(seq);
        place = done ? null : there;
      };
      return { deliveries, bodies, done, goOn };
    },
  };
}

/** A delivery, its reprints, and the one it is a reprint of. */
function createFamilyOf(): (seq: number) => Work<number[]> {
  const family = prepare<[number], number>(
    `WITH named (first) AS (SELECT coalesce(reprint_of, id) FROM deliveries WHERE seq = ?)
     SELECT seq FROM deliveries WHERE id = (SELECT first FROM named)
     UNION SELECT seq FROM deliveries WHERE reprint_of = (SELECT first FROM named)`,
  ).pluck();
  return (seq) => family.all(seq);
}

/** What is damaged tells of nobody, and keeps nobody else's from being found. */
function textIn(packed: Buffer | null): string | null {
  return packed === null ? null : unlessDamaged(() => unpackText(packed));
}

/** @returns the bytes that were unpacked */
function lookAtDelivery(
  row: DeliveryRow,
  { subject, asked_at }: NewErasure,
  place: Place,
  found: Found,
): number {
  const { seq, order_id, order_name, reason, last_error, ticket, buyer } = row;
  const isNamed =
    (subject.everything && row.created_at <= asked_at) || place.matcher.isOrder(order_id, order_name);
  if (isNamed) {
    if (row.forgotten_at === null) found.deliveries.add(seq);
    return 0;
  }
  // What a search finds the buyer by stands beside a ticket that is damaged.
  const texts = [textIn(ticket) ?? buyer ?? "", reason ?? "", last_error ?? ""];
  if (texts.some((text) => place.matcher.isIn(text))) found.deliveries.add(seq);
  return texts.join("").length;
}

function lookBeside(row: BesideRow, _erasure: NewErasure, { matcher }: Place, found: Found): number {
  const texts = [row.one, row.other].map((packed) => textIn(packed) ?? "");
  // An order's own number may be written like somebody's phone, on its slip and in a callback, too.
  const withoutOrder = (text: string): string =>
    text.replaceAll(row.order_id, "").replaceAll(row.order_name, "");
  if ([...texts, row.text ?? ""].some((text) => matcher.isIn(withoutOrder(text)))) {
    found.deliveries.add(row.delivery_seq);
  }
  return texts.join("").length;
}

/** A body that matches goes with its delivery, or by itself; then the delivery of its order goes too. */
function createLookAtBody(): Shelf {
  const ofOrder = prepareOfOrder();
  return function* (given, { subject, asked_at }, { matcher }, found) {
    const row = given as BodyRow;
    const isOld = subject.everything && row.received_at <= asked_at;
    const body = isOld ? "" : (textIn(row.body) ?? "");
    // A delivery's own order is known; its body may name others, of which it is one's exchange, say.
    const isNamed = row.delivery_seq === null && matcher.isOrderIn(body);
    if (!isOld && !isNamed && !matcher.isIn(body)) return body.length;
    found.bodies.set(row.seq, { id: row.id, of_delivery: row.delivery_seq !== null });
    const deliveries =
      row.delivery_seq !== null
        ? [row.delivery_seq]
        : isOld
          ? []
          : yield* ofOrder(row.store, orderNamesIn(body).ids);
    for (const seq of deliveries) found.deliveries.add(seq);
    return body.length;
  };
}

/** Bodies of a delivery that was forgotten, and what else the store sent of its order. */
function createLookAgain(): Shelf {
  const ofOrder = prepareOfOrder();
  const forgottenAt = prepare<[number], number | null>(
    "SELECT forgotten_at FROM deliveries WHERE seq = ?",
  ).pluck();

  function* isAnyForgotten(
    deliveries: readonly number[],
    asked_at: UnixMs,
    found: Place["found"],
  ): Work<boolean> {
    for (const seq of deliveries) {
      if (found.has(seq) || ((yield* forgottenAt.get(seq)) ?? -Infinity) >= asked_at) return true;
    }
    return false;
  }

  return function* (given, { asked_at }, place, found) {
    const row = given as BodyRow;
    const body = row.delivery_seq === null ? (textIn(row.body) ?? "") : "";
    const deliveries =
      row.delivery_seq === null ? yield* ofOrder(row.store, allOrderNamesIn(body).ids) : [row.delivery_seq];
    if (yield* isAnyForgotten(deliveries, asked_at, place.found))
      found.bodies.set(row.seq, { id: row.id, of_delivery: row.delivery_seq !== null });
    return body.length;
  };
}

function prepareOfOrder(): (store: string | null, ids: readonly string[]) => Work<number[]> {
  const find = prepare<[string | null, string], number>(
    "SELECT seq FROM deliveries WHERE kind = 'cancellation' AND store = ? AND order_id = ?",
  ).pluck();
  return function* (store, ids) {
    const found = yield* together(ids.map((id) => find.get(store, id)));
    return found.filter((seq) => seq !== undefined);
  };
}
