import type { StoreSettings } from "../../../core/settings.ts";
import { pathParameter } from "../../request.ts";
import { html } from "../html.ts";
import type { Mount, Next, Posted } from "./mount.ts";
import type { DashboardDeps, Frame } from "../visit.ts";
import { removePage } from "./form-pages.ts";
import { findStore, isConflict, storeOf } from "./lookup.ts";
import { versionOf } from "./read.ts";
import { PLATFORM_TITLES } from "./store-fields.ts";

export function removeStoreRoutes(deps: DashboardDeps, { form, act }: Mount): void {
  form("/stores/:name/remove", (req) => removal(deps, storeOf(deps, req)));
  act("/stores/:name/remove", (req, posted) => remove(deps, pathParameter(req, "name"), posted));
}

function removal(deps: DashboardDeps, store: StoreSettings, refusal?: string): Frame {
  const title = PLATFORM_TITLES[store.platform];
  return removePage({
    kind: "store",
    name: store.name,
    version: versionOf(deps.session_key, "store", store),
    obstacle: null,
    consequence: html`<p>
      From then on its webhooks are answered 404. Take the webhook out of ${title}'s admin first. Its secrets
      are forgotten; its deliveries keep its name and can still be looked at.
    </p>`,
    ...(refusal === undefined ? {} : { refusal }),
  });
}

async function remove(deps: DashboardDeps, name: string, { form, by }: Posted): Promise<Next> {
  const done = { to: "/stores-and-printers?done=removed" };
  const store = findStore(deps, name);
  // Sent twice: it is gone already.
  if (store === null) return done;
  const late = (now: StoreSettings): Next => ({
    status: 409,
    frame: removal(deps, now, "It was changed since you looked at it. Look again, then decide."),
  });
  if (form.get("version") !== versionOf(deps.session_key, "store", store)) return late(store);
  try {
    await deps.relay.changeSettings({ kind: "store", name, seen: store, to: null }, by);
    return done;
  } catch (error) {
    if (!isConflict(error)) throw error;
    return late(findStore(deps, name) ?? store);
  }
}
