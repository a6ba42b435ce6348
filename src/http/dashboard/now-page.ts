import { MINUTE_MS } from "../../core/time.ts";
import { stateLinks } from "./deliveries-page.ts";
import { findForm } from "./find-form.ts";
import { html, type Html } from "./html.ts";
import { deliveryRows, webhookRows } from "./rows.ts";
import { clockTime, zonesOf } from "./times.ts";
import type { DashboardDeps, Frame } from "./visit.ts";

/** Older trouble than this is history: it stays in the lists, and leaves the top of the page. */
const ATTENTION_MS = 7 * 24 * 60 * MINUTE_MS;
const ATTENTION_ROWS_MAX = 20;
const LATEST_ROWS = 10;
/** Without the page script: how often the page asks for itself again. */
const REFRESH_S = 60;

/** What needs a person, first; then how the last day went, and what came latest. */
export async function nowPage(deps: DashboardDeps): Promise<Frame> {
  const { ledger, clock } = deps;
  const now = clock.now();
  const since = now - ATTENTION_MS;
  const [latest, attention, quarantined, counts] = await Promise.all([
    ledger.listDeliveries({ limit: LATEST_ROWS }),
    ledger.listDeliveries({ attention: true, since, limit: ATTENTION_ROWS_MAX }),
    ledger.listWebhooks({ status: "quarantined", limit: ATTENTION_ROWS_MAX }),
    ledger.counts(now),
  ]);
  const viewpointOf = zonesOf(deps.settings(), now);
  const utc = { now, zone: "UTC" };
  const body = html`<h1 class="hidden">Now</h1>
    ${findForm("", null)}
    <div id="now" data-live>
      ${deliveryRows(attention, viewpointOf)} ${webhookRows(quarantined, utc)}
      <p>${clockTime(now, utc)}</p>
      ${stateLinks(counts, null)}
    </div>
    <h2>Latest</h2>
    <div id="latest" data-live>${deliveryRows(latest, viewpointOf)}</div>`;
  return { title: "Now", section: "/", live: "/live", refreshS: REFRESH_S, body };
}
