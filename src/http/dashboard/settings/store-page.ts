import { allExpire, nextExpiry, validAt } from "../../../core/expiring.ts";
import { needsVerifying, proofsOf, type StoreSettings } from "../../../core/settings.ts";
import { storeJson } from "../../../answers/json.ts";
import type { UnixMs } from "../../../core/time.ts";
import type { Webhook } from "../../../ledger/ledger.ts";
import type { Role } from "../../sessions.ts";
import { idempotencyField } from "../idempotency.ts";
import { html, type Html } from "../html.ts";
import { factList } from "../layout.ts";
import { agoText, clockText, spanText, type Viewpoint } from "../../../answers/moments.ts";
import { agoTime } from "../times.ts";
import type { DashboardDeps, Frame } from "../visit.ts";
import { addressOf, registerSteps } from "./steps.ts";
import { storeApi } from "./store-api.ts";
import { PLATFORM_TITLES } from "./store-fields.ts";
import { openTrouble } from "./trouble.ts";

/**
 * One store: do its webhooks come, would they print, where are they sent to, and what can be done.
 *
 * @param notice what came of the act that led here
 */
export async function storePage(
  deps: DashboardDeps,
  store: StoreSettings,
  role: Role,
  notice: Html | null,
): Promise<Frame> {
  const { name, platform } = store;
  const viewpoint = { now: deps.clock.now(), zone: zoneOf(deps, store), named: true };
  const [last] = await deps.ledger.listWebhooks({ store: name, origin: "webhook", limit: 1 });
  const body = html`${notice}
    <p class="crumbs muted"><a href="/stores-and-printers">Stores and printers</a></p>
    <h1>${name} <span class="tag">${PLATFORM_TITLES[platform]}</span></h1>
    <div id="state" data-live>
      ${warnings(store, viewpoint, role)}
      <p>
        Last webhook:
        ${
          last === undefined
            ? html`<b>never</b>`
            : html`<a href="/webhooks/${last.id}">${agoTime(last.received_at, viewpoint)}</a>,
                ${last.status}${unprinted(last)}`
        }.
        Prints on <a href="/printers/${store.printer}">${store.printer}</a>.
      </p>
    </div>
    ${role === "admin" && sendTest(store, viewpoint.now)}
    <div id="trouble-now" data-live>${await openTrouble(deps, { store: name }, viewpoint)}</div>
    ${await storeApi(deps, store, role, viewpoint)}
    <h2>Register it at ${PLATFORM_TITLES[platform]}</h2>
    <p>The webhook address:</p>
    ${addressOf(deps, store)}
    ${
      store.api !== null &&
      deps.unreachable(store) === null &&
      html`<p>“Subscribe” above registers it by the API. By hand:</p>`
    }
    ${registerSteps(platform)}
    <h2>Settings</h2>
    <div id="settings" data-live>
      ${facts(store, deps.public_url, await deps.ledger.changedAt("store", name), viewpoint)}
    </div>
    ${role === "admin" && acts(store)}`;
  return { title: `Store ${name}`, section: "/stores-and-printers", live: "/live", body };
}

/** Where the shop calls for something else than cancellations, this is where one looks for what is wrong. */
function unprinted({ status, topic, reason }: Webhook): string {
  if (status !== "ignored") return "";
  return ` (${[topic, reason].filter((word) => word !== null).join(": ")})`;
}

/** Of whoever reads: the printer's, as on the pages of deliveries. */
export function zoneOf(deps: Pick<DashboardDeps, "settings">, { printer }: StoreSettings): string {
  return deps.settings().printers.find(({ name }) => name === printer)?.time_zone ?? "UTC";
}

