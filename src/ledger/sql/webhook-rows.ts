import { RelayError } from "../../core/errors.ts";
import type { NewWebhook, Webhook } from "../ledger.ts";
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
  /** @throws `not_found` */
  require(id: string): Work<Pick<Webhook, "delivery_id"> & { has_body: 0 | 1 }>;
  update(id: string, verdict: WebhookVerdict): Work<void>;
}

export function createWebhookWriter(): WebhookWriter {
  const INSERT = `
    INSERT INTO webhooks (id, status, reason, platform, store, platform_webhook_id, topic, headers, delivery_id,
      body_bytes, received_at, origin)
    VALUES (:id, :status, :reason, :platform, :store, :platform_webhook_id, :topic, :headers, :delivery_id,
      :body_bytes, :received_at, :origin)`;
  const insert = prepare<object>(INSERT);
  const insertAndTell = prepare<object, number>(`${INSERT} RETURNING seq`).pluck();
  const insertBody = prepare<[seq: number, body: Buffer]>(
    "INSERT INTO webhook_bodies (webhook_seq, body) VALUES (?, ?)",
  );
  const insertWithBody = prepare<object>(
    null,
    `WITH made AS (${INSERT} RETURNING seq)
     INSERT INTO webhook_bodies (webhook_seq, body) SELECT seq, CAST(:packed AS BYTEA) FROM made`,
  );
  const find = prepare<[string], Pick<Webhook, "delivery_id"> & { has_body: 0 | 1 }>(
    `SELECT delivery_id, EXISTS (SELECT 1 FROM webhook_bodies WHERE webhook_seq = seq) AS has_body
     FROM webhooks WHERE id = ?`,
  );
  const update = prepare<object>(
    "UPDATE webhooks SET status = :status, reason = :reason, delivery_id = :delivery_id WHERE id = :id",
  );

  return {
    *insert(webhook, verdict, keepBody, packedBody) {
      const { body, headers, ...told } = webhook;
      const row = {
        origin: "webhook",
        ...told,
        ...verdict,
        headers: JSON.stringify(headers),
        body_bytes: body.length,
      };
      if (!keepBody || verdict.status === "duplicate") {
        yield* insert.put(row);
        return;
      }
      const packed = packedBody ?? pack(body);
      yield* either({
        *sqlite() {
          const seq = yield* insertAndTell.get(row);
          if (seq !== undefined) yield* insertBody.put(seq, packed);
        },
        postgres: () => insertWithBody.put({ ...row, packed }),
      });
    },
    *require(id) {
      const row = yield* find.get(id);
      if (row === undefined) throw new RelayError("not_found", `there is no webhook ${id}`);
      return row;
    },
    update: (id, verdict) => update.put({ id, ...verdict }),
  };
}
