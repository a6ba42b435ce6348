import type { RelayEvent } from "../../../src/observe/events.ts";
import { idOf } from "../../ledger/entries.ts";

export function attempted(own: Partial<Extract<RelayEvent, { event: "delivery.attempted" }>>): RelayEvent {
  return {
    event: "delivery.attempted",
    delivery: idOf("DLVR", 1),
    order: "1",
    store: "noodle-bar",
    printer: "kitchen",
    attempt: 1,
    endpoint: "cancelorder",
    outcome: "accepted",
    http_status: 200,
    detail: "",
    state: "accepted",
    next_attempt_at: null,
    duration_ms: 1,
    clock_skew_ms: null,
    since_received_ms: 40,
    ...own,
  };
}
