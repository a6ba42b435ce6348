import { ALERT_KINDS } from "./alert.ts";

// What the relay itself says in a history, an error or an alert is of few kinds and tells nothing of anybody. What a
// cloud, a store or a person said stands behind it.

/** As patterns, without what may stand behind them. No part of one is long enough for a phone. */
const PHRASES = [
  ...["received", "replayed", "redriven", "reprint(?: \\d{1,3})?", "test slip"],
  "the cloud accepted it",
  "the cloud works again: one more try",
  "accepted by the cloud, but the printer has not confirmed",
  ...["the printer confirmed", "staff refused it at the printer", "refused at the printer"],
  ...["refused by the cloud", "the cloud does not know the order; goes to submitorder"],
  "out of time: no longer useful to the kitchen",
  "sent \\d{1,3} times, may have printed; held until (?:the cloud works|it is redriven)",
  "the relay stopped before the answer came",
  ...["no answer", "not sent", "HTTP \\d{3}"],
  "(?:SHOPLINE|Shoplazza|FastPOD)'s API answered(?: \\d{3})?",
  "the store's API (?:confirms the cancellation|says cancelled)",
  "another webhook for this order(?:: the store's API is asked again|, whose body is trusted)",
  "its webhook was replayed: nothing changed",
  "found by reconciliation: (?:no webhook had brought it|the store's API says cancelled now)",
  "cancelled at the store from here(?:: it was in the ledger already)?",
  "the clock was set back: it waits no longer for that",
  "the ledger was restored from a backup of [\\dTZ:.-]{20,24}: it may have printed since",
  "of before the ledger was restored, may have printed",
  "the buyer's data was erased",
];
const WHAT = Object.values(ALERT_KINDS)
  .map(({ what }) => RegExp.escape(what))
  .join("|");
/** A stop may stand between the digits of a phone: behind a phrase that ends in digits none is ours. */
const OURS = `(?:(?:${PHRASES.join("|")})(?:[:;] (?:last: )?|$)|(?:${WHAT})(?:[:;.] |$))`;
/** An alert names its order first, and a name is not ours. */
const ORDER_THEN_OURS = new RegExp(`^(?:(Order [^]*?: )(?=(?:${WHAT})(?:[:;.] |$)))?((?:${OURS})*)`, "i");

/**
 * Hides in what others said, and leaves our own words before it as they are: a buyer's "I don't want it" has the same
 * small words as we have.
 */
export function hideBehindOurWords(text: string, hide: (text: string) => string): string {
  const [found = "", order = "", ours = ""] = ORDER_THEN_OURS.exec(text) ?? [];
  return hide(order) + ours + hide(text.slice(found.length));
}
