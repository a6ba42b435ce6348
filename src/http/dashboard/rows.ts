import { alertPath, type Alert } from "../../core/alert.ts";
import type { Delivery } from "../../core/delivery.ts";
import { ORIGIN_WORDS } from "../../core/webhook.ts";
import type { Ledger, Webhook } from "../../ledger/ledger.ts";
import { html, type Html } from "./html.ts";
import { badge } from "./layout.ts";
import type { Viewpoint } from "../../answers/moments.ts";
import { ordersOf } from "../../answers/order-of-webhook.ts";
import { outagesNow } from "../../answers/outages.ts";
import { isMissing, otherSlipsOf } from "../../answers/other-slips.ts";
import { agoTime } from "./times.ts";
import type { DashboardDeps } from "./visit.ts";
import { sentence, stateWord, verdictOf, type Tone } from "../../answers/verdict.ts";
import { ORIGIN_NAMES, WEBHOOK_TONES } from "./words.ts";

/** Lists of deliveries and webhooks: one line each on a desk, one card each on a phone. */
export async function deliveryRows(
  { ledger }: Pick<DashboardDeps, "ledger">,
  deliveries: readonly Delivery[],
  viewpointOf: (row: Delivery) => Viewpoint,
): Promise<Html> {
  const othersOf = await otherSlipsOf(ledger, deliveries.filter(isMissing));
  const seenOf = await whileAway(ledger, deliveries, viewpointOf);
  return html`<ul class="rows">
    ${deliveries.map((delivery) => deliveryRow(delivery, seenOf(delivery), othersOf(delivery)))}
  </ul>`;
}

/** What waits for a cloud that takes no orders does not go out now. */
export async function whileAway(
  ledger: Pick<Ledger, "listAlerts">,
  deliveries: readonly Delivery[],
  viewpointOf: (row: Delivery) => Viewpoint,
): Promise<(row: Delivery) => Viewpoint> {
  const waiting = deliveries.find(({ state }) => state === "pending");
  if (waiting === undefined) return viewpointOf;
  const isAway = await outagesNow(ledger, viewpointOf(waiting).now);
  return (row) => ({ ...viewpointOf(row), away: isAway(row) });
}

function deliveryRow(delivery: Delivery, viewpoint: Viewpoint, others: readonly Delivery[]): Html {
  const { tone, answer, why } = verdictOf(delivery, viewpoint, others);
  return html`<li>
    <a class="row" href="/deliveries/${delivery.id}">
      <span class="name">
        <strong>${delivery.order_name}</strong>
        ${kindWord(delivery)}
      </span>
      ${badge(tone, stateWord(delivery))}
      <span class="why"><b>${answer}.</b> ${why}</span>
      <span class="muted where">${whereText(delivery)}</span>
      <span class="muted age">${agoTime(delivery.created_at, viewpoint)}</span>
      <span class="muted reason">${delivery.reason ?? ""}</span>
    </a>
  </li>`;
}

export function kindWord(delivery: Delivery): Html | null {
  if (delivery.kind === "test") return html`<span class="tag">test</span>`;
  if (delivery.kind === "reprint") return html`<span class="tag">reprint ${delivery.reprint_number}</span>`;
  return null;
}

export function whereText({ store, printer }: Delivery): string {
  return store === null ? printer : `${store} → ${printer}`;
}

export async function webhookRows(
  { ledger }: Pick<DashboardDeps, "ledger">,
  webhooks: readonly Webhook[],
  viewpoint: Viewpoint,
): Promise<Html> {
  const orders = await ordersOf(ledger, webhooks);
  return html`<ul class="rows">
    ${webhooks.map((webhook) => webhookRow(webhook, orders.get(webhook.id), viewpoint))}
  </ul>`;
}

function webhookRow(webhook: Webhook, order: string | undefined, viewpoint: Viewpoint): Html {
  return html`<li>
    <a class="row" href="/webhooks/${webhook.id}">
      <span class="name"><strong>${order ?? ORIGIN_NAMES[webhook.origin]}</strong></span>
      ${badge(WEBHOOK_TONES[webhook.status], webhook.status)}
      <span class="why">${webhook.reason === null ? webhookWhy(webhook) : sentence(webhook.reason)}</span>
      <span class="muted where">${webhook.platform} → ${webhook.store}</span>
      <span class="muted age">${agoTime(webhook.received_at, viewpoint)}</span>
      <span class="muted reason">${webhook.topic ?? ORIGIN_WORDS[webhook.origin] ?? ""}</span>
    </a>
  </li>`;
}

function webhookWhy({ status }: Webhook): string {
  return status === "duplicate" ? "This order's cancellation was known already." : "A cancellation.";
}

/** @param here the page they stand on: what is told on it leads nowhere else */
export function alertRows(alerts: readonly Alert[], viewpoint: Viewpoint, here = "/"): Html {
  return html`<ul class="rows">
    ${alerts.map((alert) => alertRow(alert, viewpoint, here))}
  </ul>`;
}

const SEVERITY_TONES: Readonly<Record<Alert["severity"], Tone>> = { critical: "bad", warning: "wait" };

/** Each leads to where its cause and the ways out are told. */
function alertRow(alert: Alert, viewpoint: Viewpoint, here: string): Html {
  const { severity, text, raised_at } = alert;
  const path = alertPath(alert);
  const inside = html`${badge(SEVERITY_TONES[severity], severity)}
    <span class="why">${text}</span>
    <span class="muted age">${agoTime(raised_at, viewpoint)}</span>`;
  return html`<li>
    ${path === here ? html`<div class="alert">${inside}</div>` : html`<a class="alert" href="${path}">${inside}</a>`}
  </li>`;
}
