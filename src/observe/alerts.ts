import { createHmac } from "node:crypto";
import pRetry from "p-retry";
import { MINUTE_MS, SECOND_MS, toRfc3339, type Clock } from "../core/time.ts";
import type { RelayEvent } from "./events.ts";

/**
 * Tells a person, by a webhook signed as Standard Webhooks 1.0 asks (headers `webhook-id`, `webhook-timestamp`,
 * `webhook-signature: v1,base64(hmac-sha256(id.timestamp.body))`). The body also has `text`, so that a
 * Slack-compatible address can take it as it is. Nothing in it is a secret or a buyer's.
 */
export interface Alerts {
  /** Sends an alert if this event calls for one; the same matter at most once an hour. Never throws. */
  consider(event: RelayEvent): void;
  /** Waits for alerts on their way. */
  settle(): Promise<void>;
}

export interface AlertDeps {
  url: string;
  /** `whsec_` and base64, or bare base64. */
  secret: string;
  /** Base of the links in the text. */
  publicUrl: string;
  clock: Clock;
  makeId: () => string;
  onFailure: (detail: string) => void;
  /** Before the second try, doubled before each further one; one second unless given. */
  retryAfterMs?: number;
}

const REPEAT_AFTER_MS = 60 * MINUTE_MS;
const SEND_TRIES = 4;
const SEND_TIMEOUT_MS = 10 * SECOND_MS;
/** Matters remembered at once; past it the oldest is forgotten and may be told again. */
const MATTERS_MAX = 10_000;

interface Alert {
  /** What it is about: the same matter is not told twice within the hour. */
  matter: string;
  type: string;
  text: string;
  data: Record<string, string | null>;
}

export function createAlerts(deps: AlertDeps): Alerts {
  const key = Buffer.from(deps.secret.replace(/^whsec_/, ""), "base64");
  const toldAt = new Map<string, number>();
  const onTheWay = new Set<Promise<void>>();
  return {
    consider(event) {
      const alert = alertOf(event, deps.publicUrl);
      const now = deps.clock.now();
      if (alert === null || now - (toldAt.get(alert.matter) ?? -Infinity) < REPEAT_AFTER_MS) return;
      const oldest = toldAt.keys().next();
      if (toldAt.size >= MATTERS_MAX && !oldest.done) toldAt.delete(oldest.value);
      toldAt.set(alert.matter, now);
      const sent: Promise<void> = send(deps, key, alert, now)
        .catch((error: unknown) => deps.onFailure(error instanceof Error ? error.message : "unknown"))
        .finally(() => onTheWay.delete(sent));
      onTheWay.add(sent);
    },
    async settle() {
      await Promise.all(onTheWay);
    },
  };
}

async function send(deps: AlertDeps, key: Buffer, alert: Alert, now: number): Promise<void> {
  const id = `msg_${deps.makeId()}`;
  const body = JSON.stringify({
    type: alert.type,
    timestamp: toRfc3339(now),
    text: alert.text,
    data: alert.data,
  });
  await pRetry(
    async () => {
      const timestamp = String(Math.floor(deps.clock.now() / SECOND_MS));
      const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
      const { request } = await import("undici");
      const answer = await request(deps.url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "webhook-id": id,
          "webhook-timestamp": timestamp,
          "webhook-signature": `v1,${signature}`,
        },
        body,
        signal: AbortSignal.timeout(SEND_TIMEOUT_MS),
      });
      await answer.body.dump();
      if (answer.statusCode >= 300) throw new Error(`the alert address answered ${answer.statusCode}`);
    },
    { retries: SEND_TRIES - 1, minTimeout: deps.retryAfterMs ?? SECOND_MS },
  );
}

/** The events that need a person, in a person's words. */
function alertOf(event: RelayEvent, publicUrl: string): Alert | null {
  switch (event.event) {
    case "delivery.dead":
    case "delivery.held":
    case "delivery.unconfirmed": {
      const { delivery, order, store, printer, detail } = event;
      const what = ALERT_WORDS[event.event];
      const link = `${publicUrl}/deliveries/${delivery}`;
      return {
        matter: `${event.event} ${delivery}`,
        type: event.event,
        text: `Order ${order} (${store ?? "test"} → ${printer}): ${what}. ${detail}. ${link}`,
        data: { delivery, order, store, printer, detail, link },
      };
    }
    case "webhook.received": {
      if (event.status !== "quarantined") return null;
      const { webhook, store, reason } = event;
      const link = `${publicUrl}/webhooks/${webhook}`;
      return {
        matter: `webhook.quarantined ${webhook}`,
        type: "webhook.quarantined",
        text: `A webhook of ${store} could not be understood and is kept: ${reason ?? ""}. ${link}`,
        data: { webhook, store, reason, link },
      };
    }
    case "webhook.refused": {
      const { store, why, detail } = event;
      if (why === "unknown_token") return null;
      return {
        matter: `webhook.refused ${store} ${why}`,
        type: "webhook.refused",
        text: `Webhooks of ${store} are refused: ${detail}`,
        data: { store, why, detail },
      };
    }
    case "cloud.lost": {
      const { scope, detail } = event;
      const text = `The printer cloud does not take orders (${scope}): ${detail}`;
      return { matter: `cloud.lost ${scope}`, type: "cloud.lost", text, data: { scope, detail } };
    }
    case "ledger.failed": {
      const text = `The ledger has trouble: ${event.detail}`;
      return { matter: "ledger.failed", type: "ledger.failed", text, data: { detail: event.detail } };
    }
    default:
      return null;
  }
}

const ALERT_WORDS = {
  "delivery.dead": "the cancellation will not print",
  "delivery.held": "sent as often as paper allows, may have printed, now held",
  "delivery.unconfirmed": "accepted by the cloud, but the printer has not confirmed",
} as const;
