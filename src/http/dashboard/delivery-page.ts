import { isHeld } from "../../core/decide.ts";
import type { Delivery } from "../../core/delivery.ts";
import { RelayError } from "../../core/errors.ts";
import { MINUTE_MS } from "../../core/time.ts";
import type { DeliveryDetail } from "../../ledger/ledger.ts";
import type { Role } from "../gatekeeper.ts";
import { html, type Html } from "./html.ts";
import { badge, codeBlock, factList } from "./layout.ts";
import { STORE_TEST_NOTICES } from "./settings/notices.ts";
import { kindWord, whereText } from "./rows.ts";
import { timeline } from "./timeline.ts";
import { agoText, clockText, clockTime, type Viewpoint } from "./times.ts";
import type { DashboardDeps, Frame } from "./visit.ts";
import { stateWord, verdictOf } from "./words.ts";

/** While a young delivery is on its way, its page follows it. */
const FOLLOW_EVERY_S = 5;
const FOLLOW_MS = 10 * MINUTE_MS;

const NOTICES: Readonly<Record<string, string>> = {
  redrive: "Redriven: it goes out again now.",
  reprint: "A second slip is on its way. This is its own page.",
  test: "A test slip is on its way.",
  ...STORE_TEST_NOTICES,
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
  const zone = deps.settings().printers.find(({ name }) => name === delivery.printer)?.time_zone ?? "UTC";
  const viewpoint = { now: deps.clock.now(), zone };
  const follows = isOnItsWay(delivery) && viewpoint.now - delivery.created_at < FOLLOW_MS;
  const notice = done === null ? undefined : NOTICES[done];
  const body = html`${notice !== undefined && html`<p class="notice" role="status">${notice}</p>`}
    ${answer(delivery, viewpoint, role, follows)}
    <div class="columns">
      <div class="paper-column">${slip(delivery)} ${reprint(delivery, role, follows)}</div>
      <div>
        <h2>What happened</h2>
        <p class="muted">Times in ${zone}, the printer's zone.</p>
        ${timeline(detail, viewpoint)}
        <h2>Facts</h2>
        ${facts(detail, viewpoint)} ${await order(deps, id)}
      </div>
    </div>`;
  const title = `${delivery.order_name} ${stateWord(delivery)}`;
  return { title, section: "/", refreshS: follows ? FOLLOW_EVERY_S : null, body };
}

function isOnItsWay(delivery: Delivery): boolean {
  const { state } = delivery;
  if (isHeld(delivery)) return false;
  return state === "verifying" || state === "pending" || state === "sending" || state === "accepted";
}

function answer(delivery: Delivery, viewpoint: Viewpoint, role: Role, follows: boolean): Html {
  const verdict = verdictOf(delivery, viewpoint);
  return html`<section class="answer ${verdict.tone}">
    <p class="muted crumbs">${whereText(delivery)}</p>
    <h1>${delivery.order_name} ${kindWord(delivery)}</h1>
    <p class="verdict">${verdict.answer} ${badge(verdict.tone, stateWord(delivery))}</p>
    <p>${verdict.why}</p>
    ${verdict.advice !== null && html`<p><b>${verdict.advice}</b></p>`}
    ${role === "admin" && redrive(delivery)}
    ${follows && html`<p class="muted">This page follows it every ${FOLLOW_EVERY_S} s.</p>`}
  </section>`;
}

function slip(delivery: Delivery): Html {
  const address = `/api/v1/deliveries/${delivery.id}/slip`;
  return html`<figure class="paper">
    <img src="${address}.svg" alt="The slip of order ${delivery.order_name}; as text at ${address}.txt" />
    <figcaption class="muted">
      As it was last sent, or would be now. <a href="${address}.txt">Text</a> ·
      <a href="${address}.svg">Picture</a>
    </figcaption>
  </figure>`;
}

function redrive(delivery: Delivery): Html | null {
  if (delivery.state !== "dead" && !isHeld(delivery)) return null;
  return html`<form class="act" method="post" action="/deliveries/${delivery.id}/redrive">
    <button class="strong">Redrive</button>
    <p class="muted">
      The same delivery goes out again${delivery.may_be_repeat ? ", marked MAY BE A REPEAT" : ""}.
    </p>
  </form>`;
}

/** Not while the page follows the delivery: asking for itself again would take what is being typed. */
function reprint(delivery: Delivery, role: Role, follows: boolean): Html | null {
  if (role !== "admin") return html`<p class="muted">Signed in to read: acts need the admin token.</p>`;
  if (delivery.state === "verifying" || delivery.state === "void" || follows) return null;
  return html`<form class="act" method="post" action="/deliveries/${delivery.id}/reprint">
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
        html`<a href="/deliveries/${delivery.reprint_of}">${delivery.reprint_of}</a>`,
    ],
    ["Webhook", webhook !== null && html`<a href="/webhooks/${webhook.id}">as it came, raw</a>`],
    ["Delivery id", html`<code>${delivery.id}</code>`],
  ]);
}

function nextAttempt({ next_attempt_at: at }: Delivery, viewpoint: Viewpoint): string | null {
  return at === null ? null : `${clockText(at, viewpoint)} (${agoText(at, viewpoint)})`;
}

/** What Goodcom is sent of this ticket. A slip that cannot be drawn must not take the page with it. */
async function order({ relay, compose }: DashboardDeps, id: string): Promise<Html> {
  try {
    const { ticket, marks, printer } = await relay.slipOf(id);
    const { order_json, order_txt } = compose(ticket, marks, printer);
    return html`<details>
        <summary>order_json</summary>
        ${codeBlock(JSON.stringify(order_json, null, 2))}
      </details>
      <details>
        <summary>order_txt</summary>
        ${codeBlock(order_txt === "" ? "(empty: order_txt is off for this printer)" : order_txt)}
      </details>`;
  } catch (error) {
    if (error instanceof RelayError && error.code === "ledger_unavailable") throw error;
    return html`<p class="muted">
      What Goodcom would be sent cannot be shown: the ticket cannot be laid out.
    </p>`;
  }
}
