import fc from "fast-check";
import { PLATFORM_NAMES, type PlatformName } from "../../src/core/cancellation.ts";
import { bareTicket, ticketOf as ticketOfCancellation, type Ticket } from "../../src/core/ticket.ts";
import { fastpodWebhook } from "../../src/platforms/fastpod/webhook.ts";
import type { PlatformWords } from "../../src/platforms/platform.ts";
import { shoplazza } from "../../src/platforms/shoplazza/webhook.ts";
import { shopline } from "../../src/platforms/shopline/webhook.ts";
import { bare, CANCELLED_AT } from "../golden/tickets.ts";
import { aStore } from "../platforms/a-store.ts";
import { anyText, ticketOf } from "../slip/arbitrary-ticket.ts";
import { bytesOf } from "./bytes.ts";
import { documentsOf } from "./fixtures.ts";
import { mutated } from "./mutate.ts";

export const PLATFORMS: Record<PlatformName, PlatformWords> = {
  shopline,
  shoplazza,
  fastpod: fastpodWebhook,
};

/** What a slip is made of: any ticket at all, or what a store's body became. */
export type Source = { ticket: Ticket } | { platform: PlatformName; body: Buffer };

export const anySource: fc.Arbitrary<Source> = fc.oneof(
  fc.record({ ticket: ticketOf(anyText) }),
  fc
    .constantFrom(...PLATFORM_NAMES)
    .chain((platform) =>
      fc.record({ platform: fc.constant(platform), body: bytesOf(mutated(documentsOf(platform))) }),
    ),
);

export function ticketFrom(source: Source): Ticket {
  if ("ticket" in source) return source.ticket;
  const store = aStore({ platform: source.platform, currency: "USD" });
  const order = PLATFORMS[source.platform].readOrder(source.body, store);
  return order === null
    ? bareTicket(bare, "layout")
    : ticketOfCancellation(order.cancellation, store, CANCELLED_AT);
}
