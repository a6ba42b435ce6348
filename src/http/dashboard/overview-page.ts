import { DELIVERY_STATES, type Delivery } from "../../core/delivery.ts";
import type { Settings } from "../../core/settings.ts";
import { MINUTE_MS } from "../../core/time.ts";
import type { LedgerCounts, Webhook } from "../../ledger/ledger.ts";
import { deliveryPage } from "../api/deliveries.ts";
import { deliveryQuery, parseQuery } from "../api/query.ts";
import { html, raw, type Html } from "./html.ts";
import { deliveryRows, webhookRows } from "./rows.ts";
import { clockTime, type Viewpoint } from "./times.ts";
import type { DashboardDeps, Frame } from "./visit.ts";

/** Older trouble than this is history: it stays in the list, and leaves the top of the page. */
const ATTENTION_MS = 7 * 24 * 60 * MINUTE_MS;
const ATTENTION_ROWS_MAX = 20;
const OPTIONS_MAX = 200;

interface Overview {
  search: URLSearchParams;
  deliveries: { items: Delivery[]; next_cursor: string | null };
  urgent: Delivery[];
  quarantined: Webhook[];
  counts: LedgerCounts;
  settings: Settings;
  viewpointOf: (row: Pick<Delivery, "printer">) => Viewpoint;
}

/** What needs a person first; then every delivery, with a search. */
export async function overviewPage(deps: DashboardDeps, query: string): Promise<Frame> {
  const { ledger, clock } = deps;
  const now = clock.now();
  const asked = parseQuery(deliveryQuery, query);
  const since = now - ATTENTION_MS;
  const [deliveries, attention, quarantined, counts] = await Promise.all([
    deliveryPage(ledger, asked),
    ledger.searchDeliveries({ attention: true, since, limit: ATTENTION_ROWS_MAX + 1 }),
    ledger.listWebhooks({ status: "quarantined", limit: ATTENTION_ROWS_MAX }),
    ledger.counts(now),
  ]);
  const settings = deps.settings();
  const zones = new Map(settings.printers.map(({ name, time_zone }) => [name, time_zone]));
  const body = overview({
    search: new URLSearchParams(query),
    deliveries,
    urgent: attention.items.filter((row) => row.attention !== null),
    quarantined: quarantined.filter((row) => row.received_at >= since),
    counts,
    settings,
    viewpointOf: ({ printer }) => ({ now, zone: zones.get(printer) ?? "UTC" }),
  });
  return { title: "Deliveries", section: "/", body };
}

function overview(page: Overview): Html {
  const searches = [...page.search].some(([name, value]) => value !== "" && name !== "limit");
  const results = html`<section>
    <h2>${searches ? "Found" : "All deliveries"}</h2>
    ${
      page.deliveries.items.length === 0
        ? nothing(page, searches)
        : deliveryRows(page.deliveries.items, page.viewpointOf)
    }
    ${older(page)}
  </section>`;
  // Who searches wants the answer first; who opens the page, the trouble.
  return html`<h1 class="hidden">Deliveries</h1>
    ${searchForm(page)} ${counts(page)} ${searches ? [results, reminder(page)] : [attention(page), results]}`;
}

