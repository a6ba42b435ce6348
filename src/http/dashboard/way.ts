import { isHeld } from "../../core/decide.ts";
import type { Delivery } from "../../core/delivery.ts";
import type { UnixMs } from "../../core/time.ts";
import type { Origin } from "../../core/webhook.ts";
import type { AttemptRecord, DeliveryDetail } from "../../ledger/ledger.ts";
import { html, raw, type Html } from "./html.ts";
import type { Viewpoint } from "../../answers/moments.ts";
import { clockTime } from "./times.ts";
import type { Tone } from "../../answers/verdict.ts";

/** One step of the way from the store to paper. */
interface Step {
  name: string;
  /** When it was taken; null: not yet, or nobody knows. */
  at: UnixMs | null;
  tone: Tone;
}

/** The way of a cancellation at a glance: how far it came, when, and where it stopped. */
export function way(detail: DeliveryDetail, viewpoint: Viewpoint): Html {
  const all = stepsOf(detail);
  const reached = all.findLastIndex(({ tone }) => tone !== "off");
  return html`<ol class="way" aria-label="How far it came">
    ${all.map(
      ({ name, at, tone }, index) =>
        html`<li class="${tone}" ${index === reached && raw('aria-current="step"')}>
          <b>${name}</b>
          <span>${at === null ? SAID[tone] : clockTime(at, viewpoint)}</span>
        </li>`,
    )}
  </ol>`;
}

/** What stands in place of a time. */
const SAID: Readonly<Record<Tone, string>> = {
  good: "done",
  wait: "waiting",
  bad: "stopped here",
  off: "not yet",
};

/** How it came to the relay, in place of a webhook received. */
const ORIGIN_STEPS: Readonly<Record<Origin, string>> = {
  webhook: "Received",
  reconcile: "Fetched",
  cancel: "Cancelled here",
};

function stepsOf({ delivery, attempts, history, webhook }: DeliveryDetail): Step[] {
  const { state, accepted_at, printed_at, created_at } = delivery;
  // The attempt that asked may be before those that are shown.
  const verifiedAt = history.find((entry) => entry.state !== "verifying")?.at ?? created_at;
  const sent = attempts.findLast((attempt) => attempt.kind === "send" && mayHaveLeft(attempt));
  const stopped = state === "dead" || state === "rejected" || isHeld(delivery);
  const step = (name: string, at: UnixMs | null, done: boolean, now: boolean): Step => {
    const tone = done ? "good" : !now ? "off" : stopped || delivery.attention !== null ? "bad" : "wait";
    return { name, at: done ? at : null, tone };
  };
  const verified = state !== "verifying" && state !== "void";
  const wasAccepted = accepted_at !== null;
  return [
    step(
      delivery.kind === "cancellation" ? ORIGIN_STEPS[webhook?.origin ?? "webhook"] : "Asked for",
      ...([created_at, true, false] as const),
    ),
    step("Verified", verifiedAt, verified, state === "verifying"),
    step(
      "Sent",
      sent?.started_at ?? null,
      wasAccepted || printed_at !== null || sent !== undefined,
      isWaiting(delivery),
    ),
    step("Accepted", accepted_at, wasAccepted || printed_at !== null, sent !== undefined && verified),
    step("Printed", printed_at, printed_at !== null, wasAccepted && state !== "printed"),
  ];
}

/** What did not reach the cloud was not sent, however often it was tried. */
function mayHaveLeft({ outcome, http_status }: AttemptRecord): boolean {
  return outcome !== "unavailable" || http_status !== null;
}

function isWaiting({ state }: Delivery): boolean {
  return state === "pending" || state === "sending" || state === "dead";
}
