import { hadLastTry, isHeld, REFUSED } from "../core/decide.ts";
import type { Delivery } from "../core/delivery.ts";
import { isDamagedTicket } from "../core/ticket.ts";
import { MINUTE_MS, SECOND_MS } from "../core/time.ts";
import { agoText, clockText, spanText, type Viewpoint } from "./moments.ts";
import { inPlaceOf, isMissing, isOnItsWay, slipName } from "./other-slips.ts";

/** How a state looks: all is well, it goes on by itself, a person is needed, nothing to see. */
export type Tone = "good" | "wait" | "bad" | "off";

/** The operator's question, "did it print, and if not, why?", answered in words. */
export interface Verdict {
  tone: Tone;
  /** Two or three words. */
  answer: string;
  /** What is known, with times. */
  why: string;
  /** What a person should do now; null: nothing. */
  advice: string | null;
}

const DAMAGED =
  "Its ticket is damaged in the ledger: the slip says which order is cancelled, and no more. Its webhook or the store has the rest.";

/** @param others slips of the same order */
export function verdictOf(
  delivery: Delivery,
  viewpoint: Viewpoint,
  others: readonly Delivery[] = [],
): Verdict {
  const own = ownVerdict(delivery, viewpoint);
  const other = isMissing(delivery) ? inPlaceOf(delivery, others) : null;
  const told = other === null ? own : besideOther(own, delivery, other, viewpoint);
  const isStuck = viewpoint.gone === true && delivery.state === "pending";
  // Of what no service could send either, nothing is to be waited for.
  const verdict = viewpoint.unserved === true && !isStuck ? whileUnserved(told, delivery) : told;
  return isDamagedTicket(delivery.ticket) ? { ...verdict, why: `${verdict.why} ${DAMAGED}` } : verdict;
}

const BY_HAND = "Tell the kitchen by hand if it cannot wait.";
const START = "Start the relay: no service is running on this ledger, and nothing goes on without one.";

/** Nothing of "it goes on by itself" holds. */
function whileUnserved(told: Verdict, delivery: Delivery): Verdict {
  const waits = told.tone === "wait" || (isOnItsWay(delivery) && delivery.attention !== "unconfirmed");
  if (!waits) return told;
  return { ...told, advice: told.advice?.startsWith(BY_HAND) === true ? `${BY_HAND} ${START}` : START };
}

/** The kitchen has its slip, or gets it: nobody need do anything about this one. */
function besideOther(own: Verdict, { state }: Delivery, other: Delivery, viewpoint: Viewpoint): Verdict {
  const answer = `${own.answer} itself`;
  const name = slipName(other);
  if (other.state !== "printed") return wait(answer, `${sentence(`${name} is on its way`)} ${own.why}`);
  const at = other.printed_at === null ? "" : ` at ${clockText(other.printed_at, viewpoint)}`;
  // What still waits goes out all the same.
  const tone = state === "pending" ? "wait" : "off";
  return { tone, answer, why: `Printed as ${name}${at}. ${own.why}`, advice: null };
}

function ownVerdict(delivery: Delivery, viewpoint: Viewpoint): Verdict {
  switch (delivery.state) {
    case "verifying":
      return verifying(delivery, viewpoint);
    case "pending":
      if (viewpoint.gone === true) return withoutPrinter(delivery);
      return isHeld(delivery) ? held(delivery) : pending(delivery, viewpoint);
    case "sending":
      return sending(delivery, viewpoint);
    case "accepted":
      return accepted(delivery, viewpoint);
    case "printed":
      return { tone: "good", answer: "Printed", why: printedWhy(delivery, viewpoint), advice: null };
    case "rejected":
      return bad(
        "Refused by staff",
        sentence(delivery.last_error ?? REFUSED),
        `${rejectedBy(delivery)} Ask the kitchen whether they know of the cancellation.`,
      );
    case "dead":
      return bad(
        repeatable(delivery, "Did not print"),
        sentence(delivery.last_error ?? "given up"),
        "Tell the kitchen by hand. Mend the cause, then redrive.",
      );
    case "void":
      return {
        tone: "off",
        // The API may know no such order, or it is cancelled and the store's settings print none like it.
        answer: "No slip due",
        why: sentence(delivery.last_error ?? "the store's API says that the order is not cancelled"),
        advice: UNKNOWN_THERE.test(delivery.last_error ?? "") ? LOOK_THERE : null,
      };
  }
}

/** The API knows no such order, and a webhook called it cancelled: most likely it is asked about another account. */
const UNKNOWN_THERE = /\bAPI answered 404\b|\bhas no such order\b/;
const LOOK_THERE =
  "Has the shop this order? Then tell the kitchen by hand: the store's api.token is of another account. Apply the right one, then `relay reconcile`.";

/** Of the order or of the slip: the bare word does not tell. */
function rejectedBy({ last_error }: Delivery): string {
  return /: (?:order[ _-])?(?:cancell?ed|(?:订单|訂單)?已?取消)$/i.test(last_error ?? "")
    ? "The printer called it cancelled: that is a refusal, or its yes to the cancellation."
    : "Somebody pressed reject on the printer.";
}

function sending(delivery: Delivery, { unserved }: Viewpoint): Verdict {
  const attempt = `Attempt ${delivery.attempt_count}`;
  if (unserved !== true) return wait(repeatable(delivery, "Being sent"), `${attempt} is under way.`);
  return wait(
    "May have printed",
    `${attempt} was under way when the relay ended, and nobody knows what came of it.`,
  );
}

