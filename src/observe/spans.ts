import type { UnixMs } from "../core/time.ts";
import type { RelayEvent } from "./events.ts";
import type { PlainSpan } from "./span-sink.ts";
import { attemptSpan, rootSpan, type SpanContext, type Traced } from "./traceparent.ts";

type Traceable<Name extends RelayEvent["event"]> = Extract<RelayEvent, { event: Name }>;

/**
 * The span that an event makes, null when it makes none. Attributes are names, ids and closed words: no order, no
 * buyer, no detail that somebody else wrote.
 * @param now for events that are told when they happen
 */
export function spanOf(event: RelayEvent, now: UnixMs): PlainSpan | null {
  switch (event.event) {
    case "printer.tested":
      return begun("test slip", event, now);
    case "delivery.reprinted":
      return begun("reprint", event, now);
    case "webhook.received":
      return event.traced === undefined ? null : received(event, event.traced);
    case "cancellation.fetched":
      return fetched(event);
    case "delivery.verified":
      return event.traced === undefined ? null : verified(event, event.traced);
    case "delivery.attempted":
      return event.traced === undefined ? null : attempted(event, event.traced);
    case "delivery.confirmed":
      return event.traced === undefined || !event.moved ? null : confirmed(event, event.traced);
    default:
      return null;
  }
}

function begun(
  name: string,
  { delivery, printer }: { delivery: string; printer: string },
  now: UnixMs,
): PlainSpan {
  return {
    name,
    kind: "internal",
    own: rootSpan({ root: delivery, traceparent: null }),
    parent: null,
    ...lasting(0, { ended_at: now }),
    attributes: { "relay.printer": printer, "relay.delivery": delivery },
    failed: false,
  };
}

function received(event: Traceable<"webhook.received">, traced: Traced): PlainSpan {
  return {
    name: `webhook received: ${event.platform}`,
    kind: "server",
    own: rootSpan(traced),
    parent: named(traced),
    ...lasting(event.duration_ms, traced),
    attributes: {
      "relay.platform": event.platform,
      "relay.store": event.store,
      "relay.webhook": event.webhook,
      "relay.delivery": event.delivery,
      "relay.status": event.status,
    },
    failed: event.status === "quarantined",
  };
}

function fetched(event: Traceable<"cancellation.fetched">): PlainSpan {
  return {
    name: `cancellation fetched: ${event.platform}`,
    kind: "internal",
    own: rootSpan(event.traced),
    parent: null,
    ...lasting(0, event.traced),
    attributes: {
      "relay.platform": event.platform,
      "relay.store": event.store,
      "relay.webhook": event.webhook,
      "relay.delivery": event.delivery,
      "relay.status": event.status,
      "relay.origin": event.origin,
    },
    failed: event.status === "quarantined",
  };
}

function verified(event: Traceable<"delivery.verified">, traced: Traced): PlainSpan {
  return {
    name: "ask the store's API",
    kind: "client",
    own: null,
    parent: rootSpan(traced),
    ...lasting(event.duration_ms, traced),
    attributes: {
      "relay.delivery": event.delivery,
      "relay.store": event.store,
      "relay.result": event.result,
      "relay.state": event.state,
    },
    failed: event.result === "unavailable",
  };
}

function attempted(event: Traceable<"delivery.attempted">, traced: Traced): PlainSpan {
  return {
    name: `send to the printer cloud: ${event.endpoint}`,
    kind: "client",
    own: attemptSpan(traced, event.delivery, event.attempt),
    parent: rootSpan(traced),
    ...lasting(event.duration_ms, traced),
    attributes: {
      "relay.delivery": event.delivery,
      "relay.store": event.store,
      "relay.printer": event.printer,
      "relay.attempt": event.attempt,
      "relay.outcome": event.outcome,
      "relay.state": event.state,
      "http.response.status_code": event.http_status,
    },
    failed: event.outcome !== "accepted",
  };
}

function confirmed(event: Traceable<"delivery.confirmed">, traced: Traced): PlainSpan {
  return {
    name: `wait for the printer: ${event.state}`,
    kind: "internal",
    own: null,
    parent: rootSpan(traced),
    ...lasting(event.since_accepted_ms ?? 0, traced),
    attributes: {
      "relay.delivery": event.delivery,
      "relay.printer": event.printer,
      "relay.verdict": event.verdict,
      "relay.state": event.state,
    },
    failed: event.verdict !== "accepted",
  };
}

function named({ traceparent }: Traced): SpanContext | null {
  if (traceparent === null) return null;
  return { trace_id: traceparent.slice(3, 35), span_id: traceparent.slice(36, 52) };
}

function lasting(
  ms: number,
  { ended_at }: Pick<Traced, "ended_at">,
): Pick<PlainSpan, "started_at" | "ended_at"> {
  // The clock may have been set back in between.
  return { started_at: ended_at - Math.max(0, ms), ended_at };
}
