import { z } from "zod";
import { ALERT_SEVERITIES, ALERT_STATES, ALERT_TYPES } from "../core/alert.ts";
import { PLATFORM_NAMES } from "../core/cancellation.ts";
import {
  ATTEMPTS_SHOWN_MAX,
  ATTENTIONS,
  DELIVERY_KINDS,
  DELIVERY_STATES,
  OUTCOMES,
  VERDICTS,
} from "../core/delivery.ts";
import { printerSchema } from "../core/settings.ts";
import { ORIGINS, WEBHOOK_STATUSES } from "../core/webhook.ts";
import { ticketSchema } from "./ticket-schema.ts";

/**
 * What the API and `--json` answer, field by field: the answers are built to these types, OpenAPI is generated from them,
 * and test/http holds every answer against them.
 */
export const webhookStatus = z.enum(WEBHOOK_STATUSES);

export const moment = z.iso.datetime().describe("RFC 3339, UTC");
export const maybeMoment = moment.nullable();
export const maybeText = z.string().nullable();

export const deliverySchema = z.object({
  id: z.string(),
  kind: z.enum(DELIVERY_KINDS),
  state: z.enum(DELIVERY_STATES),
  attention: z.enum(ATTENTIONS).nullable().describe("why a person should look at it"),
  held: z.boolean().describe("pending without a next attempt: sent as often as paper allows"),
  platform: z.enum(PLATFORM_NAMES).nullable(),
  store: maybeText,
  printer: z.string(),
  order_id: z.string(),
  order_name: z.string(),
  cancelled_at: maybeMoment,
  reason: maybeText,
  webhook_id: maybeText,
  reprint_of: maybeText.describe("the delivery this one prints again"),
  reprint_number: z.number().int().nullable(),
  attempt_count: z.number().int(),
  may_be_repeat: z.boolean().describe("an earlier attempt may have printed"),
  next_attempt_at: maybeMoment,
  useful_until: moment,
  confirm_by: maybeMoment,
  created_at: moment,
  accepted_at: maybeMoment,
  printed_at: maybeMoment,
  last_error: maybeText,
  forgotten_at: maybeMoment.describe("when its buyer's data was erased; null: never"),
});
export type DeliveryJson = z.infer<typeof deliverySchema>;

export const webhookSchema = z.object({
  id: z.string(),
  platform: z.enum(PLATFORM_NAMES),
  store: z.string(),
  status: webhookStatus,
  reason: maybeText,
  delivery_id: maybeText,
  platform_webhook_id: maybeText.describe("the sender's own id; unsigned"),
  topic: maybeText.describe("unsigned"),
  body_bytes: z.number().int(),
  received_at: moment,
  origin: z
    .enum(ORIGINS)
    .describe("the store called (`webhook`), reconciliation found it, or it was cancelled from here"),
});
export type WebhookJson = z.infer<typeof webhookSchema>;

export const webhookDetailSchema = webhookSchema.extend({
  headers: z.record(z.string(), z.string()),
  body: maybeText.describe(
    "as UTF-8; null: a duplicate's and a request's to erase are not kept, old ones are pruned, a forgotten buyer's erased, " +
      "or it is damaged in the ledger",
  ),
  body_base64: maybeText.describe("the exact bytes"),
});
export type WebhookDetailJson = z.infer<typeof webhookDetailSchema>;

export const attemptSchema = z.object({
  kind: z.enum(["verify", "send"]).describe("`verify` asks the store's API, `send` posts to Goodcom"),
  number: z.number().int(),
  started_at: moment,
  finished_at: moment,
  duration_ms: z.number().int(),
  outcome: z.enum(OUTCOMES),
  detail: z.string(),
  http_status: z.number().int().nullable(),
  request: z.unknown().describe("what was sent, secrets masked; null for `verify`"),
  response: maybeText.describe("the answer's first bytes, as text"),
  clock_skew_ms: z.number().int().nullable(),
});

const confirmationSchema = z.object({
  at: moment,
  verdict: z.enum(VERDICTS),
  message: maybeText,
  time: maybeText.describe("as the printer wrote it"),
  raw: z.unknown().describe("what was called back"),
});

const historySchema = z.object({
  at: moment,
  state: z.enum(DELIVERY_STATES).describe("after it"),
  by: z.string(),
  note: z.string(),
});

export const deliveryDetailSchema = deliverySchema.extend({
  attempts: z
    .array(attemptSchema)
    .describe(`the newest ${ATTEMPTS_SHOWN_MAX}, oldest first; one that was down for long has more`),
  earlier_attempts: z
    .string()
    .nullable()
    .describe("`cursor` of those before, at `/api/v1/deliveries/{id}/attempts`; null: there are none"),
  webhook: webhookSchema.nullable(),
  ticket: ticketSchema.extend({ created_at: maybeMoment, cancelled_at: moment }),
  confirmation: confirmationSchema
    .nullable()
    .describe("the one that made it `printed` or `rejected`; else the latest"),
  history: z.array(historySchema),
});
export type DeliveryDetailJson = z.infer<typeof deliveryDetailSchema>;

export const alertSchema = z.object({
  id: z.string(),
  type: z.enum(ALERT_TYPES),
  severity: z.enum(ALERT_SEVERITIES),
  state: z.enum(ALERT_STATES),
  matter: z.string().describe("what it is about: no two open alerts have the same"),
  text: z.string().describe("in plain words"),
  reason: z.string().describe("why, in one line"),
  delivery_id: maybeText,
  webhook_id: maybeText,
  order_id: maybeText,
  order_name: maybeText,
  store: maybeText,
  printer: maybeText,
  count: z.number().int().describe("above 1: so many of this type stand together in this one"),
  gathered: z.boolean().describe("stands for those of its type that were too many to stand alone"),
  raised_at: moment,
  told_at: maybeMoment.describe("when a message about it was last written; null: nobody was told"),
  closed_at: maybeMoment,
  ended: maybeText.describe("what ended it"),
});
export type AlertJson = z.infer<typeof alertSchema>;

/** What `relay forget --json` says of one erasure: the API knows none. */
export interface ErasureJson {
  id: string;
  /** Null: all stores. */
  store: string | null;
  asked_at: string;
  by: string;
  /** Null: it goes on while a service runs. */
  done_at: string | null;
  /** Found so far. */
  deliveries: number;
  /** Found so far, of no delivery. */
  webhooks: number;
}

export const receiptSchema = z.object({
  status: webhookStatus,
  webhook: z.string(),
  delivery: maybeText,
  reason: maybeText,
});
export type ReceiptJson = z.infer<typeof receiptSchema>;

/** Everything of a printer but its keys. */
export const printerJsonSchema = z.object(printerSchema.omit({ api_key: true, secret_key: true }).shape);
export type PrinterJson = z.infer<typeof printerJsonSchema>;

export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
});

export const healthSchema = z.object({ status: z.enum(["ok", "unavailable"]) });

export function pageOf<Item extends z.ZodType>(
  item: Item,
): z.ZodObject<{ items: z.ZodArray<Item>; next_cursor: z.ZodNullable<z.ZodString> }> {
  return z.object({
    items: z.array(item),
    next_cursor: z.string().nullable().describe("`cursor` of the next page; null: this is the last"),
  });
}