function verifying(delivery: Delivery, viewpoint: Viewpoint): Verdict {
  const next = nextText(delivery, viewpoint, delivery.last_error === null ? "Asked" : "Asked again");
  if (delivery.attention !== "verify_failing") {
    return wait("Not sent yet", `The store's API is asked whether the order is cancelled. ${next}`);
  }
  return bad(
    "Did not print yet",
    // It may well answer, but not with what was asked.
    `The store's API has not said whether the order is cancelled. ${sentence(delivery.last_error ?? "")} ${next}`,
    `${BY_HAND} Check the store's api settings with \`relay doctor\`.`,
  );
}

function held(delivery: Delivery): Verdict {
  return bad(
    "May have printed",
    // Not all of them need have reached the cloud.
    `Tried ${delivery.attempt_count} times, and nobody knows whether it printed. ${sentence(delivery.last_error ?? "")}`,
    hadLastTry(delivery)
      ? "Look at the printer. No slip? Redrive: it goes out no more by itself."
      : "Look at the printer. No slip? Redrive. It also goes out once more when Goodcom works again.",
  );
}

/** As long as nobody sets it up again, it neither goes on by itself nor can be redriven. */
function withoutPrinter(delivery: Delivery): Verdict {
  const { printer, attempt_count } = delivery;
  return bad(
    repeatable(delivery, attempt_count === 0 ? "Not sent yet" : "Did not print yet"),
    `Printer ${printer} is not set up any more: nothing can be sent to it.`,
    `Tell the kitchen by hand. It goes out when a printer ${printer} is set up again.`,
  );
}

/** Tried in vain for so long, food may be made meanwhile. In an outage nobody need wait and see. */
const LONG_MS = 2 * MINUTE_MS;
/** Due for so long, something is in its way: a relay at rest sends what is due within a second. */
const OVERDUE_MS = MINUTE_MS;

function whyOverdue({ unserved, away }: Viewpoint): string {
  if (unserved === true) return "no relay is running to send it";
  return `the printer cloud takes no orders${away === true ? "" : ", or many go before it"}`;
}

function pending(delivery: Delivery, viewpoint: Viewpoint): Verdict {
  const { next_attempt_at: at, attempt_count, last_error } = delivery;
  const waitedMs = at === null ? -1 : viewpoint.now - at;
  if (at !== null && waitedMs >= (viewpoint.away === true ? 0 : OVERDUE_MS)) {
    const last = attempt_count === 0 ? "" : ` Last: ${sentence(last_error ?? "no answer")}`;
    const cause = whyOverdue(viewpoint);
    return bad(
      repeatable(delivery, attempt_count === 0 ? "Not sent yet" : "Did not print yet"),
      `It was due ${agoText(at, viewpoint)} and waits: ${cause}.${last}`,
      `${BY_HAND} It goes out by itself; the page Now says what is wrong.`,
    );
  }
  if (delivery.attempt_count === 0) return wait("Not sent yet", nextText(delivery, viewpoint, "Goes out"));
  const next = nextText(delivery, viewpoint, `Attempt ${delivery.attempt_count + 1}`);
  return wait(
    repeatable(delivery, "Did not print yet"),
    `${next} Last: ${sentence(delivery.last_error ?? "no answer")}`,
    viewpoint.away === true || viewpoint.now - delivery.created_at >= LONG_MS
      ? `${BY_HAND} It is tried again by itself.`
      : null,
  );
}

function accepted(delivery: Delivery, viewpoint: Viewpoint): Verdict {
  const { accepted_at, confirm_by } = delivery;
  const since =
    accepted_at === null
      ? "Goodcom took it"
      : `Goodcom took it at ${clockText(accepted_at, viewpoint)} (${agoText(accepted_at, viewpoint)})`;
  if (delivery.attention === "unconfirmed") {
    return bad(
      "Not confirmed",
      `${since}, and nobody has confirmed it at the printer.`,
      `Ask the kitchen, or look at printer ${delivery.printer}: power, paper, network. A reprint gives a second slip.`,
    );
  }
  const until = confirm_by === null ? "time" : `until ${clockText(confirm_by, viewpoint)}`;
  const has = confirm_by !== null && confirm_by < viewpoint.now ? "had" : "has";
  return wait("Sent, not confirmed", `${since}. The printer ${has} ${until} to confirm.`);
}

function printedWhy({ printed_at, created_at }: Delivery, viewpoint: Viewpoint): string {
  if (printed_at === null) return "The printer confirmed.";
  const at = clockText(printed_at, viewpoint);
  return `Confirmed at ${at}, ${spanText(printed_at - created_at)} after the relay heard of it.`;
}

/** So long after its time "now" is no longer true, whatever is in its way. */
const LATE_MS = 5 * SECOND_MS;

function nextText({ next_attempt_at: at }: Delivery, viewpoint: Viewpoint, what: string): string {
  if (at === null) return "";
  if (at > viewpoint.now) return `${what} ${agoText(at, viewpoint)}.`;
  if (viewpoint.now - at < LATE_MS) return `${what} now.`;
  return `${what} as soon as it can: it was due ${agoText(at, viewpoint)}.`;
}

/** Where an earlier attempt may have put out paper, "no" would be a lie. */
function repeatable(delivery: Delivery, otherwise: string): string {
  return delivery.may_be_repeat ? "May have printed" : otherwise;
}

function wait(answer: string, why: string, advice: string | null = null): Verdict {
  return { tone: "wait", answer, why, advice };
}

function bad(answer: string, why: string, advice: string): Verdict {
  return { tone: "bad", answer, why, advice };
}

/** With a capital and a full stop. */
export function sentence(text: string): string {
  if (text === "") return "";
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…。！？]$/.test(capital) ? capital : `${capital}.`;
}

/** Rows say the state in the contract's word; a held one waits in no other way than by name. */
export function stateWord(delivery: Delivery): string {
  if (isHeld(delivery)) return "held";
  return delivery.attention === "unconfirmed" ? "unconfirmed" : delivery.state;
}
