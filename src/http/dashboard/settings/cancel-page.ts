import { ORDER_ID_CHARS_MAX, type PlatformName } from "../../../core/cancellation.ts";
import { CANCEL_REASON_CHARS_MAX } from "../../../core/cancel-order.ts";
import type { StoreSettings } from "../../../core/settings.ts";
import type { OrderSummary } from "../../../stores/store-acts.ts";
import { html, type Html } from "../html.ts";
import { idempotencyField } from "../idempotency.ts";
import { badge, factList } from "../layout.ts";
import type { Frame } from "../visit.ts";
import type { Field, Problems, Values } from "./form.ts";
import { formPage } from "./form-pages.ts";
import type { Refusal } from "./refusal.ts";
import { PLATFORM_TITLES } from "./store-fields.ts";

/** Which step the form asks for next; none: the look at the order. */
export type Step = "change" | "cancel";

const IDS: Readonly<Record<PlatformName, string>> = {
  shopline: "The number that people read, such as #1001, or SHOPLINE's own id, a long number.",
  shoplazza: "The number that people read, or Shoplazza's own id, such as 11218-00000001.",
  fastpod: "FastPOD's own id, such as FAS105-111423-000006; not the reference.",
};

export function cancelFields({ platform }: StoreSettings): Field[] {
  const title = PLATFORM_TITLES[platform];
  return [
    {
      name: "order_id",
      label: platform === "fastpod" ? "Order id" : "Order",
      hint: IDS[platform],
      control: { kind: "text", charsMax: ORDER_ID_CHARS_MAX },
    },
    {
      name: "reason",
      label: "Reason",
      hint:
        platform === "fastpod"
          ? `It is printed. ${title} takes none.`
          : `It is printed, and ${title} is told.`,
      control: { kind: "text", charsMax: CANCEL_REASON_CHARS_MAX },
    },
  ];
}

/** What is wrong, by field; or what the store said. */
export type Told = { problems: Problems } | { refusal: Refusal };

export function cancelForm(store: StoreSettings, values: Values, told?: Told): Frame {
  const { name, printer } = store;
  const problems = told === undefined ? new Map<string, string>() : problemsOf(told);
  return formPage({
    title: `Cancel an order of ${name}`,
    lead: html`<p>
        The whole order is cancelled at the store, and its slip prints on
        <a href="/printers/${printer}">${printer}</a> at once. First you see the order.
      </p>
      <p class="muted">${money(store)}</p>`,
    action: `/stores/${name}/cancel`,
    fields: cancelFields(store),
    values,
    problems,
    refused: told !== undefined && "refusal" in told ? told.refusal.heading : "Not looked up yet",
    hidden: {},
    button: "Show the order",
    cancel: `/stores/${name}`,
    leave: `Back to ${name}`,
  });
}

function problemsOf(told: Told): Problems {
  return "problems" in told ? told.problems : new Map([["", told.refusal.words]]);
}

function money({ platform }: StoreSettings): string {
  const refund = "The store is told nothing of money: see to a refund there.";
  return platform === "shopline"
    ? `${refund} The goods go back into stock, and SHOPLINE does not write to the buyer.`
    : refund;
}

/** The order as the store has it, for somebody to say: yes, this one. */
export function confirmCancel(store: StoreSettings, order: OrderSummary, values: Values): Frame {
  const { order_name, cancelled, items, total } = order;
  const action = `/stores/${store.name}/cancel`;
  const title = cancelled ? `Order ${order_name} is cancelled already` : `Cancel order ${order_name}?`;
  const body = html`<p class="crumbs muted"><a href="/stores/${store.name}">${store.name}</a></p>
    <div class="form-page">
      <h1>${title}</h1>
      <p>
        ${
          cancelled
            ? "The store has it cancelled. Its slip prints if it never did; nothing prints twice."
            : `So ${PLATFORM_TITLES[store.platform]} has it now. Cancelling cannot be taken back from here.`
        }
      </p>
      ${factList([
        [
          "Order",
          html`<b>${order_name}</b> ${cancelled ? badge("bad", "cancelled") : badge("good", "open")}`,
        ],
        ["Order id", html`<code>${order.order_id}</code>`],
        ["Items", itemList(items)],
        ["Total", total],
        ["Reason", values.get("reason")],
        ["Prints on", store.printer],
      ])}
      <form class="act" method="post" action="${action}">
        ${idempotencyField()} ${carried("cancel", new Map([...values, ["order_id", order.order_id]]))}
        ${cancelled ? html`<button class="strong">Print its slip</button>` : CANCEL_BUTTON}
      </form>
      <form class="act" method="post" action="${action}">
        ${carried("change", values)}
        <button>Back: another order or reason</button>
      </form>
    </div>`;
  return { title, section: "/stores-and-printers", body };
}

function itemList(items: readonly string[]): Html | string {
  if (items.length === 0) return "none told";
  return html`<ul class="plain">
    ${items.map((item) => html`<li>${item}</li>`)}
  </ul>`;
}

function carried(step: Step, values: Values): Html {
  return html`<input type="hidden" name="step" value="${step}" />
    <input type="hidden" name="order_id" value="${values.get("order_id") ?? ""}" />
    <input type="hidden" name="reason" value="${values.get("reason") ?? ""}" />`;
}

const CANCEL_BUTTON = html`<button class="danger">Cancel it at the store and print</button>`;
