import type { StoreSettings } from "../../../core/settings.ts";
import type { StoreWatch } from "../../../ledger/store-watch.ts";
import type { Role } from "../../sessions.ts";
import { html, type Html } from "../html.ts";
import { badge, factList } from "../layout.ts";
import { clockText, type Viewpoint } from "../../../answers/moments.ts";
import { agoTime } from "../times.ts";
import type { DashboardDeps } from "../visit.ts";
import { sentence } from "../../../answers/verdict.ts";
import { PLATFORM_TITLES } from "./store-fields.ts";

/** What the relay knows of a store by asking it, and what it can do there. */
export async function storeApi(
  deps: DashboardDeps,
  store: StoreSettings,
  role: Role,
  viewpoint: Viewpoint,
): Promise<Html> {
  if (store.api === null) return html`${HEADING} ${whatItWouldGive(store, role)}`;
  const [watch] = await deps.ledger.storeWatches(store.name);
  // Removed meanwhile.
  if (watch === undefined) return HEADING;
  return html`${HEADING}
    <div id="store-api-now" data-live>${warnings(watch)} ${facts(watch, viewpoint)}</div>
    ${role === "admin" && acts(deps, store, watch, viewpoint)}`;
}

const HEADING = html`<h2 id="store-api">The store's API</h2>`;

function whatItWouldGive({ name }: StoreSettings, role: Role): Html {
  return html`<p>
    Not set, so the relay only listens. With it the relay subscribes itself, fetches cancellations that no
    webhook brought, and cancels orders from here.
    ${role === "admin" && html`<a href="/stores/${name}/edit#f-api-url">Set it</a>`}
  </p>`;
}

/** The same words, of a token that is not taken, are said once. */
function warnings({ check_error, reconcile_error }: StoreWatch): Html[] {
  const errors = new Set([check_error, reconcile_error].filter((error) => error !== null));
  return [...errors].map((error) => html`<p class="warning">${sentence(error)}</p>`);
}

function facts(watch: StoreWatch, viewpoint: Viewpoint): Html {
  const { found_count } = watch;
  return factList([
    ["Subscription", subscription(watch, viewpoint)],
    ["Last fetched", lastFetch(watch, viewpoint)],
    [
      "Found so far",
      html`${found_count === 0 ? "nothing that was missed" : found_count}${
        found_count > 0 && html` that no webhook had brought, since ${clockText(watch.since, viewpoint)}`
      }`,
    ],
  ]);
}

function subscription(watch: StoreWatch, viewpoint: Viewpoint): Html {
  const { subscribed_at, checked_at, check_error } = watch;
  const asked = checked_at === null ? "not asked yet" : html`asked ${agoTime(checked_at, viewpoint)}`;
  const first = subscribed_at !== null && `, first seen ${clockText(subscribed_at, viewpoint)}`;
  if (check_error !== null) return html`${badge("bad", "gone, or nobody knows")} ${asked}${first}`;
  if (subscribed_at === null) return html`${badge("off", "never seen")} ${asked}`;
  return html`${badge("good", "in place")} ${asked}${first}`;
}

function lastFetch(watch: StoreWatch, viewpoint: Viewpoint): Html {
  const { reconciled_at, reconciled_to, reconcile_error } = watch;
  if (reconciled_at === null) return html`${badge("off", "never")}`;
  const complete =
    reconciled_to !== null &&
    html`; whatever was cancelled until ${clockText(reconciled_to, viewpoint)} is here`;
  const how = reconcile_error === null ? badge("good", "well") : badge("bad", "failed");
  return html`${how} ${agoTime(reconciled_at, viewpoint)}${complete}`;
}

function acts(deps: DashboardDeps, store: StoreSettings, watch: StoreWatch, viewpoint: Viewpoint): Html {
  const { name } = store;
  const unreachable = deps.unreachable(store);
  const from = clockText(watch.reconciled_to ?? watch.since, viewpoint);
  return html`${
      unreachable === null
        ? subscribe(store, watch)
        : html`<p class="note">The relay cannot be subscribed: ${sentence(unreachable)}</p>`
    }
    ${fetchForm(
      name,
      "Fetch what was missed",
      html`Asks for orders cancelled since ${from} and an hour before, and prints those that no webhook
      brought. The relay also does so by itself, unless that is switched off.`,
    )}
    <p class="buttons"><a class="button" href="/stores/${name}/cancel">Cancel an order…</a></p>`;
}

/** Of a store with an API. */
export function fetchForm(store: string, button: string, explained: Html): Html {
  return html`<form class="act" method="post" action="/stores/${store}/reconcile">
    <button>${button}</button>
    <p class="muted">${explained}</p>
  </form>`;
}

function subscribe({ name, platform }: StoreSettings, { subscribed_at }: StoreWatch): Html {
  const title = PLATFORM_TITLES[platform];
  return html`<form class="act" method="post" action="/stores/${name}/subscribe">
    <button>${subscribed_at === null ? "Subscribe" : "Check the subscription"}</button>
    <p class="muted">
      Sees to it that ${title} calls this relay for every cancellation, once, and at the right address. From
      then on the relay makes the subscription again when ${title} drops it.
      ${
        platform === "fastpod" &&
        "Where there is none, a new address with a token of its own is made; nobody needs to copy it. Unverified: FastPOD does not publish how its webhooks are subscribed, so the relay asks as for its nearest relative."
      }
    </p>
  </form>`;
}
