import { html, type Html } from "./html.ts";

interface SearchForm {
  /** The list that is searched. */
  action: string;
  label: string;
  placeholder: string;
  value: string;
  more: Html | null;
}

/** The operator's first question: one field for whatever is known of the order. */
export function findForm(value: string, more: Html | null): Html {
  return searchForm({
    action: "/deliveries",
    label: "Order, buyer, reason or delivery id",
    placeholder: "Order number, buyer or reason",
    value,
    more,
  });
}

export function searchForm({ action, label, placeholder, value, more }: SearchForm): Html {
  return html`<form class="search" method="get" action="${action}" role="search">
    <div class="find">
      <label class="hidden" for="q">${label}</label>
      <input
        id="q"
        name="q"
        type="search"
        value="${value}"
        placeholder="${placeholder}"
        maxlength="200"
        autocomplete="off"
        enterkeyhint="search"
      />
      <button>Find</button>
    </div>
    ${more}
  </form>`;
}
