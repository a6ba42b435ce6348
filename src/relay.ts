import type { AttemptOutcome, Confirmation, Delivery } from "./core/delivery.ts";
import type { PlatformName } from "./core/cancellation.ts";
import type { PrinterSettings } from "./core/settings.ts";
import type { SlipMarks, Ticket } from "./core/ticket.ts";
import type { EnqueueResult } from "./ledger/ledger.ts";
import type { InboundRequest, Refusal } from "./platforms/platform.ts";

/** What became of one inbound request. */
export type Receipt =
  ({ kind: "kept" } & EnqueueResult) | { kind: "refused"; refusal: Refusal } | { kind: "unknown_store" };

/** The story of a cancellation, act by act. */
export interface Relay {
  /** Verifies, reads and stores one webhook; resolves when it is durable. @throws `ledger_unavailable` */
  receive(platform: PlatformName, store: string, request: InboundRequest): Promise<Receipt>;
  /** Asks the store's API about one claimed `verifying` delivery. */
  verify(delivery: Delivery): Promise<Delivery>;
  /** Sends one claimed delivery to Goodcom once and writes down what came of it. */
  deliver(delivery: Delivery): Promise<AttemptOutcome | null>;
  /** The printer's word. False: no such delivery, or the token is wrong. */
  confirm(
    deliveryId: string,
    token: string,
    callback: { confirmation: Confirmation; raw: string },
  ): Promise<boolean>;
  /** What waited too long, was never confirmed, or was lost with a dead process. */
  sweep(): Promise<void>;
  /** At the start of a service: what its dead predecessor left in `sending` is due again. */
  recover(): Promise<number>;

  /** @throws `not_found`, `conflict` (only a dead or held delivery can be redriven) */
  redrive(deliveryId: string, by: string): Promise<Delivery>;
  /** A wanted second slip, as a delivery of its own. @throws `not_found`, `conflict` (a `verifying` or `void` one) */
  reprint(deliveryId: string, reason: string, by: string): Promise<Delivery>;
  /** A stored webhook through `receive` once more; dedupe holds. @throws `not_found`, `conflict` (body pruned) */
  replay(webhookId: string, by: string): Promise<EnqueueResult>;
  /** @throws `not_found` */
  testSlip(printer: string, by: string): Promise<Delivery>;
  /** All it takes to draw a delivery's slip as it was last sent, or would be sent now. @throws `not_found` */
  slipOf(deliveryId: string): Promise<{ ticket: Ticket; marks: SlipMarks; printer: PrinterSettings }>;
}
