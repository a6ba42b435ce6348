import { HIDDEN } from "../../core/buyer.ts";
import type { JsonObject } from "../../core/json.ts";
import { retryAfterMs } from "../../core/retry-after.ts";
import { cleanLine, textOf } from "../../core/text.ts";
import type { UnixMs } from "../../core/time.ts";
import { rootOf } from "../body.ts";
import type { ApiFailure, ApiFailureReason } from "../store-api.ts";

/** What one platform's API is known by. */
export interface ApiVendor {
  /** As people write it. */
  product: string;
  /** What a token needs, by what is asked; null: the platform knows no scopes. */
  scopes: { read: string; write: string } | null;
  /** Whether a 400 with these words means that the token is not taken. */
  refusesTokenWith?: RegExp;
  /** Answer header by which the vendor finds a question again. */
  traceHeader?: string;
}

export interface Heard {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** What was asked, as far as it decides what an answer means. */
export interface Asked {
  store: string;
  token: string;
  /** The question's address: what stands in it is known. */
  about: string;
  /** Whether the question changes something: then an answer that does not come means that it may have. */
  changes: boolean;
  /** Whether it is about webhooks: they need the scope of what they tell, not one of their own. */
  aboutWebhooks: boolean;
}

const WORDS_CHARS_MAX = 300;

/**
 * Reads an answer that is no success.
 * @returns why not, with the store's own words where it has said any in its own form
 */
export function failureOf(
  vendor: ApiVendor,
  { status, headers, body }: Heard,
  asked: Asked,
  now: UnixMs,
): ApiFailure {
  const root = rootOf(body);
  const words = root === null ? null : wordsIn(root, asked);
  const trace =
    vendor.traceHeader === undefined
      ? null
      : textOf(withoutToken(headers[vendor.traceHeader], asked.token), TRACE_CHARS_MAX);
  const said =
    `${vendor.product}'s API answered ${status}` +
    (words === null ? "" : `: ${words}`) +
    (trace === null ? "" : ` (${vendor.traceHeader} ${trace})`);
  const retry = retryAfterMs(headers["retry-after"], now);
  const failed = (why: ApiFailureReason, detail: string): ApiFailure => ({
    ...{ kind: "failed", why, detail, http_status: status },
    ...(words !== null && { words }),
    retry_after_ms: why === "unavailable" ? retry : null,
  });

  const isUnauthorized = status === 400 && vendor.refusesTokenWith?.test(words ?? "") === true;
  if (status === 401 || isUnauthorized) {
    return failed(
      "unauthorized",
      `${said}; the api.token of store ${asked.store} is not accepted: make a new one and apply`,
    );
  }
  if (status === 403) return failed("forbidden", `${said}; ${scopeAdvice(vendor, asked)}`);
  if (status >= 300 && status < 400) {
    return failed("nonsense", `${said}, a redirect: check the api.url of store ${asked.store}`);
  }
  if (status === 408 || status === 429 || status === 503) return failed("unavailable", said);
  if (status >= 500) return failed(asked.changes ? "unknown" : "unavailable", said);
  // A wrong api.url finds nothing either, and says so in HTML, or of its routes: that must not void a real cancellation.
  if (root === null || (status === 404 && !asked.aboutWebhooks && NO_ROUTE.test(words ?? ""))) {
    return failed(
      "nonsense",
      `${said}, and not as ${vendor.product} does: check the api.url of store ${asked.store}`,
    );
  }
  return failed(status === 404 ? "not_found" : "refused", said);
}
const TRACE_CHARS_MAX = 64;
/**
 * "The route v1/v1/orders could not be found.", "no Route matched with those values": the path is not known, whatever
 * the order. Of webhooks it is an answer: nobody has published all their paths.
 */
const NO_ROUTE = /\broute\b/i;

function scopeAdvice({ scopes, product }: ApiVendor, { store, changes, aboutWebhooks }: Asked): string {
  if (scopes === null)
    return `the api.token of store ${store} may not do this: give it one from ${product} that may`;
  const scope = changes && !aboutWebhooks ? scopes.write : scopes.read;
  return `the api.token of store ${store} lacks a scope, most likely ${scope}: grant it to the app, make a new token and apply`;
}

const WORD_KEYS = ["errors", "error", "message", "msg"];

/**
 * The words of an error: a text, a list of texts, or texts by the field they are about.
 * @returns one clean line without the token, and without what is written like an e-mail or a phone; null: there are none
 */
export function wordsIn(root: JsonObject, { token, about }: Pick<Asked, "token" | "about">): string | null {
  const texts = WORD_KEYS.flatMap((key) => textsIn(root[key], 0));
  if (texts.length === 0) return null;
  const words = withoutToken([...new Set(texts)].join("; "), token);
  const line = cleanLine(withoutContacts(words, about), WORDS_CHARS_MAX);
  return line === "" ? null : line;
}

const EMAIL = /[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}.-]{1,190}/gu;
/** Of 7 digits to the 15 that a number has at most (ITU-T E.164), as people separate them. */
const PHONE_LIKE = /(?<![\w.,#-])\+?\(?\d(?:[\s().\-/]{0,3}\d){6,14}(?!\w)/g;
const MOMENT = /^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|^\d{1,3}(?:\.\d{1,3}){3}$/;

/** A store's words may be about anybody; whoever it is, the question's own numbers (an order's) are not theirs. */
function withoutContacts(words: string, about: string): string {
  return words
    .replace(EMAIL, HIDDEN)
    .replace(PHONE_LIKE, (found) => (about.includes(found) || MOMENT.test(found) ? found : HIDDEN));
}

/** Cleaned before it is looked through: what is invisible in a text must not hide the token in it, nor a cut half of it. */
function withoutToken(value: unknown, token: string): string {
  const text = typeof value === "string" ? cleanLine(value, TEXT_CHARS_MAX) : "";
  return text
    .replaceAll(token, "***")
    .replaceAll(encodeURIComponent(token), "***")
    .replace(PATH_TOKEN, "$1***");
}
/** The end of the address that FastPOD calls opens the store's door, and its API may repeat which ones it knows. */
const PATH_TOKEN = /(fastpod(?:\\*\/|%2F)[^\s/\\%"]{1,64}(?:\\*\/|%2F))[\w.~%-]+/gi;
/** Far more than is shown, so that a token which is cut here is not shown in part. */
const TEXT_CHARS_MAX = 20_000;

function textsIn(value: unknown, depth: number): string[] {
  if (typeof value === "string") return value.trim() === "" ? [] : [value];
  if (typeof value !== "object" || value === null || depth === TEXTS_DEPTH_MAX) return [];
  return Object.values(value)
    .slice(0, TEXTS_MAX)
    .flatMap((one) => textsIn(one, depth + 1));
}
const TEXTS_DEPTH_MAX = 3;
const TEXTS_MAX = 10;
