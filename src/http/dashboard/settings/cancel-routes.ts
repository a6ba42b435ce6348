import { cancelOrderSchema, isOrderId } from "../../../core/cancel-order.ts";
import type { StoreSettings } from "../../../core/settings.ts";
import type { CancelResult } from "../../../stores/store-acts.ts";
import { html } from "../html.ts";
import type { DashboardDeps, Frame } from "../visit.ts";
import { cancelFields, cancelForm, confirmCancel, type Step, type Told } from "./cancel-page.ts";
import { storeOf } from "./lookup.ts";
import type { Mount, Next, Posted } from "./mount.ts";
import { cancelledWord } from "./notices.ts";
import { readBy, typedOver } from "./read.ts";
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
  const fields = cancelFields(store);
  const values = typedOver(fields, new Map(), form);
  const again = (status: number, told?: Told): Next => ({ status, frame: cancelForm(store, values, told) });
  if (form.get("step") === ("change" satisfies Step)) return again(200);
  const orderId = values.get("order_id") ?? "";
  const read = readBy(cancelOrderSchema, { reason: values.get("reason") }, fields);
  const problems = new Map([...orderIdProblem(orderId), ...(read.ok ? [] : read.problems)]);
  if (!read.ok || problems.size > 0) return again(400, { problems });
  try {
    if (form.get("step") === ("cancel" satisfies Step)) {
      return { to: leadsTo(await relay.cancelOrder(store.name, orderId, read.value, by, key)) };
    }
    return { status: 200, frame: confirmCancel(store, await relay.lookUp(store.name, orderId), values) };
  } catch (error) {
    const refusal = refusalOf(error);
    return again(refusal.status, { refusal });
  }
}

function leadsTo({ delivery_id, webhook_id, result, status }: CancelResult): string {
  const done = cancelledWord(result, status);
  return `${delivery_id === null ? `/webhooks/${webhook_id}` : `/deliveries/${delivery_id}`}?done=${done}`;
}

function orderIdProblem(orderId: string): [string, string][] {
  if (isOrderId(orderId)) return [];
  return [["order_id", orderId === "" ? "is missing" : "is no id that a store gives"]];
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
