import { RelayError } from "../../core/errors.ts";
import type { NewWebhook, Webhook } from "../ledger.ts";
import { pack } from "./pack.ts";
import { prepare, type Work } from "./statement.ts";

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
  const insert = prepare<object, number>(`
    INSERT INTO webhooks (id, status, reason, platform, store, platform_webhook_id, topic, headers, delivery_id,
      body_bytes, received_at, origin)
    VALUES (:id, :status, :reason, :platform, :store, :platform_webhook_id, :topic, :headers, :delivery_id,
      :body_bytes, :received_at, :origin)
    RETURNING seq`).pluck();
  const insertBody = prepare<[seq: number, body: Buffer]>(
    "INSERT INTO webhook_bodies (webhook_seq, body) VALUES (?, ?)",
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
      const seq = yield* insert.get({
        origin: "webhook",
        ...told,
        ...verdict,
        headers: JSON.stringify(headers),
        body_bytes: body.length,
      });
      if (seq !== undefined && keepBody && verdict.status !== "duplicate") {
        yield* insertBody.put(seq, packedBody ?? pack(body));
      }
    },
    *require(id) {
      const row = yield* find.get(id);
      if (row === undefined) throw new RelayError("not_found", `there is no webhook ${id}`);
      return row;
    },
    update: (id, verdict) => update.put({ id, ...verdict }),
  };
}
