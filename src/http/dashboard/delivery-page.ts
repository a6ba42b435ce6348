import { isHeld } from "../../core/decide.ts";
import type { Delivery } from "../../core/delivery.ts";
import { RelayError } from "../../core/errors.ts";
import { MINUTE_MS } from "../../core/time.ts";
import { whyNoBody } from "../../core/webhook.ts";
import type { DeliveryDetail, WebhookWithBody } from "../../ledger/ledger.ts";
import type { Role } from "../sessions.ts";
import { html, type Html } from "./html.ts";
import { idempotencyField } from "./idempotency.ts";
import { badge, factList } from "./layout.ts";
import { curlOf, mapping } from "./mapping.ts";
import { CANCEL_NOTICES, noticeIn, STORE_TEST_NOTICES } from "./settings/notices.ts";
import { kindWord, whereText, whileAway } from "./rows.ts";
import { timeline } from "./timeline.ts";
import { agoText, clockText, zonesOf, type Viewpoint } from "../../answers/moments.ts";
import { inPlaceOf, isOnItsWay, otherSlipsOf, slipName } from "../../answers/other-slips.ts";
import { clockTime } from "./times.ts";
import type { DashboardDeps, Frame } from "./visit.ts";
import { way } from "./way.ts";
import { stateWord, verdictOf } from "../../answers/verdict.ts";
import { ORIGIN_TEXTS } from "./words.ts";

/** Without the page script a young delivery on its way is followed by asking again, by who has nothing to type there. */
const REFRESH_S = 5;
const FOLLOW_MS = 10 * MINUTE_MS;

const NOTICES: Readonly<Record<string, string>> = {
  redrive: "Redriven: it goes out again now.",
  reprint: "A second slip is on its way. This is its own page.",
  test: "A test slip is on its way.",
  ...STORE_TEST_NOTICES,
  ...CANCEL_NOTICES,
  replay: "The webhook was read again. This is its delivery.",
};

/** Did it print, and if not, why? Then the slip, everything that happened, and what can be done. */
export async function deliveryPage(
  deps: DashboardDeps,
  id: string,
  role: Role,
  done: string | null,
): Promise<Frame> {
  const detail = await deps.ledger.findDelivery(id);
  if (detail === null) throw new RelayError("not_found", `There is no delivery ${id}.`);
  const { delivery } = detail;
  const raw = detail.webhook === null ? null : await deps.ledger.findWebhook(detail.webhook.id);
  const others = (await otherSlipsOf(deps.ledger, [delivery]))(delivery);
  const viewpointOf = zonesOf(deps.settings(), deps.clock.now());
  const seenOf = await whileAway(deps.ledger, [delivery, ...others], viewpointOf);
  // The page names its one zone itself.
  const viewpoint = { ...seenOf(delivery), named: false };
  const notice = done === null ? undefined : noticeIn(NOTICES, done);
  const body = html`${notice !== undefined && html`<p class="notice" role="status">${notice}</p>`}
    <div id="answer" data-live>${answer(delivery, others, viewpoint)} ${way(detail, viewpoint)}</div>
    ${role === "admin" && html`<div id="redrive" data-live>${redrive(delivery, others)}</div>`}
    <div class="columns">
      <div>
        <div id="paper" data-live>${slip(detail)}</div>
        ${acts(delivery, raw, role)}
      </div>
      <div>
        <h2>What happened</h2>
        <p class="muted">Times in ${viewpoint.zone}, the printer's zone.</p>
        <div id="happened" data-live>${timeline(detail, viewpoint)} ${curlOf(deps, detail)}</div>
        <h2>Facts</h2>
        <div id="facts" data-live>${facts(detail, viewpoint)}</div>
        ${await mapping(deps, detail, raw)}
      </div>
    </div>`;
  const young = isOnItsWay(delivery) && viewpoint.now - delivery.created_at < FOLLOW_MS;
  return {
    title: `${delivery.order_name} ${stateWord(delivery)}`,
    section: "/deliveries",
    // Of its order: what becomes of the one slip is told on the pages of the others.
    live: `/live?${new URLSearchParams({ order: delivery.order_id }).toString()}`,
    refreshS: young && role === "viewer" ? REFRESH_S : null,
    body,
  };
}

function answer(delivery: Delivery, others: readonly Delivery[], viewpoint: Viewpoint): Html {
  const verdict = verdictOf(delivery, viewpoint, others);
  return html`<section class="answer ${verdict.tone}">
    <p class="muted crumbs">${whereText(delivery)} · times in ${viewpoint.zone}</p>
    <h1>${delivery.order_name} ${kindWord(delivery)}</h1>
    <p class="verdict">${verdict.answer} ${badge(verdict.tone, stateWord(delivery))}</p>
    <p>${verdict.why}</p>
    ${verdict.advice !== null && html`<p><b>${verdict.advice}</b></p>`}
    ${others.length > 0 && otherSlips(delivery, others, viewpoint)}
    ${
      delivery.forgotten_at !== null &&
      html`<p class="muted">
        The buyer's data was erased at ${clockTime(delivery.forgotten_at, viewpoint)}.
      </p>`
    }
  </section>`;
}

