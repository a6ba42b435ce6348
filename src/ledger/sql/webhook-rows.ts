import { RelayError } from "../../core/errors.ts";
import type { NewWebhook, Webhook } from "../ledger.ts";
import { insertOf } from "./insert-of.ts";
import { pack } from "./pack.ts";
import { either, prepare, type Work } from "./statement.ts";

/** What became of a webhook. */
export type WebhookVerdict = Pick<Webhook, "status" | "delivery_id" | "reason">;

/** Run inside the group commit. */
export interface WebhookWriter {
  /**
   * Keeps the body too, but for a duplicate, and where it is not to be kept.
   * @param packedBody where that is done already
   */
  insert(webhook: NewWebhook, verdict: WebhookVerdict, keepBody: boolean, packedBody?: Buffer): Work<void>;
  /** Nobody else changes the row before this transaction ends. @throws `not_found` */
  require(id: string): Work<Pick<Webhook, "delivery_id"> & { has_body: 0 | 1 }>;
  update(id: string, verdict: WebhookVerdict): Work<void>;
}

export function createWebhookWriter(): WebhookWriter {
  const { insert, insertBody, insertAtOnce } = createInserts();
  const lock = prepare<[string]>(null, "SELECT 1 FROM webhooks WHERE id = ? FOR UPDATE");
  const find = prepare<[string], Pick<Webhook, "delivery_id"> & { has_body: 0 | 1 }>(`
    SELECT delivery_id, EXISTS (SELECT 1 FROM webhook_bodies WHERE webhook_seq = seq) AS has_body
    FROM webhooks WHERE id = ?`);
  const update = prepare<object>(
    "UPDATE webhooks SET status = :status, reason = :reason, delivery_id = :delivery_id WHERE id = :id",
  );

  return {
    *insert(webhook, verdict, keepBody, packedBody) {
      const { body, headers, ...told } = webhook;
      const row: Record<Column, string | number | null> = {
        origin: "webhook",
        ...told,
        ...verdict,
        headers: JSON.stringify(headers),
        body_bytes: body.length,
      };
      const values = COLUMNS.map((column) => row[column]);
      const packed = keepBody && verdict.status !== "duplicate" ? (packedBody ?? pack(body)) : null;
      yield* either({
        *sqlite() {
          const seq = yield* insert.insert(...values);
          if (seq !== undefined && packed !== null) yield* insertBody.put(seq, packed);
        },
        postgres: () => insertAtOnce.put(...values, packed),
      });
    },
    *require(id) {
      // Whoever held it may have taken its body away: only a look that begins afterwards sees that.
      yield* lock.get(id);
      const row = yield* find.get(id);
      if (row === undefined) throw new RelayError("not_found", `there is no webhook ${id}`);
      return row;
    },
    update: (id, verdict) => update.put({ id, ...verdict }),
  };
}

const TYPES = {
  id: "text",
  status: "text",
  reason: "text",
  platform: "text",
  store: "text",
  platform_webhook_id: "text",
  topic: "text",
  headers: "text",
  delivery_id: "text",
  body_bytes: "bigint",
  received_at: "bigint",
  origin: "text",
} as const;
type Column = keyof typeof TYPES;
const COLUMNS = Object.keys(TYPES) as Column[];

function createInserts() {
  const INSERT = insertOf("webhooks", TYPES);
  return {
    insert: prepare<(string | number | null)[]>(INSERT.sqlite, null),
    insertBody: prepare<[seq: number, body: Buffer]>(
      "INSERT INTO webhook_bodies (webhook_seq, body) VALUES (?, ?)",
      null,
    ),
    insertAtOnce: prepare<(string | number | Buffer | null)[]>(null, {
      types: { ...TYPES, packed: "bytea" },
      sql: `
        WITH made AS (${INSERT.postgres} RETURNING seq, id)
        INSERT INTO webhook_bodies (webhook_seq, body)
        SELECT seq, packed FROM made JOIN given USING (id) WHERE packed IS NOT NULL`,
    }),
  };
}
