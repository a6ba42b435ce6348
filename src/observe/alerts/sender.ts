import { createHmac } from "node:crypto";
import { ALERT_RETRY_AFTER_MS_MAX } from "../../core/alert.ts";
import { retryAfterMs } from "../../core/retry-after.ts";
import { SECOND_MS, type Clock } from "../../core/time.ts";
import type { NewAlertMessage } from "../../ledger/alert-ledger.ts";
import { slackBody } from "./slack.ts";

/** Where alerts go. The address may carry a key in its path (Slack's do): it stands in no error and no log. */
export interface AlertAddress {
  url: string;
  format: "standard" | "slack";
  /** `whsec_` and base64, or bare base64; null: not signed, for Slack. */
  secret: string | null;
}

export type SendResult =
  | { kind: "sent" }
  | { kind: "failed"; detail: string; retry_after_ms: number | null }
  /** 410: whoever listened there wants no more. */
  | { kind: "gone"; detail: string };

/**
 * Posts one message once, signed as Standard Webhooks 1.0 asks: headers `webhook-id`, `webhook-timestamp` and
 * `webhook-signature: v1,base64(hmac-sha256(id.timestamp.body))`. The id stays the same over all tries of a message.
 */
export interface AlertSender {
  /** Never throws. */
  send(message: NewAlertMessage): Promise<SendResult>;
  /** What is under way ends as failed. */
  close(): void;
}

const SEND_TIMEOUT_MS = 10 * SECOND_MS;

export function createAlertSender({ url, format, secret }: AlertAddress, clock: Clock): AlertSender {
  const key = secret === null ? null : Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const underWay = new Set<AbortController>();

  function headersOf(id: string, body: string): Record<string, string> {
    const timestamp = String(Math.floor(clock.now() / SECOND_MS));
    const headers = {
      "content-type": "application/json",
      "user-agent": "goodcom-relay",
      "webhook-id": id,
      "webhook-timestamp": timestamp,
    };
    if (key === null) return headers;
    const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
    return { ...headers, "webhook-signature": `v1,${signature}` };
  }

  async function post(message: NewAlertMessage, signal: AbortSignal): Promise<SendResult> {
    const body = format === "slack" ? slackBody(message.body) : message.body;
    const { request } = await import("undici");
    const answer = await request(url, { method: "POST", headers: headersOf(message.id, body), body, signal });
    await answer.body.dump({ limit: ANSWER_BYTES_MAX, signal });
    const { statusCode: status, headers } = answer;
    if (status < 300) return { kind: "sent" };
    const detail = `the alert address answered ${status}`;
    if (status === 410) return { kind: "gone", detail };
    const asked = retryAfterMs(headers["retry-after"], clock.now());
    const retry_after_ms = asked === null ? null : Math.min(asked, ALERT_RETRY_AFTER_MS_MAX);
    return { kind: "failed", detail, retry_after_ms };
  }

  return {
    async send(message) {
      const controller = new AbortController();
      const cancel = clock.after(SEND_TIMEOUT_MS, () => controller.abort(new Error(TOO_SLOW)));
      underWay.add(controller);
      try {
        return await post(message, controller.signal);
      } catch (error) {
        return { kind: "failed", detail: detailOf(error), retry_after_ms: null };
      } finally {
        cancel();
        underWay.delete(controller);
      }
    },
    close() {
      for (const controller of underWay) controller.abort(new Error("the relay stops"));
    },
  };
}

const ANSWER_BYTES_MAX = 64 * 1024;
const TOO_SLOW = `the alert address did not answer within ${SEND_TIMEOUT_MS / SECOND_MS} s`;

/** undici's messages name a host at most, but one about a bad address quotes it. */
function detailOf(error: unknown): string {
  if (!(error instanceof Error)) return "the alert could not be sent";
  const code = "code" in error && typeof error.code === "string" ? error.code : null;
  return code === null
    ? error.message.replace(/https?:\/\/\S+/g, "the address")
    : `the alert was not sent: ${code}`;
}