/** Whoever finds one slip of an order is to see what became of the others. */
function otherSlips(delivery: Delivery, others: readonly Delivery[], viewpoint: Viewpoint): Html {
  return html`<ul class="plain" aria-label="Other slips of this order">
    ${others.map((other) => {
      const name = slipName(other);
      const { tone } = verdictOf(other, viewpoint, [delivery, ...others]);
      return html`<li>
        <a class="alone" href="/deliveries/${other.id}">${name.charAt(0).toUpperCase()}${name.slice(1)}</a>
        ${badge(tone, stateWord(other))} ${clockTime(other.printed_at ?? other.created_at, viewpoint)}
      </li>`;
    })}
  </ul>`;
}

/** The number of tries makes a browser fetch the picture anew when another slip went out; a fragment would not. */
function slip({ delivery }: DeliveryDetail): Html {
  const address = `/api/v1/deliveries/${delivery.id}/slip`;
  return html`<figure class="paper">
    <img
      src="${address}.svg?try=${delivery.attempt_count}"
      alt="The slip of order ${delivery.order_name}; as text at ${address}.txt"
    />
    <figcaption class="muted">
      As it was last sent, or would be now. <a href="${address}.txt">Text</a> ·
      <a href="${address}.svg">Picture</a>
    </figcaption>
  </figure>`;
}

/** What can be done. Outside of what the page script renews: nothing moves under a thumb, and nothing typed is lost. */
function acts(delivery: Delivery, webhook: WebhookWithBody | null, role: Role): Html {
  if (role !== "admin") return html`<p class="muted">Signed in to read: acts need the admin token.</p>`;
  return html`${reprint(delivery)} ${webhook !== null && replay(webhook, delivery)}`;
}

function replay(webhook: WebhookWithBody, { forgotten_at }: Delivery): Html {
  const { id, origin, body } = webhook;
  const what = origin === "webhook" ? "its webhook" : "the store's answer";
  if (body === null) {
    const why =
      forgotten_at === null ? whyNoBody(webhook) : "its body is not kept: the buyer's data was erased";
    return html`<p class="muted">Nobody can replay ${what}, for ${why}.</p>`;
  }
  return html`<form class="act" method="post" action="/webhooks/${id}/replay">
    ${idempotencyField()}
    <button>Replay ${what}</button>
    <p class="muted">Reads it once more, as if it came now. An order with its delivery gets no second one.</p>
  </form>`;
}

function redrive(delivery: Delivery, others: readonly Delivery[]): Html | null {
  if (delivery.state !== "dead" && !isHeld(delivery)) return null;
  // Whoever wants one more slip than there is asks for a reprint.
  if (inPlaceOf(delivery, others) !== null) return null;
  return html`<form class="act" method="post" action="/deliveries/${delivery.id}/redrive">
    ${idempotencyField()}
    <button class="strong">Redrive</button>
    <p class="muted">
      The same delivery goes out again${delivery.may_be_repeat ? ", marked MAY BE A REPEAT" : ""}.
    </p>
  </form>`;
}

function reprint(delivery: Delivery): Html | null {
  if (delivery.state === "verifying" || delivery.state === "void") return null;
  return html`<form class="act" method="post" action="/deliveries/${delivery.id}/reprint">
    ${idempotencyField()}
    <label for="reason">Print a second slip, marked REPRINT, because</label>
    <div class="find">
      <input
        id="reason"
        name="reason"
        required
        maxlength="200"
        autocomplete="off"
        placeholder="slip was lost"
      />
      <button>Reprint</button>
    </div>
  </form>`;
}

function facts({ delivery, webhook }: DeliveryDetail, viewpoint: Viewpoint): Html {
  const at = (moment: number | null): Html | null => (moment === null ? null : clockTime(moment, viewpoint));
  const { ticket } = delivery;
  return factList([
    ["Order id", delivery.order_id],
    ["Cancelled", at(delivery.cancelled_at) ?? "the store did not say when"],
    ["Reason", delivery.reason],
    ["Heard of", at(delivery.created_at)],
    ["Taken by Goodcom", at(delivery.accepted_at)],
    ["Confirmed", at(delivery.printed_at)],
    ["Attempts", delivery.attempt_count],
    ["Next attempt", nextAttempt(delivery, viewpoint)],
    ["Useful until", clockText(delivery.useful_until, viewpoint)],
    ["Not understood", ticket.problems.join(", ")],
    [
      "Reprint of",
      delivery.reprint_of !== null &&
        html`<a href="/deliveries/${delivery.reprint_of}">the slip before, of ${delivery.order_name}</a>`,
    ],
    ["How it came", webhook !== null && ORIGIN_TEXTS[webhook.origin]],
    [
      webhook?.origin === "webhook" ? "Webhook" : "Store's answer",
      webhook !== null && html`<a href="/webhooks/${webhook.id}">as it came, raw</a>`,
    ],
    ["Delivery id", html`<code>${delivery.id}</code>`],
  ]);
}

function nextAttempt({ next_attempt_at: at }: Delivery, viewpoint: Viewpoint): string | null {
  return at === null ? null : `${clockText(at, viewpoint)} (${agoText(at, viewpoint)})`;
}
