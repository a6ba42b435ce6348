import { ACTOR_NAME_CHARS_MAX } from "../../core/actor.ts";
import { html } from "./html.ts";
import type { Frame } from "./visit.ts";

export function signInPage(next: string, refusal: string | null): Frame {
  const body = html`<form class="sign-in" method="post" action="/sign-in">
    <h1>Cancellation relay</h1>
    <input
      class="hidden"
      name="username"
      value="operator"
      autocomplete="username"
      tabindex="-1"
      aria-hidden="true"
    />
    <label for="token">Operators' token</label>
    <input
      id="token"
      name="token"
      type="password"
      required
      autofocus
      maxlength="500"
      autocomplete="current-password"
      aria-describedby="hint"
    />
    <label for="name">Your name (optional): your acts are written down with it</label>
    <input id="name" name="name" maxlength="${ACTOR_NAME_CHARS_MAX}" autocomplete="nickname" />
    <input type="hidden" name="next" value="${next}" />
    ${refusal !== null && html`<p class="warning" role="alert">${refusal}</p>`}
    <button class="strong">Sign in</button>
    <p id="hint" class="muted">
      RELAY_ADMIN_TOKEN, or RELAY_VIEWER_TOKEN to read only. Lost: look at the relay's settings.
    </p>
  </form>`;
  return { title: "Sign in", body };
}

/**
 * A link from a chat or a mail opens without the session's cookie (SameSite=Strict). This page asks for the same
 * address once more, from here: then the browser sends it.
 */
export function samePageAgain(address: string): Frame {
  const body = html`<p><a href="${address}">Open the page</a></p>`;
  return { title: "Opening", refreshS: 0, body };
}

/** Visible ASCII, with which every address in a browser comes; `//` and a backslash lead to another host. */
const OWN_ADDRESS = /^\/(?!\/)[!-[\]-~]*$/;

/** Only a page of our own is gone back to after signing in. */
export function ownAddress(address: string | null | undefined): string {
  return address !== null && address !== undefined && OWN_ADDRESS.test(address) ? address : "/";
}
