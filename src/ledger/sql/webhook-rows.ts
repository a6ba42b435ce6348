import type { Database } from "better-sqlite3";
import { RelayError } from "../../core/errors.ts";
import type { NewWebhook, Webhook } from "../ledger.ts";
import { pack } from "./pack.ts";

/** What became of a webhook. */
export type WebhookVerdict = Pick<Webhook, "status" | "delivery_id" | "reason">;

/** Run inside the group commit. */
export interface WebhookWriter {
  /**
   * Keeps the body too, but for a duplicate, and where it is not to be kept.
   * @param packedBody where that is done already
   */
  insert(webhook: NewWebhook, verdict: WebhookVerdict, keepBody: boolean, packedBody?: Buffer): void;
  /** @throws `not_found` */
  require(id: string): Pick<Webhook, "delivery_id"> & { has_body: 0 | 1 };
  update(id: string, verdict: WebhookVerdict): void;
}

export function createWebhookWriter(db: Database): WebhookWriter {
  const insert = db.prepare(`
    INSERT INTO webhooks (id, status, reason, platform, store, platform_webhook_id, topic, headers, delivery_id,
      body_bytes, received_at, origin)
    VALUES (:id, :status, :reason, :platform, :store, :platform_webhook_id, :topic, :headers, :delivery_id,
      :body_bytes, :received_at, :origin)`);
  const insertBody = db.prepare("INSERT INTO webhook_bodies (webhook_seq, body) VALUES (?, ?)");
  const find = db.prepare<[string], Pick<Webhook, "delivery_id"> & { has_body: 0 | 1 }>(
    `SELECT delivery_id, EXISTS (SELECT 1 FROM webhook_bodies WHERE webhook_seq = seq) AS has_body
     FROM webhooks WHERE id = ?`,
  );
  const update = db.prepare(
    "UPDATE webhooks SET status = :status, reason = :reason, delivery_id = :delivery_id WHERE id = :id",
  );

  return {
    insert(webhook, verdict, keepBody, packedBody) {
      const { body, headers, ...told } = webhook;
      const { lastInsertRowid } = insert.run({
        origin: "webhook",
        ...told,
        ...verdict,
        headers: JSON.stringify(headers),
        body_bytes: body.length,
      });
      if (keepBody && verdict.status !== "duplicate") {
        insertBody.run(lastInsertRowid, packedBody ?? pack(body));
      }
    },
    require(id) {
      const row = find.get(id);
      if (row === undefined) throw new RelayError("not_found", `there is no webhook ${id}`);
      return row;
    },
    update: (id, verdict) => void update.run({ id, ...verdict }),
  };
}
