import type { Alert } from "../../core/alert.ts";
import { printerPage, storePage } from "../api/settings.ts";
import type { Role } from "../sessions.ts";
import { dayPlots } from "./day-plots.ts";
import { stateLinks } from "./deliveries-page.ts";
import { findForm } from "./find-form.ts";
import { html, type Html } from "./html.ts";
import { alertRows, deliveryRows } from "./rows.ts";
import { firstSteps } from "./settings/first-steps.ts";
import { sharedZone, zonesOf, type Viewpoint } from "../../answers/moments.ts";
import { clockTime } from "./times.ts";
import type { DashboardDeps, Frame } from "./visit.ts";

const ALERTS_MAX = 100;
const LATEST_ROWS = 10;

/** What needs a person, first; then how the last day went, and what came latest. */
export async function nowPage(deps: DashboardDeps, role: Role): Promise<Frame> {
  const { ledger, clock } = deps;
  const now = clock.now();
  const [alerts, latest, counts, isReady] = await Promise.all([
    ledger.listAlerts({ state: "open", limit: ALERTS_MAX }),
    ledger.listDeliveries({ limit: LATEST_ROWS }),
    ledger.counts(now),
    deps.isReady(),
  ]);
  const settings = deps.settings();
  const viewpointOf = zonesOf(settings, now);
  // What is told here is of many printers: only where all stand in one zone is that one meant.
  const viewpoint = { now, zone: sharedZone(settings) ?? "UTC" };
  // Where no store can print, or nothing can be stored, a person is needed: nothing is well only because nothing happens.
  const isSetUp = settings.printers.length > 0 && settings.stores.length > 0;
  const body = html`<h1 class="hidden">Now</h1>
    ${findForm("", null)}
    <div id="now" data-live>
      ${latest.length === 0 && (await beginning(deps, role))}
      ${((isSetUp && isReady) || alerts.length > 0) && needsPerson(alerts, viewpoint)}
      ${stateLinks(counts, null)}
    </div>
    <h2>The last 24 hours</h2>
    <div id="day" data-live>${dayPlots(deps.lastDay(), viewpoint)}</div>
    <h2>Latest</h2>
    <div id="latest" data-live>
      ${latest.length === 0 ? html`<p>No cancellation has come yet.</p>` : await deliveryRows(deps, latest, viewpointOf)}
      <p class="more"><a href="/deliveries">All deliveries</a></p>
    </div>`;
  return { title: titleOf(countOf(alerts) + (isReady ? 0 : 1)), section: "/", live: "/live", body };
}

/** A relay to which nothing has come yet: its first page says how to begin. */
async function beginning(deps: DashboardDeps, role: Role): Promise<Html | null> {
  const stores = await storePage(deps, { limit: 1 });
  return firstSteps(printerPage(deps, { limit: 1 }).items, stores.items, role);
}

/** In a browser's row of tabs the trouble is seen without looking at the page. */
function titleOf(count: number): string {
  return count === 0 ? "Now" : `(${count}) Now`;
}

function countOf(alerts: readonly Alert[]): number {
  return alerts.reduce((sum, { count }) => sum + count, 0);
}

function needsPerson(alerts: readonly Alert[], viewpoint: Viewpoint): Html {
  const at = html`<p class="muted">${clockTime(viewpoint.now, viewpoint)} ${viewpoint.zone}</p>`;
  if (alerts.length === 0) {
    return html`<section class="status good">
      <h2>Nothing needs a person</h2>
      ${at}
    </section>`;
  }
  const count = countOf(alerts);
  const more = alerts.length === ALERTS_MAX ? "or more " : "";
  const sorted = [...alerts].sort(
    (a, b) => rank(a) - rank(b) || b.raised_at - a.raised_at || (a.id < b.id ? 1 : -1),
  );
  return html`<section class="urgent" aria-labelledby="urgent">
    <div class="status bad">
      <h2 id="urgent">${count === 1 ? "1 thing needs" : `${count} ${more}things need`} a person</h2>
      ${at}
    </div>
    ${alertRows(sorted, viewpoint)}
  </section>`;
}

function rank({ severity }: Alert): number {
  return severity === "critical" ? 0 : 1;
}
