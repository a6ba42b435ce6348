import type { PublicAddress } from "../../../core/public-address.ts";
import type { WebhookStatus } from "../../../core/webhook.ts";
import type { CancelResult, ReconcileResult, SubscribeResult } from "../../../stores/store-acts.ts";
import { html, type Html } from "../html.ts";

/** The words that the addresses of those pages end with. */
export function subscribedWord(result: SubscribeResult["result"]): string {
  return `subscription-${result}`;
}

export function reconciledWord({ listed, found, quarantined }: ReconcileResult): string {
  return `fetched-${listed}-${found}-${quarantined}`;
}

const NOTICES: Readonly<Record<string, string>> = {
  saved: "Saved. The relay works with it from now on.",
  added: "Added. The relay works with it from now on.",
  rotated: "The new secret verifies from now on.",
  removed: "Removed.",
  [subscribedWord("created")]:
    "Subscribed: the store calls this relay from now on. What was cancelled before is fetched, not sent.",
  [subscribedWord("repaired")]:
    "Repaired: the store called another address, and calls this relay from now on.",
  [subscribedWord("existing")]: "The subscription is in place.",
};

/** Every object has a `constructor`, which is no notice. */
export function noticeIn(notices: Readonly<Record<string, string>>, done: string): string | undefined {
  return Object.hasOwn(notices, done) ? notices[done] : undefined;
}

/** What was just done, told on the page after it. */
export function noticeOf(done: string | null): Html | null {
  const notice = done === null ? undefined : (noticeIn(NOTICES, done) ?? reconciledNotice(done));
  return notice === undefined ? null : html`<p class="notice" role="status">${notice}</p>`;
}

function reconciledNotice(done: string): string | undefined {
  const match = /^fetched-(\d{1,9})-(\d{1,9})-(\d{1,9})$/.exec(done);
  if (match === null) return undefined;
  const [listed, found, quarantined] = match.slice(1).map(Number);
  const missed =
    found === 0
      ? `Nothing was missed: of ${listed} cancelled orders that the store listed none had to be printed.`
      : `${found} of ${listed} cancelled orders that the store listed had not come by a webhook: on their way to paper.`;
  return quarantined === 0 ? missed : `${missed} Not understood: ${quarantined}, see open trouble.`;
}

const PROVEN = "The test goes to paper, marked TEST. It does not prove that the shop reaches the relay. ";

/** On a test's delivery, by who answered at the public address. */
const BY_PUBLIC_ADDRESS: Readonly<Record<PublicAddress["result"], string>> = {
  answers: "The public address answers, asked from the relay's own machine: a good sign.",
  this_machine:
    "RELAY_PUBLIC_URL leads to this machine alone: no shop can reach it. Set it to an address of the internet.",
  stranger:
    "At RELAY_PUBLIC_URL answers something else than a relay: check it, and the proxy in front of the relay.",
  silent:
    "At RELAY_PUBLIC_URL nobody answered the relay's own machine within 3 s: check it, DNS, and the proxy in front.",
};

/** The word that the address of that page ends with. */
export function storeTestWord(result: PublicAddress["result"]): string {
  return `store-test-${result}`;
}

export const STORE_TEST_NOTICES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(BY_PUBLIC_ADDRESS).map(([result, words]) => [
    storeTestWord(result as PublicAddress["result"]),
    PROVEN + words,
  ]),
);

/** Likewise on the delivery of an order that was cancelled from here. */
export function cancelledWord(result: CancelResult["result"], status: WebhookStatus): string {
  return result === "cancelled" ? "cancelled" : `cancelled-before-${status}`;
}

const NO_SLIP =
  "No slip was made of its answer, for the reason below. If the kitchen has to know, tell it by hand.";

/** On the answer itself, where no delivery came of it. */
export const CANCEL_WITHOUT_SLIP_NOTICES: Readonly<Record<string, string>> = {
  [cancelledWord("cancelled", "quarantined")]: `Cancelled at the store. ${NO_SLIP}`,
  [cancelledWord("already_cancelled", "quarantined")]: `The store had it cancelled already. ${NO_SLIP}`,
  [cancelledWord("already_cancelled", "ignored")]: `The store had it cancelled already. ${NO_SLIP}`,
};

export const CANCEL_NOTICES: Readonly<Record<string, string>> = {
  [cancelledWord("cancelled", "accepted")]: "Cancelled at the store. This is its slip's way to paper.",
  [cancelledWord("already_cancelled", "accepted")]:
    "The store had it cancelled already. Its slip had not been asked for, and is on its way now.",
  [cancelledWord("already_cancelled", "duplicate")]:
    "The store had it cancelled already, and so had the relay: nothing prints twice.",
};
