import type { StoreSettings } from "../../../core/settings.ts";
import type { SeenSubscription } from "../../../stores/store-acts.ts";
import { html, type Html } from "../html.ts";
import type { DashboardDeps } from "../visit.ts";
import { storeOf } from "./lookup.ts";
import type { Mount, Next, Posted } from "./mount.ts";
import { reconciledWord, subscribedWord } from "./notices.ts";
import { refusalOf, type Refusal } from "./refusal.ts";
import { storePage } from "./store-page.ts";

/** What is done at a store by its API but for cancelling: either may be pressed twice and does it once. */
export function storeApiRoutes(deps: DashboardDeps, { page, act }: Mount): void {
  act("/stores/:name/subscribe", (req, posted) => subscribe(deps, storeOf(deps, req), posted));
  act("/stores/:name/reconcile", (req, posted) => reconcile(deps, storeOf(deps, req), posted));
  // What a refusal stands on has this address: it is followed, and gone back to after signing in.
  for (const pressed of ["subscribe", "reconcile"]) {
    page(`/stores/:name/${pressed}`, (req, { role }) => storePage(deps, storeOf(deps, req), role, null));
  }
}

async function subscribe(deps: DashboardDeps, store: StoreSettings, { form, by }: Posted): Promise<Next> {
  const { name } = store;
  try {
    const { result } = await deps.relay.subscribe(name, by, { replace: form.get("replace") === "on" });
    return { to: `/stores/${name}?done=${subscribedWord(result)}` };
  } catch (error) {
    const refusal = refusalOf(error);
    const others = refusal.code === "conflict" ? await othersAt(deps, name, by) : [];
    return again(deps, store, others.length === 0 ? refusal : { ...refusal, ...IN_ITS_PLACE }, others);
  }
}

/** Whom the store calls for cancellations in place of this relay. */
async function othersAt({ relay }: DashboardDeps, name: string, by: string): Promise<SeenSubscription[]> {
  try {
    const { subscriptions } = await relay.subscribe(name, by, { check: true });
    return subscriptions.filter(({ of_store }) => of_store === "other");
  } catch (error) {
    refusalOf(error);
    return [];
  }
}

const IN_ITS_PLACE = {
  heading: "Another is in its place",
  words: "For cancellations the store calls this address, and it takes one only:",
};

/** Taking another's place ends what that one did: it is said whose, and asked for once more. */
function replaceForm(name: string, others: readonly SeenSubscription[]): Html {
  return html`<ul class="plain">
      ${others.map(({ address }) => html`<li><code>${address}</code></li>`)}
    </ul>
    <form method="post" action="/stores/${name}/subscribe">
      <input type="hidden" name="replace" value="on" />
      <button class="danger">Put this relay in its place</button>
    </form>`;
}

async function reconcile(deps: DashboardDeps, store: StoreSettings, { by }: Posted): Promise<Next> {
  try {
    const result = await deps.relay.reconcile(store.name, by);
    return { to: `/stores/${store.name}?done=${reconciledWord(result)}` };
  } catch (error) {
    return again(deps, store, refusalOf(error));
  }
}

async function again(
  deps: DashboardDeps,
  store: StoreSettings,
  { status, heading, words }: Refusal,
  others: readonly SeenSubscription[] = [],
): Promise<Next> {
  const told = html`<section class="problems" role="alert" aria-labelledby="refused">
    <h2 id="refused">${heading}</h2>
    <p>${words}</p>
    ${others.length > 0 && replaceForm(store.name, others)}
  </section>`;
  return { status, frame: await storePage(deps, store, "admin", told) };
}
