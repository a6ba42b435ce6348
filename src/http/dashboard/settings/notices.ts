import type { PublicAddress } from "../../../core/public-address.ts";
import { html, type Html } from "../html.ts";

const NOTICES: Readonly<Record<string, string>> = {
  saved: "Saved. The relay works with it from now on.",
  added: "Added. The relay works with it from now on.",
  rotated: "The new secret verifies from now on.",
  removed: "Removed.",
};

/** What was just done, told on the page after it. */
export function noticeOf(done: string | null): Html | null {
  const notice = done === null ? undefined : NOTICES[done];
  return notice === undefined ? null : html`<p class="notice" role="status">${notice}</p>`;
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
