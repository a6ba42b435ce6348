import { RelayError } from "../../core/errors.ts";
import { whyNoBody, type WebhookStatus } from "../../core/webhook.ts";
import type { WebhookWithBody } from "../../ledger/ledger.ts";
import { given } from "../api/deliveries.ts";
import { pageFrom, parseQuery, webhookQuery } from "../api/query.ts";
import type { Role } from "../sessions.ts";
import { html, raw, type Html } from "./html.ts";
import { idempotencyField } from "./idempotency.ts";
import { badge, codeBlock, factList } from "./layout.ts";
import { webhookRows } from "./rows.ts";
import { CANCEL_WITHOUT_SLIP_NOTICES, noticeIn } from "./settings/notices.ts";
import { indented } from "./indented.ts";
import type { Viewpoint } from "../../answers/moments.ts";
import { agoTime, clockTime } from "./times.ts";
import type { DashboardDeps, Frame } from "./visit.ts";
import { sentence } from "../../answers/verdict.ts";
import { ORIGIN_NAMES, ORIGIN_TEXTS, WEBHOOK_TONES } from "./words.ts";

const MEANINGS: Readonly<Record<WebhookStatus, string>> = {
  accepted: "A cancellation: its delivery was made.",
  duplicate: "This order's cancellation was in the ledger already. Its body is not kept.",
  ignored: "Authentic, and no evidence of a cancellation in it.",
  quarantined: "Authentic, and not understood. It is kept raw; replay it once the relay can read it.",
};

export async function webhooksPage(deps: DashboardDeps, query: string): Promise<Frame> {
  const { cursor, limit, ...filter } = parseQuery(webhookQuery, query);
  const before = cursor === undefined ? {} : { before: cursor };
  const rows = await deps.ledger.listWebhooks({ ...given(filter), ...before, limit: limit + 1 });
  const { items, next_cursor } = pageFrom(
    rows,
    limit,
    (row) => row.id,
    (row) => row,
  );
  const next = new URLSearchParams(query);
  if (next_cursor !== null) next.set("cursor", next_cursor);
  const body = html`<h1>Webhooks</h1>
    <p class="muted">
      What the stores sent and could prove, and what the relay fetched from them. Refused ones are not kept:
      the alert <code>webhook.refused</code> tells of them.
    </p>
    <ul class="counts" aria-label="By status">
      <li><a href="/webhooks" ${filter.status === undefined && raw('aria-current="true"')}>all</a></li>
      ${Object.keys(MEANINGS).map(
        (status) =>
          html`<li>
            <a href="/webhooks?status=${status}" ${filter.status === status && raw('aria-current="true"')}
              >${status}</a
            >
          </li>`,
      )}
    </ul>
    <div id="list" data-live>
      ${items.length === 0 ? html`<p>${query === "" ? "No webhook has come yet." : "None."}</p>` : await webhookRows(deps, items, { now: deps.clock.now(), zone: "UTC" })}
      ${next_cursor !== null && html`<p class="more"><a href="/webhooks?${next.toString()}">Older</a></p>`}
    </div>`;
  return { title: "Webhooks", section: "/webhooks", live: cursor === undefined ? "/live" : null, body };
}

/** Of acts that came to no delivery, which would have a page of its own. */
const NOTICES: Readonly<Record<string, string>> = {
  replay: "Read once more just now. This is what came of it.",
  ...CANCEL_WITHOUT_SLIP_NOTICES,
};

/** @param done which act led here; null: none */
export async function webhookPage(
  deps: DashboardDeps,
  id: string,
  role: Role,
  done: string | null,
): Promise<Frame> {
  const webhook = await deps.ledger.findWebhook(id);
  if (webhook === null) throw new RelayError("not_found", `There is no webhook ${id}.`);
  const viewpoint = { now: deps.clock.now(), zone: "UTC" };
  const { status, reason, origin } = webhook;
  const name = ORIGIN_NAMES[origin];
  const delivery = webhook.delivery_id === null ? null : await deps.ledger.findDelivery(webhook.delivery_id);
  const notice = done === null ? undefined : noticeIn(NOTICES, done);
  const body = html`${notice !== undefined && html`<p class="notice" role="status">${notice}</p>`}
    <section class="answer ${WEBHOOK_TONES[status]}">
      <p class="muted crumbs">${webhook.platform} → ${webhook.store}</p>
      <h1>${name} ${badge(WEBHOOK_TONES[status], status)}</h1>
      ${ORIGIN_TEXTS[origin] !== null && html`<p>${ORIGIN_TEXTS[origin]}</p>`}
      <p>${MEANINGS[status]} ${reason !== null && sentence(reason)}</p>
      ${
        delivery !== null &&
        html`<p>
          <a class="alone" href="/deliveries/${delivery.delivery.id}"
            >${delivery.delivery.order_name}: did it print?</a
          >
        </p>`
      }
    </section>
    ${facts(webhook, viewpoint)} ${replay(webhook, role)} ${origin === "webhook" && headersOf(webhook)}
    <h2>Body</h2>
    ${bodyOf(webhook)}`;
  return { title: `${name} ${status}`, section: "/webhooks", body };
}

function headersOf({ headers }: WebhookWithBody): Html {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return html`<h2>Headers</h2>
    ${codeBlock(lines.join("\n"), "Headers")}`;
}

function facts(webhook: WebhookWithBody, viewpoint: Viewpoint): Html {
  const { received_at } = webhook;
  return factList([
    ["Received", html`${clockTime(received_at, viewpoint)} UTC, ${agoTime(received_at, viewpoint)}`],
    ["Topic (not signed)", webhook.topic],
    ["Sender's id (not signed)", webhook.platform_webhook_id],
    ["Size", `${webhook.body_bytes} bytes`],
    ["Webhook id", html`<code>${webhook.id}</code>`],
  ]);
}

function replay({ id, body }: WebhookWithBody, role: Role): Html | null {
  if (role !== "admin" || body === null) return null;
  return html`<form class="act" method="post" action="/webhooks/${id}/replay">
    ${idempotencyField()}
    <button>Replay</button>
    <p class="muted">Reads it once more. An order that has its delivery gets no second one.</p>
  </form>`;
}

function bodyOf(webhook: WebhookWithBody): Html {
  const { id, body } = webhook;
  if (body === null) return html`<p>${sentence(whyNoBody(webhook))}</p>`;
  return html`${codeBlock(indented(body.toString("utf8")), "Body")}
    <p class="muted">
      Indented for reading. <a href="/api/v1/webhooks/${id}">The exact bytes</a>, as base64.
    </p>`;
}
