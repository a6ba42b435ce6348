import { DELIVERY_STATES, type Delivery } from "../../core/delivery.ts";
import type { Settings } from "../../core/settings.ts";
import type { LedgerCounts } from "../../ledger/ledger.ts";
import { deliveryPage } from "../api/deliveries.ts";
import { deliveryQuery, parseQuery } from "../api/query.ts";
import { dayFilter, daysOf, withoutDays, zoneOfSearch } from "./days.ts";
import { html, raw, type Html } from "./html.ts";
import { deliveryRows } from "./rows.ts";
import { findForm } from "./find-form.ts";
import { alsoNamed, fetchMissed, notHere, whatElse } from "./not-here.ts";
import type { Role } from "../sessions.ts";
import { sharedZone, zonesOf, type Viewpoint } from "../../answers/moments.ts";
import type { DashboardDeps, Frame } from "./visit.ts";

const OPTIONS_MAX = 200;

interface DeliveriesPage {
  search: URLSearchParams;
  /** In which the days of the search are meant. */
  zone: string;
  items: Delivery[];
  next_cursor: string | null;
  counts: LedgerCounts;
  settings: Settings;
  viewpointOf: (row: Pick<Delivery, "printer">) => Viewpoint;
}

/** Every delivery, newest first, with a search. */
export async function deliveriesPage(deps: DashboardDeps, query: string, role: Role): Promise<Frame> {
  const { ledger, clock } = deps;
  const now = clock.now();
  const search = new URLSearchParams(query);
  const settings = deps.settings();
  const zone = zoneOfSearch(search.get("printer"), settings);
  const asked = parseQuery(deliveryQuery, withoutDays(search));
  const days = dayFilter(daysOf(search), zone);
  const [{ items, next_cursor }, counts] = await Promise.all([
    deliveryPage(ledger, { ...asked, ...days }),
    ledger.counts(now),
  ]);
  const viewpointOf = zonesOf(settings, now);
  const found = { search, zone, items, next_cursor, counts, settings, viewpointOf };
  const body = pageBody(found, await rowsOf(deps, found), role);
  // Only the newest page changes by itself, and nobody wants rows to move while they read older ones.
  return {
    title: titleOf(search.get("q") ?? ""),
    section: "/deliveries",
    live: asked.cursor === undefined ? "/live" : null,
    body,
  };
}

/** Pages of the browser's history differ by what was looked for. */
function titleOf(sought: string): string {
  return sought === "" ? "Deliveries" : `“${sought}” in deliveries`;
}

function pageBody(page: DeliveriesPage, rows: Html, role: Role): Html {
  const searches = searchesFor(page);
  // The numbers are of all deliveries: above what was found they would seem to be of that.
  const ofAll = narrowing(page).every(([name]) => name === "state" || name === "cursor");
  return html`<h1>${searches ? "Search" : "All deliveries"}</h1>
    ${searchForm(page)}
    <div id="list" data-live>
      ${ofAll && stateLinks(page.counts, page.search.get("state"))} ${rows}
      ${page.items.length > 0 && zoneNote(page.settings)} ${older(page)}
    </div>
    ${role === "admin" && isNowhere(page) && fetchMissed(page.settings)}
    ${searches && html`<p class="more"><a href="/deliveries">All deliveries</a></p>`}`;
}

function narrowing({ search }: DeliveriesPage): [string, string][] {
  return [...search].filter(([name, value]) => value !== "" && name !== "limit");
}

function searchesFor(page: DeliveriesPage): boolean {
  return narrowing(page).length > 0;
}

/** Everything was looked through for an order, and it is not there. */
function isNowhere(page: DeliveriesPage): boolean {
  const names = narrowing(page).map(([name]) => name);
  const onlyWords = names.includes("q") && names.every((name) => name === "q" || name === "cursor");
  return onlyWords && page.items.length === 0 && page.next_cursor === null;
}

async function rowsOf(deps: DashboardDeps, page: DeliveriesPage): Promise<Html> {
  const rows = (items: readonly Delivery[]): Promise<Html> => deliveryRows(deps, items, page.viewpointOf);
  const q = page.search.get("q") ?? "";
  if (isNowhere(page)) return notHere(deps.ledger, q, rows);
  const isFirst = narrowing(page).every(([name]) => name === "q");
  if (page.items.length === 0) {
    // An order that is called so would be here, however old it is: what else is known need not wait for older ones.
    if (!isFirst || q === "") return nothing(page);
    return html`${(await whatElse(deps.ledger, q, rows)) ?? noneYet(q)}`;
  }
  const [note, list] = await Promise.all([
    isFirst ? alsoNamed(deps.ledger, q, page.items) : null,
    rows(page.items),
  ]);
  return html`${note} ${list}`;
}

/** Where printers stand in several zones, each row names its own. */
function zoneNote(settings: Settings): Html | null {
  const zone = sharedZone(settings);
  return zone === null ? null : html`<p class="muted">Times in ${zone}.</p>`;
}

function searchForm({ search, settings, counts, zone }: DeliveriesPage): Html {
  const value = (name: string): string => search.get(name) ?? "";
  const narrowed = ["state", "store", "printer", "from", "to"].some((name) => value(name) !== "");
  const options = (rows: readonly { name: string }[]): Html[] =>
    rows.slice(0, OPTIONS_MAX).map(({ name }) => html`<option value="${name}"></option>`);
  return findForm(
    value("q"),
    html`<details id="narrow" ${narrowed && raw("open")}>
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
        <label>From day <input name="from" type="date" value="${value("from")}" /></label>
        <label>To day <input name="to" type="date" value="${value("to")}" /></label>
        <datalist id="stores">${options(settings.stores)}</datalist>
        <datalist id="printers">${options(settings.printers)}</datalist>
      </div>
      <p class="muted">Days in ${zone}. Both days are part of it.</p>
    </details>`,
  );
}

/** The way through the states, left to right, each with how many are there now. */
export function stateLinks({ by_state }: LedgerCounts, current: string | null): Html {
  return html`<ul class="counts" aria-label="Deliveries by state">
    ${DELIVERY_STATES.filter((state) => by_state[state] > 0).map(
      (state) =>
        html`<li>
          <a href="/deliveries?state=${state}" ${current === state && raw('aria-current="true"')}
            ><b>${by_state[state]}</b> ${state}</a
          >
        </li>`,
    )}
  </ul>`;
}

function noneYet(q: string): Html {
  return html`<p>
    No order is called <b>${q}</b>, and of the newest none has it in a part. “Older” looks further back.
  </p>`;
}

function nothing(page: DeliveriesPage): Html {
  if (page.next_cursor !== null) return html`<p>None among the newest. “Older” looks further back.</p>`;
  if (searchesFor(page)) {
    const q = page.search.get("q") ?? "";
    const wider = new URLSearchParams({ q }).toString();
    return html`<p>
      No delivery is like this.
      ${q !== "" && html`<a href="/deliveries?${wider}">Look for ${q} among all of them</a>`}
    </p>`;
  }
  return html`<p>
    No cancellation has come yet. <a href="/stores-and-printers">Stores and printers</a> has the address for
    each store, and a test slip for each printer.
  </p>`;
}

function older({ next_cursor, search }: DeliveriesPage): Html | null {
  if (next_cursor === null) return null;
  const next = new URLSearchParams(search);
  next.set("cursor", next_cursor);
  return html`<p class="more"><a href="/deliveries?${next.toString()}">Older</a></p>`;
}