function warnings(store: StoreSettings, viewpoint: Viewpoint, role: Role): Html {
  const proofs = proofsOf(store);
  const { noun, rotate } = nounsOf(store);
  const link = role === "admin" && html`<a href="/stores/${store.name}/rotate">${rotate}</a>`;
  return html`${
    validAt(proofs, viewpoint.now).length === 0 &&
    html`<p class="warning">No ${noun}: every webhook of this store is refused. ${link}</p>`
  }
  ${
    allExpire(proofs, viewpoint.now) &&
    html`<p class="warning">
      No ${noun} is valid for good: when the last one stops, every webhook is refused. ${link}
    </p>`
  }
  ${
    store.platform === "fastpod" &&
    store.trust_body &&
    html`<p class="note">trust_body: webhooks are believed without asking the store's API.</p>`
  }`;
}

/** Where every webhook would be refused, so would the test: the warning above says what to do first. */
function sendTest(store: StoreSettings, now: UnixMs): Html | null {
  if (validAt(proofsOf(store), now).length === 0) return null;
  const proven =
    store.platform === "fastpod"
      ? "that a webhook of FastPOD is read, mapped, laid out and printed"
      : "that a webhook signed with this store's own secret is verified, read, mapped, laid out and printed";
  const skipped =
    store.platform === "fastpod"
      ? " It skips two steps: the address's token, of which only a hash is kept, and the question to FastPOD's API, which knows no such order."
      : "";
  return html`<form class="act" method="post" action="/stores/${store.name}/test">
    ${idempotencyField()}
    <button class="strong">Send a test</button>
    <p class="muted">
      A sample cancellation goes the whole way to paper, marked TEST. It proves ${proven}.${skipped} It does
      not prove that ${PLATFORM_TITLES[store.platform]} knows the address, nor that it reaches it: the test
      starts inside the relay. Only the first real webhook proves that.
    </p>
  </form>`;
}

function facts(
  store: StoreSettings,
  publicUrl: string,
  changedAt: UnixMs | null,
  viewpoint: Viewpoint,
): Html {
  const { api, shop_id } = storeJson(
    store,
    publicUrl,
    { lastWebhookAt: null, watch: undefined },
    viewpoint.now,
  );
  const { ignore_older_than_s: limitS } = store;
  return factList([
    [store.platform === "fastpod" ? "Tokens" : "Secrets", proofText(store, viewpoint)],
    ["Shop id", shop_id],
    ["Store's API", api?.url],
    ["API version", api?.version],
    ["Asked first", store.platform === "fastpod" && (needsVerifying(store) ? "yes" : "no: trust_body")],
    ["Order number sent", store.order_id_from === "id" ? "the platform's id" : "the order's name"],
    ["Printed if older", limitS === null ? "yes, whatever its age" : `not after ${spanText(limitS * 1000)}`],
    ["Currency", store.currency],
    ["Test orders", store.platform === "fastpod" && store.test_orders],
    ["Changed", changedAt !== null && agoTime(changedAt, viewpoint)],
    ["Deliveries", html`<a href="/deliveries?store=${store.name}">of this store</a>`],
    ["Webhooks", html`<a href="/webhooks?store=${store.name}">of this store</a>`],
  ]);
}

/** How many and until when; never which. */
function proofText(store: StoreSettings, viewpoint: Viewpoint): string {
  const proofs = proofsOf(store);
  const count = validAt(proofs, viewpoint.now).length;
  const end = nextExpiry(proofs, viewpoint.now);
  if (count === 0) return "none";
  const until = end === null ? "" : `; one until ${clockText(end, viewpoint)} (${agoText(end, viewpoint)})`;
  return `${count} valid${until}`;
}

export function nounsOf(store: StoreSettings): { noun: string; rotate: string } {
  if (store.platform === "fastpod") return { noun: "token", rotate: "New address" };
  return { noun: "secret", rotate: store.secrets.length === 0 ? "Give the secret" : "Rotate the secret" };
}

function acts(store: StoreSettings): Html {
  return html`<p class="buttons">
    <a class="button" href="/stores/${store.name}/edit">Edit</a>
    <a class="button" href="/stores/${store.name}/rotate">${nounsOf(store).rotate}</a>
    <a class="button" href="/stores/${store.name}/remove">Remove</a>
  </p>`;
}
