import { ATTEMPTS_SHOWN_MAX, type Delivery } from "../../core/delivery.ts";
import { orderKey } from "../../core/order-key.ts";
import type {
  AttemptRecord,
  ConfirmationRecord,
  DeliveryDetail,
  DeliveryFilter,
  FoundPage,
  HistoryEntry,
  Webhook,
  WebhookFilter,
  WebhookWithBody,
} from "../ledger.ts";
import { DAMAGED_TEXT, unlessDamaged } from "./damage.ts";
import { unpack, unpackText } from "./pack.ts";
import {
  deliveryOf,
  SELECT_DELIVERY,
  SELECT_WEBHOOK,
  webhookOf,
  type DeliveryReader,
  type DeliveryRow,
  type WebhookRow,
} from "./rows.ts";
import { prepare, type Work } from "./statement.ts";
import { createStatementCache, where } from "./statements.ts";

/** What people look for. Only reads. */
export interface Finds {
  readDelivery(id: string): Work<Delivery | null>;
  findDelivery(id: string): Work<DeliveryDetail | null>;
  listAttempts(id: string, limit: number, after?: string): Work<FoundPage<AttemptRecord> | null>;
  listDeliveries(filter: DeliveryFilter): Work<Delivery[]>;
  findWebhook(id: string): Work<WebhookWithBody | null>;
  listWebhooks(filter: WebhookFilter): Work<Webhook[]>;
}

type AttemptRow = Omit<AttemptRecord, "request" | "response"> &
  Record<"request" | "response", Buffer | null> & { seq: number };
type ConfirmationRow = Omit<ConfirmationRecord, "raw"> & { raw: Buffer };

export function createFinds(reader: DeliveryReader): Finds {
  const attempts = createAttempts();
  const confirmations = prepare<[number], ConfirmationRow>(
    "SELECT at, verdict, message, time, raw FROM confirmations WHERE delivery_seq = ? ORDER BY seq",
  );
  const history = prepare<[number], HistoryEntry>(
    "SELECT at, state, by, note FROM history WHERE delivery_seq = ? ORDER BY seq",
  );
  const webhook = prepare<[string], WebhookRow>(`${SELECT_WEBHOOK} WHERE id = ?`);
  const body = prepare<[string], Buffer>(
    "SELECT body FROM webhook_bodies WHERE webhook_seq = (SELECT seq FROM webhooks WHERE id = ?)",
  ).pluck();
  const deliveries = createStatementCache<DeliveryRow>();
  const webhooks = createStatementCache<WebhookRow>();

  return {
    *readDelivery(id) {
      const seq = yield* reader.seqOf(id);
      return seq === null ? null : yield* reader.bySeq(seq);
    },
    *findDelivery(id) {
      const seq = yield* reader.seqOf(id);
      if (seq === null) return null;
      const delivery = yield* reader.bySeq(seq);
      const origin = delivery.webhook_id === null ? undefined : yield* webhook.get(delivery.webhook_id);
      const tries = yield* attempts(seq, ATTEMPTS_SHOWN_MAX);
      return {
        delivery,
        attempts: tries.items.toReversed(),
        earlier_attempts: tries.next,
        confirmations: (yield* confirmations.all(seq)).map((told) => ({
          ...told,
          raw: textIn(told.raw),
        })),
        history: yield* history.all(seq),
        webhook: origin === undefined ? null : webhookOf(origin),
      };
    },
    *listAttempts(id, limit, after) {
      const seq = yield* reader.seqOf(id);
      return seq === null ? null : yield* attempts(seq, limit, after);
    },
    *listDeliveries(filter) {
      const sql = `${SELECT_DELIVERY}${where(deliveryConditions(filter))} ORDER BY id DESC LIMIT :limit`;
      const rows = yield* deliveries(sql).all(deliveryParameters(filter));
      return rows.map(deliveryOf);
    },
    *findWebhook(id) {
      const row = yield* webhook.get(id);
      if (row === undefined) return null;
      const packed = yield* body.get(id);
      if (packed === undefined) return { ...webhookOf(row), body: null };
      const whole = unlessDamaged(() => unpack(packed));
      return { ...webhookOf(row), body: whole, ...(whole === null && { body_damaged: true as const }) };
    },
    *listWebhooks(filter) {
      const sql = `${SELECT_WEBHOOK}${where(webhookConditions(filter))} ORDER BY id DESC LIMIT :limit`;
      return (yield* webhooks(sql).all(filter)).map(webhookOf);
    },
  };
}

/** Those of one delivery before a `seq`, newest first. */
function createAttempts(): (
  delivery: number,
  limit: number,
  before?: string,
) => Work<FoundPage<AttemptRecord>> {
  // The `+` keeps both databases from walking through everybody's attempts for the order of them.
  const page = prepare<[number, number, number], AttemptRow>(
    `SELECT seq, kind, number, signed_at, started_at, finished_at, outcome, detail, http_status, request, response,
       clock_skew_ms
     FROM attempts
     WHERE seq IN (SELECT seq FROM attempts WHERE delivery_seq = ? AND seq < ? ORDER BY +seq DESC LIMIT ?)
     ORDER BY seq DESC`,
  );
  return function* (delivery, limit, before) {
    const rows = yield* page.all(delivery, Number(before ?? Number.MAX_SAFE_INTEGER), limit + 1);
    const items = rows.slice(0, limit);
    const last = rows.length > limit ? items.at(-1) : undefined;
    const next = last === undefined ? null : String(last.seq);
    return { items: items.map(attemptOf), next };
  };
}

function attemptOf(row: AttemptRow): AttemptRecord {
  const { kind, number, signed_at, started_at, finished_at, outcome, detail, http_status } = row;
  return {
    ...{ kind, number, signed_at, started_at, finished_at, outcome, detail, http_status },
    request: row.request && textIn(row.request),
    response: row.response && textIn(row.response),
    clock_skew_ms: row.clock_skew_ms,
  };
}

/** What goes on with a delivery reads all that stands beside it, and must not be kept from it. */
function textIn(packed: Buffer): string {
  return unlessDamaged(() => unpackText(packed)) ?? DAMAGED_TEXT;
}

/** Each by an index of its own. */
export const SLIPS_OF = `seq IN (
    SELECT seq FROM deliveries WHERE id IN (SELECT value FROM json_each(:slips_of))
    UNION SELECT seq FROM deliveries WHERE reprint_of IN (SELECT value FROM json_each(:slips_of)))`;

function deliveryConditions(filter: DeliveryFilter): (string | null)[] {
  const given = (name: keyof DeliveryFilter, condition: string): string | null =>
    filter[name] === undefined ? null : condition;
  return [
    given("state", "state = :state"),
    given("attention", "attention IS NOT NULL"),
    given("store", "store = :store"),
    given("printer", "printer = :printer"),
    given("order", "(order_id_key = :order OR order_name_key = :order)"),
    given("slips_of", SLIPS_OF),
    given("since", "created_at >= :since"),
    given("until", "created_at < :until"),
    given("before", "id < :before"),
  ];
}

function deliveryParameters(filter: DeliveryFilter): object {
  return {
    ...filter,
    ...(filter.order === undefined ? {} : { order: orderKey(filter.order) }),
  };
}

function webhookConditions(filter: WebhookFilter): (string | null)[] {
  return [
    filter.status === undefined ? null : "status = :status",
    filter.store === undefined ? null : "store = :store",
    filter.origin === undefined ? null : "origin = :origin",
    filter.before === undefined ? null : "id < :before",
  ];
}