function searchForm({ search, settings, counts }: Overview): Html {
  const value = (name: string): string => search.get(name) ?? "";
  const narrowed = ["state", "store", "printer"].some((name) => value(name) !== "");
  const options = (rows: readonly { name: string }[]): Html[] =>
    rows.slice(0, OPTIONS_MAX).map(({ name }) => html`<option value="${name}"></option>`);
  return html`<form class="search" method="get" action="/" role="search">
    <div class="find">
      <label class="hidden" for="q">Order, buyer, phone, reason or delivery id</label>
      <input
        id="q"
        name="q"
        type="search"
        value="${value("q")}"
        placeholder="Order, buyer, phone, reason or delivery id"
        maxlength="200"
        autocomplete="off"
        enterkeyhint="search"
      />
      <button>Find</button>
    </div>
    <details ${narrowed && raw("open")}>
      <summary>Narrow down</summary>
      <div class="narrow">
        <label
          >State
          <select name="state">
            <option value="">any</option>
            ${DELIVERY_STATES.map(
              (state) =>
                html`<option ${value("state") === state && raw("selected")} value="${state}">
                  ${state} (${counts.by_state[state]})
                </option>`,
            )}
          </select>
        </label>
        <label>Store <input name="store" list="stores" value="${value("store")}" maxlength="64" /></label>
        <label
          >Printer <input name="printer" list="printers" value="${value("printer")}" maxlength="64"
        /></label>
        <datalist id="stores">${options(settings.stores)}</datalist>
        <datalist id="printers">${options(settings.printers)}</datalist>
      </div>
    </details>
  </form>`;
}

/** The way through the states, left to right, each with how many are there now. */
function counts({ counts: { by_state }, search }: Overview): Html {
  return html`<ul class="counts" aria-label="Deliveries by state">
    ${DELIVERY_STATES.filter((state) => by_state[state] > 0).map(
      (state) =>
        html`<li>
          <a href="/?state=${state}" ${search.get("state") === state && raw('aria-current="true"')}
            ><b>${by_state[state]}</b> ${state}</a
          >
        </li>`,
    )}
  </ul>`;
}

function attention({ urgent, quarantined, viewpointOf }: Overview): Html {
  const count = urgent.length + quarantined.length;
  if (count === 0) {
    return html`<p class="calm">Nothing needs a person. <a href="/">Look again</a>, ${now(viewpointOf)}.</p>`;
  }
  const shown = urgent.slice(0, ATTENTION_ROWS_MAX);
  return html`<section class="urgent">
    <h2>Needs a person</h2>
    ${shown.length > 0 && deliveryRows(shown, viewpointOf)}
    ${
      urgent.length > shown.length &&
      html`<p>And more: <a href="/?state=dead">all dead</a>, <a href="/?state=rejected">all rejected</a>.</p>`
    }
    ${
      quarantined.length > 0 &&
      html`<h3>Webhooks that nobody understands</h3>
        ${webhookRows(quarantined, viewpointOf({ printer: "" }))}`
    }
  </section>`;
}

function reminder({ urgent, quarantined }: Overview): Html {
  const count = urgent.length + quarantined.length;
  const more = urgent.length > ATTENTION_ROWS_MAX ? "more than " : "";
  return html`<p class="more">
    <a href="/">All deliveries</a>${count > 0 && html`, <a href="/">${more}${count} that need a person</a>`}
  </p>`;
}

function now(viewpointOf: Overview["viewpointOf"]): Html {
  const viewpoint = viewpointOf({ printer: "" });
  return html`as of ${clockTime(viewpoint.now, viewpoint)} ${viewpoint.zone}`;
}

function nothing({ search, deliveries }: Overview, searches: boolean): Html {
  if (deliveries.next_cursor !== null) return html`<p>None among the newest. "Older" looks further back.</p>`;
  if (!searches) {
    return html`<p>
      No cancellation has come yet. <a href="/stores-and-printers">Stores and printers</a> has the address for
      each store, and a test slip for each printer.
    </p>`;
  }
  const what = search.get("q") ?? "";
  return html`<p>
    No delivery ${what === "" ? "is like this" : html`of <b>${what}</b> is in the ledger`}. If the store did
    cancel the order, its webhook has not come, was refused (then the log has <code>webhook.refused</code>),
    or was <a href="/webhooks?status=ignored">ignored</a> or
    <a href="/webhooks?status=quarantined">quarantined</a>.
  </p>`;
}

function older({ deliveries: { next_cursor }, search }: Overview): Html | null {
  if (next_cursor === null) return null;
  const next = new URLSearchParams(search);
  next.set("cursor", next_cursor);
  return html`<p class="more"><a href="/?${next.toString()}">Older</a></p>`;
}
