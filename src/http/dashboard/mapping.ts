import { RelayError } from "../../core/errors.ts";
import { whyNoBody } from "../../core/webhook.ts";
import type { DeliveryDetail, WebhookWithBody } from "../../ledger/ledger.ts";
import type { HttpDeps } from "../deps.ts";
import { html, type Html } from "./html.ts";
import { codeBlock, copyButton } from "./layout.ts";
import { indented } from "./indented.ts";
import { sentence } from "../../answers/verdict.ts";

type Deps = Pick<HttpDeps, "relay" | "compose" | "ledger" | "settings" | "goodcom_url">;

/** What the store sent beside what Goodcom is sent of it. What cannot be drawn must not take the page with it. */
export async function mapping(
  deps: Deps,
  { delivery }: DeliveryDetail,
  raw: WebhookWithBody | null,
): Promise<Html> {
  return html`<h2>From the store's words to the printer's</h2>
    <div class="beside">${raw !== null && asItCame(raw)} ${await asItGoes(deps, delivery.id)}</div>`;
}

function asItCame(webhook: WebhookWithBody): Html {
  const { id, body, origin } = webhook;
  const isWebhook = origin === "webhook";
  return html`<details id="came">
    <summary>
      ${isWebhook ? "The webhook, as the store sent it" : "The order, as the store's API told it"}
    </summary>
    ${
      body === null
        ? html`<p class="muted">${sentence(whyNoBody(webhook))}</p>`
        : codeBlock(
            indented(body.toString("utf8")),
            isWebhook ? "The webhook's body" : "The order",
            "came-body",
          )
    }
    <p class="muted">
      <a class="alone" href="/webhooks/${id}">${isWebhook ? "Its headers and all of it" : "All of it"}</a>
    </p>
  </details>`;
}

async function asItGoes({ relay, compose }: Deps, id: string): Promise<Html> {
  try {
    const { ticket, marks, printer } = await relay.slipOf(id);
    const { order_json, order_txt } = compose(ticket, marks, printer);
    return html`<details id="goes-json">
        <summary>order_json, as Goodcom gets it</summary>
        ${codeBlock(JSON.stringify(order_json, null, 2), "order_json", "order-json")}
      </details>
      <details id="goes-txt">
        <summary>order_txt, as Goodcom gets it</summary>
        ${codeBlock(order_txt === "" ? "(empty: order_txt is off for this printer)" : order_txt, "order_txt")}
      </details>`;
  } catch (error) {
    if (error instanceof RelayError && error.code === "ledger_unavailable") throw error;
    return html`<p class="muted">
      What Goodcom would be sent cannot be shown: the ticket cannot be laid out.
    </p>`;
  }
}

/** The latest attempt as a command for a terminal, secrets masked: to be shown to Goodcom's support, or filled in. */
export function curlOf({ settings, goodcom_url }: Deps, { delivery, attempts }: DeliveryDetail): Html | null {
  const sent = attempts.findLast(({ kind, request }) => kind === "send" && request !== null);
  if (sent === undefined || sent.request === null) return null;
  const configured = settings().printers.find(({ name }) => name === delivery.printer)?.endpoint;
  const endpoint = delivery.endpoint ?? (configured === "submitorder" ? "submitorder" : "cancelorder");
  const command = [
    `curl -sS -X POST ${quoted(`${goodcom_url}/v1/api/${endpoint}`)}`,
    `  -H ${quoted("Content-Type: application/json")}`,
    `  -H ${quoted(`Idempotency-Key: ${delivery.id}`)}`,
    `  --data-raw ${quoted(sent.request)}`,
  ].join(" \\\n");
  return html`<details id="curl">
    <summary>The latest attempt as curl, secrets masked</summary>
    ${codeBlock(command, "The latest attempt as a curl command", "curl-command")}
    ${copyButton("curl-command", "Copy as curl")}
    <p class="muted">api_key, sign and the callback's token stand as ***: it runs once they are filled in.</p>
  </details>`;
}

/** For a POSIX shell: nothing within single quotes means anything. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
