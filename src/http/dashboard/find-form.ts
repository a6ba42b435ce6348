import { html, type Html } from "./html.ts";

/** The operator's first question: one field for whatever is known of the order. */
export function findForm(value: string, more: Html | null): Html {
  return html`<form class="search" method="get" action="/deliveries" role="search">
    <div class="find">
      <label class="hidden" for="q">Order, buyer, reason or delivery id</label>
      <input
        id="q"
        name="q"
        type="search"
        value="${value}"
        placeholder="Order number, buyer or reason"
        maxlength="200"
        autocomplete="off"
        enterkeyhint="search"
      />
      <button>Find</button>
    </div>
    ${more}
  </form>`;
}
