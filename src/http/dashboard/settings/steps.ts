import type { PlatformName } from "../../../core/cancellation.ts";
import type { StoreSettings } from "../../../core/settings.ts";
import { webhookAddress } from "../../../answers/json.ts";
import { html, type Html } from "../html.ts";
import type { DashboardDeps } from "../visit.ts";

/**
 * How a merchant registers the address, in the words of the platform's admin. Menus change and some are behind a
 * sign-in, so what could not be read in the vendor's own pages is said to be unverified.
 */
export function registerSteps(platform: PlatformName): Html {
  switch (platform) {
    case "shopline":
      return html`<ol class="steps">
          <li>
            In SHOPLINE's developer centre open your app and copy its <b>app secret</b>; the relay needs it to
            believe the webhooks.
          </li>
          <li>Create a webhook with the topic <code>orders/cancelled</code> and the address above.</li>
          <li>
            Cancel a test order in the shop: a slip comes out, and “Last webhook” here is no longer “never”.
          </li>
        </ol>
        <p class="muted">
          Resetting the app secret changes the key at once: rotate it here in the same minute. After 19 failed
          messages within 48 hours SHOPLINE deletes the webhook. Unverified: which secret signs the webhooks
          of a private app made in the shop's own admin; if they are refused, give that app's secret. Not the
          same product: shoplineapp.com.
        </p>`;
    case "shoplazza":
      return html`<ol class="steps">
          <li>
            In Shoplazza's partner centre open your app and copy its <b>Client Secret</b>; the relay needs it
            to believe the webhooks.
          </li>
          <li>
            Create a webhook with the topic <code>orders/cancelled</code> and the address above. It must be
            https.
          </li>
          <li>
            Cancel a test order in the shop: a slip comes out, and “Last webhook” here is no longer “never”.
          </li>
        </ol>
        <p class="muted">
          After 19 failed messages within two days Shoplazza deletes the webhook. Unverified: which key signs
          for a private app; if its webhooks are refused, add the store's access token as a further secret
          (rotate, and keep the old one).
        </p>`;
    case "fastpod":
      return html`<ol class="steps">
          <li>In FastPOD create an <b>API token</b> that reads orders; the relay asks before it prints.</li>
          <li>
            Register the address, with its token, as the webhook for order updates. Treat it like a password.
          </li>
          <li>Cancel an order: a slip comes out, and “Last webhook” here is no longer “never”.</li>
        </ol>
        <p class="muted">
          Unverified: FastPOD publishes neither where webhooks are registered nor what they look like; its
          documentation only lists that they can be. They are taken to be unsigned.
        </p>`;
  }
}

/** Selectable as it is; the page script un-hides the button and wires it. */
export function addressBox(id: string, address: string): Html {
  return html`<p class="address-box">
    <code class="address" id="${id}">${address}</code>
    <button type="button" class="copy" data-copy="#${id}" hidden>Copy</button>
  </p>`;
}

/** Where the platform sends its webhooks, as far as the relay knows it. */
export function addressOf(
  { public_url, unreachable }: Pick<DashboardDeps, "public_url" | "unreachable">,
  store: StoreSettings,
): Html {
  // A simulated shop on this machine reaches it, and a real one whose orders come by hand does not.
  const why = unreachable({ api: null });
  return html`${ownAddress(public_url, store)}
  ${why !== null && html`<p class="note">No shop can call this address: ${why}.</p>`}`;
}

function ownAddress(publicUrl: string, store: StoreSettings): Html {
  if (store.platform !== "fastpod") return addressBox("webhook-address", webhookAddress(publicUrl, store));
  return html`<p class="address-box"><code class="address">${webhookAddress(publicUrl, store)}</code></p>
    <p class="muted">
      The token at its end was shown once, when it was made: only its hash is kept. Lost?
      <a href="/stores/${store.name}/rotate">Make a new address</a>; the old one can stay valid for a while.
    </p>`;
}
