import type { AttemptOutcome, OutcomeKind } from "../../src/core/delivery.ts";
import type { Clock } from "../../src/core/time.ts";
import type { GoodcomClient, SendRequest } from "../../src/goodcom/api.ts";

/** `hang`: no answer ever comes. */
export type Answer = OutcomeKind | "hang" | Partial<AttemptOutcome>;

/** A printer cloud without a network: it answers by script and keeps every POST. */
export interface ScriptedCloud extends GoodcomClient {
  /** Every POST, with the moment it was made. */
  sent: { at: number; request: SendRequest }[];
  /** What it answers from now on: a list is used up one by one, its last stays. */
  script(...answers: Answer[]): void;
  /** What it answers to one order, whatever the script says. */
  scriptFor(orderId: string, answer: Answer): void;
  canConnect: boolean;
}

export function createScriptedCloud(clock: Clock): ScriptedCloud {
  let answers: Answer[] = ["accepted"];
  const ofOrders = new Map<string, Answer>();
  const nextOfScript = (): Answer => (answers.length > 1 ? answers.shift() : answers[0]) ?? "accepted";
  const cloud: ScriptedCloud = {
    sent: [],
    canConnect: true,
    script(...next) {
      answers = next;
    },
    scriptFor: (orderId, answer) => void ofOrders.set(orderId, answer),
    send(request) {
      cloud.sent.push({ at: clock.now(), request });
      const answer = ofOrders.get(request.order.order_id) ?? nextOfScript();
      if (answer === "hang") return new Promise(() => undefined);
      return Promise.resolve({ outcome: outcomeOf(answer), sent: JSON.stringify(request.order) });
    },
    reachable: () => Promise.resolve(cloud.canConnect),
    clockSkewMs: () => Promise.resolve(null),
    close: () => Promise.resolve(),
  };
  return cloud;
}

const STATUS: Record<OutcomeKind, number | null> = {
  accepted: 200,
  rejected: 200,
  unavailable: null,
  unknown: 500,
};

function outcomeOf(answer: OutcomeKind | Partial<AttemptOutcome>): AttemptOutcome {
  const told = typeof answer === "string" ? { kind: answer } : answer;
  const kind = told.kind ?? "accepted";
  return {
    kind,
    detail: `scripted: ${kind}`,
    http_status: STATUS[kind],
    retry_after_ms: null,
    order_unknown: false,
    response: null,
    clock_skew_ms: null,
    ...told,
  };
}
