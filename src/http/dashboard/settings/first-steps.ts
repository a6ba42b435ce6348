import type { PrinterJson } from "../../../answers/schemas.ts";
import type { StoreJson } from "../../../answers/store-schemas.ts";
import type { Role } from "../../sessions.ts";
import { html, raw, type Html } from "../html.ts";

interface Step {
  name: string;
  told: string;
  done: boolean;
  link: { to: string; words: string };
}

/** From an empty ledger to the first slip; gone once a store's webhook has come. */
export function firstSteps(
  printers: readonly PrinterJson[],
  stores: readonly StoreJson[],
  role: Role,
): Html | null {
  if (stores.some(({ last_webhook_at }) => last_webhook_at !== null)) return null;
  const [printer, store] = [printers[0], stores[0]];
  const steps = stepsOf(printer, store);
  const current = steps.findIndex(({ done }) => !done);
  return html`<p>Four steps to the first slip:</p>
    <ol class="path">
      ${steps.map(
        ({ name, told, done, link }, index) =>
          html`<li class="${done ? "done" : "open"}" ${index === current && raw('aria-current="step"')}>
            <p>
              <b>${name}</b>${done && html`<span class="hidden"> (done)</span>`}<br /><span class="muted"
                >${told}</span
              >
            </p>
            ${
              role === "admin" &&
              (index === current || (store !== undefined && !done)) &&
              html`<a class="button ${index === current && "strong"}" href="${link.to}">${link.words}</a>`
            }
          </li>`,
      )}
    </ol>`;
}

function stepsOf(printer: PrinterJson | undefined, store: StoreJson | undefined): Step[] {
  const storePage = `/stores/${store?.name ?? ""}`;
  return [
    {
      name: "Add a printer",
      told: "Its API key is in the Goodcom account.",
      done: printer !== undefined,
      link: { to: "/add-printer", words: "Add a printer" },
    },
    {
      name: "Add a store",
      told: "SHOPLINE, Shoplazza or FastPOD; it prints on the printer.",
      done: store !== undefined,
      link: { to: "/add-store", words: "Add a store" },
    },
    {
      name: "Paste the address into the shop's admin",
      told: "Every store has its own, with the steps for its platform. Done when the first webhook comes.",
      done: false,
      link: { to: storePage, words: "The address" },
    },
    {
      name: "Send a test",
      told: "On the store's page: a sample cancellation goes the whole way to paper, marked TEST.",
      done: false,
      link: { to: storePage, words: "To the store" },
    },
  ];
}
