import type { DeliveryState } from "../../../src/core/delivery.ts";
import type { Answer, History, LedgerFacts, PaperSlip } from "./history.ts";

/** Where every delivery must have come once nothing disturbs it: the cloud took it, or the printer confirmed too. */
const SETTLED: readonly DeliveryState[] = ["accepted", "printed"];

/** Everything the relay promises, once all has settled. @returns a sentence for each broken promise */
export function violations(history: History, facts: LedgerFacts): string[] {
  return [
    ...fileViolations(facts),
    ...answerViolations(history.answers, facts.webhooks),
    ...paperViolations(history.slips),
    ...history.refusals.map((refusal) => `a webhook was refused: ${refusal}`),
    ...lost(history),
    ...deliveryViolations(history, facts),
  ];
}

/** Holds for a ledger, and for a backup of one. */
export function fileViolations({ integrity, broken_keys }: LedgerFacts): string[] {
  return [
    ...(integrity === "ok" ? [] : [`integrity_check says: ${integrity}`]),
    ...(broken_keys === 0 ? [] : [`foreign_key_check names ${broken_keys} rows`]),
  ];
}

/**
 * Holds at any moment.
 * @param kept ids of the webhooks in the ledger, or in a backup begun after these answers
 */
export function answerViolations(answers: readonly Answer[], kept: ReadonlySet<string>): string[] {
  const first = new Map<string, Answer>();
  const broken: string[] = [];
  for (const answer of answers) {
    const { order, status, webhook, delivery } = answer;
    if (status !== "accepted" && status !== "duplicate") {
      broken.push(`order ${order}: its cancellation was answered "${status}"`);
      continue;
    }
    if (!kept.has(webhook))
      broken.push(`order ${order}: webhook ${webhook} was answered 200 and is not stored`);
    const before = first.get(order);
    first.set(order, before ?? answer);
    if (before === undefined) continue;
    if (before.delivery !== delivery)
      broken.push(`order ${order} has deliveries ${before.delivery} and ${delivery}`);
    if (status === "accepted") broken.push(`order ${order} was answered "accepted" again`);
  }
  return broken;
}

/** Holds at any moment. */
export function paperViolations(slips: readonly PaperSlip[]): string[] {
  const printed = new Set<string>();
  return slips.flatMap(({ order, marked }) => {
    const again = printed.has(order);
    printed.add(order);
    return again && !marked ? [`order ${order} printed again without MAY BE A REPEAT`] : [];
  });
}

function lost({ answers, slips }: History): string[] {
  const printed = new Set(slips.map(({ order }) => order));
  const promised = new Set(answers.map(({ order }) => order));
  return [...promised]
    .filter((order) => !printed.has(order))
    .map((order) => `order ${order} was answered 200 and has no slip`);
}

function deliveryViolations({ confirmed }: History, { deliveries }: LedgerFacts): string[] {
  const seen = new Set<string>();
  const broken: string[] = [];
  for (const { id, order, state } of deliveries) {
    if (seen.has(order)) broken.push(`order ${order} has two deliveries in the ledger`);
    seen.add(order);
    if (!SETTLED.includes(state)) broken.push(`order ${order} ended as ${state} (delivery ${id})`);
    if (confirmed.has(id) && state !== "printed") {
      broken.push(`order ${order}: a confirmation was answered 200, and delivery ${id} is ${state}`);
    }
  }
  return broken;
}
