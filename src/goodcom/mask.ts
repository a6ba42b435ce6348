import { cleanLine } from "../core/text.ts";
import type { CancelOrderBody, SendRequest } from "./api.ts";

/** What stands in a secret's place. */
const MASK = "***";

/** A secret shorter than this is no secret, and replacing it would spoil every text. */
const HIDDEN_CHARS_MIN = 4;

/** The body as the ledger keeps it: key, sign and the callback's token masked, the rest as it was sent. */
export function maskedBody(body: CancelOrderBody): string {
  return JSON.stringify({
    ...body,
    api_key: body.api_key.length > 6 ? `${body.api_key.slice(0, 2)}${MASK}` : MASK,
    sign: body.sign === "" ? "" : MASK,
    callback_url: maskedCallback(body.callback_url),
  } satisfies CancelOrderBody);
}

/** The token is the last part of the path (`/callbacks/goodcom/{delivery}/{token}`). */
function maskedCallback(address: string): string {
  return address.replace(/[?#].*$/, "").replace(/[^/]+$/, MASK);
}

/**
 * Takes one request's secrets out of any text, also as JSON or a URL writes them: clouds echo what they refuse.
 * @param body as it was sent
 */
export function hiderOf(body: CancelOrderBody, printer: SendRequest["printer"]): (text: string) => string {
  const token = /[^/]+$/.exec(body.callback_url.replace(/[?#].*$/, ""))?.[0] ?? "";
  const secrets = [body.callback_url, body.api_key, body.sign, printer.secret_key, token]
    .flatMap((secret) => [secret, encodeURIComponent(secret), inJson(secret), slashed(inJson(secret))])
    .filter((secret) => secret.length >= HIDDEN_CHARS_MIN)
    .toSorted((a, b) => b.length - a.length);
  // What is not seen goes first: it would part a secret for this, and be gone where people read it.
  return (text) =>
    secrets.reduce(
      (rest, secret) => rest.replaceAll(secret, MASK),
      cleanLine(text, Math.max(1, text.length)),
    );
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

// PHP writes `/` as `\/` in JSON.
function slashed(text: string): string {
  return text.replaceAll("/", "\\/");
}
