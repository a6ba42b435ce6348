import { RelayError } from "../../core/errors.ts";
import { zonesOf } from "../../answers/moments.ts";
import { attemptPage } from "../api/deliveries.ts";
import { attemptQuery, parseQuery } from "../api/query.ts";
import { html } from "./html.ts";
import { attemptLine } from "./timeline.ts";
import type { DashboardDeps, Frame } from "./visit.ts";

/** All attempts of a delivery, newest first, page by page: its own page has the newest alone. */
export async function attemptsPage(deps: DashboardDeps, id: string, query: string): Promise<Frame> {
  const asked = parseQuery(attemptQuery, query);
  const { items, next_cursor } = await attemptPage(deps.ledger, id, asked);
  const delivery = await deps.ledger.readDelivery(id);
  if (delivery === null) throw new RelayError("not_found", `There is no delivery ${id}.`);
  const viewpoint = { ...zonesOf(deps.settings(), deps.clock.now())(delivery), named: false };
  const next = new URLSearchParams(query);
  if (next_cursor !== null) next.set("cursor", next_cursor);
  const body = html`<h1>Attempts of ${delivery.order_name}</h1>
    <p class="muted">Newest first. Times in ${viewpoint.zone}, the printer's zone.</p>
    ${items.length === 0 && html`<p>None is kept.</p>`}
    <ol class="timeline">
      ${items.map((attempt) => attemptLine(attempt, viewpoint))}
    </ol>
    ${next_cursor !== null && html`<p class="more"><a href="/deliveries/${id}/attempts?${next.toString()}">Older</a></p>`}
    <p class="more"><a href="/deliveries/${id}">${delivery.order_name}: did it print?</a></p>`;
  return { title: `Attempts of ${delivery.order_name}`, section: "/deliveries", body };
}
