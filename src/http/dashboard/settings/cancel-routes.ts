import type { StoreSettings } from "../../../core/settings.ts";
import { cleanLine } from "../../../core/text.ts";
import type { CancelResult } from "../../../stores/store-acts.ts";
import { html } from "../html.ts";
import type { DashboardDeps, Frame } from "../visit.ts";
import {
  cancelFields,
  cancelForm,
  confirmCancel,
  ORDER_ID_CHARS_MAX,
  REASON_CHARS_MAX,
  type Told,
} from "./cancel-page.ts";
import type { Values } from "./form.ts";
import { storeOf } from "./lookup.ts";
import type { Mount, Next, Posted } from "./mount.ts";
import { cancelledWord } from "./notices.ts";
import { typedOver } from "./read.ts";
import { refusalOf } from "./refusal.ts";

/** Cancelling an order at its store: which and why, a look at it, and then in earnest. */
export function cancelRoutes(deps: DashboardDeps, { form, act }: Mount): void {
  form("/stores/:name/cancel", (req) => {
    const store = storeOf(deps, req);
    return store.api === null ? noApi(store) : cancelForm(store, new Map());
  });
  act("/stores/:name/cancel", (req, posted) => next(deps, storeOf(deps, req), posted));
}

async function next({ relay }: DashboardDeps, store: StoreSettings, posted: Posted): Promise<Next> {
  const { form, by, key } = posted;
  const values = typedOver(cancelFields(store), new Map(), form);
  const again = (status: number, told?: Told): Next => ({ status, frame: cancelForm(store, values, told) });
  if (form.get("step") === "change") return again(200);
  const missing = missingIn(values);
  if (missing.size > 0) return again(400, { missing });
  const orderId = values.get("order_id") ?? "";
  try {
    if (form.get("step") === "cancel") {
      const reason = cleanLine(values.get("reason") ?? "", REASON_CHARS_MAX);
      return { to: leadsTo(await relay.cancelOrder(store.name, orderId, { reason }, by, key)) };
    }
    return { status: 200, frame: confirmCancel(store, await relay.lookUp(store.name, orderId), values) };
  } catch (error) {
    const refusal = refusalOf(error);
    return again(refusal.status, { refusal });
  }
}

function leadsTo({ delivery_id, webhook_id, result, status }: CancelResult): string {
  const done = cancelledWord(result, status);
  return delivery_id === null ? `/webhooks/${webhook_id}` : `/deliveries/${delivery_id}?done=${done}`;
}

function missingIn(values: Values): Map<string, string> {
  const missing = new Map<string, string>();
  const orderId = values.get("order_id") ?? "";
  const reason = values.get("reason") ?? "";
  if (orderId === "") missing.set("order_id", "is missing");
  if (orderId.length > ORDER_ID_CHARS_MAX) missing.set("order_id", "is too long");
  if (cleanLine(reason) === "") missing.set("reason", "say in a few words why it is cancelled");
  if (reason.length > REASON_CHARS_MAX) missing.set("reason", `has more than ${REASON_CHARS_MAX} characters`);
  return missing;
}

function noApi({ name }: StoreSettings): Frame {
  const title = `Cancel an order of ${name}`;
  const body = html`<p class="crumbs muted"><a href="/stores/${name}">${name}</a></p>
    <div class="form-page">
      <h1>${title}</h1>
      <p>
        The relay cannot ask this store: it has no address and token of the store's API.
        <a href="/stores/${name}/edit#f-api-url">Set them</a> first.
      </p>
    </div>`;
  return { title, section: "/stores-and-printers", body };
}
