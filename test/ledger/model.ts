import type { Wait } from "../../src/core/clock-set.ts";
import { isHeld, revived } from "../../src/core/decide.ts";
import type { Delivery, Transition } from "../../src/core/delivery.ts";
import { DELIVERY_STATES } from "../../src/core/delivery.ts";
import type { NewDelivery, NewWebhook, Webhook } from "../../src/ledger/ledger.ts";
import type { Kept } from "./model-prune.ts";

/** A webhook as it was handed in, and what became of it. */
export type ModelWebhook = Pick<NewWebhook, "id" | "body"> & Pick<Webhook, "status" | "delivery_id">;

/** The ledger as anybody would write it with no disk, no index and no hurry. */
export interface Model {
  rows: Delivery[];
  enqueue(
    delivery: NewDelivery,
    webhookId: string,
  ): { status: "accepted" | "duplicate"; delivery_id: string };
  reprint(delivery: NewDelivery): Delivery;
  claim(state: "pending" | "verifying", now: number, leaseUntil: number, limit: number): Delivery[];
  /** Another process begins: it knows what is in the file. */
  restart(): void;
  release(now: number): number;
  apply(id: string, decide: (row: Delivery) => Transition | null): Delivery;
  held(): string[];
  overdue(now: number): { useless: string[]; unconfirmed: string[]; lost: string[] };
  abandoned(): string[];
  waitingBeyond(at: number): Wait[];
  webhooks: ModelWebhook[];
  /** Bodies, attempts and confirmations not pruned yet, in the order in which they came. */
  kept: Kept[];
  /** How many lines of history each row has. */
  history: Map<string, number>;
  nextDueAt(): number | null;
  counts(now: number): { by_state: Record<string, number>; oldest_due_at: number | null };
}

export function createModel(): Model {
  const rows: Delivery[] = [];
  const history = new Map<string, number>();
  const tell = (id: string): void => void history.set(id, (history.get(id) ?? 0) + 1);
  const waits = (row: Delivery): boolean => row.state === "pending" || row.state === "verifying";
  const ids = (kept: (row: Delivery) => boolean): string[] => rows.filter(kept).map(({ id }) => id);
  const least = (moments: (number | null)[]): number | null => {
    const known = moments.filter((moment) => moment !== null);
    return known.length === 0 ? null : Math.min(...known);
  };

  function put(delivery: NewDelivery, more: Partial<Delivery>): Delivery {
    const row: Delivery = {
      ...delivery,
      attention: null,
      webhook_id: null,
      reprint_number: null,
      attempt_count: 0,
      signed_at: null,
      retry_step: 0,
      unknown_count: 0,
      may_be_repeat: false,
      denied_count: 0,
      endpoint: null,
      next_attempt_at: delivery.created_at,
      lease_until: null,
      confirm_by: null,
      accepted_at: null,
      printed_at: null,
      last_error: null,
      traceparent: null,
      forgotten_at: null,
      ...more,
    };
    rows.push(row);
    tell(row.id);
    return row;
  }

  const signed: { id: string; at: number }[] = [];
  let last = 0;
  /** The first moment from now on that no attempt in this process had just before, and this delivery never. */
  function nextSignedAt(id: string, now: number): number {
    let at = last - now > 5000 ? now : Math.max(now, last + 1);
    while (signed.some((one) => one.id === id && one.at === at)) at++;
    signed.push({ id, at });
    last = at;
    return at;
  }

  return {
    rows,
    webhooks: [],
    kept: [],
    history,
    enqueue(delivery, webhookId) {
      const first = rows.find(
        ({ kind, store, order_id }) =>
          kind === "cancellation" && store === delivery.store && order_id === delivery.order_id,
      );
      if (first === undefined) {
        put(delivery, { webhook_id: webhookId });
        return { status: "accepted", delivery_id: delivery.id };
      }
      if (first.state !== "void") return { status: "duplicate", delivery_id: first.id };
      tell(first.id);
      Object.assign(first, revived(delivery.useful_until, delivery.created_at).set);
      return { status: "accepted", delivery_id: first.id };
    },
    restart() {
      last = 0;
    },
    reprint(delivery) {
      const named = rows.find(({ id }) => id === delivery.reprint_of)!;
      const reprint_of = named.reprint_of ?? named.id;
      const reprint_number = rows.filter((row) => row.reprint_of === reprint_of).length + 1;
      return put(delivery, { reprint_of, reprint_number });
    },
    claim(state, now, leaseUntil, limit) {
      const due = rows
        .filter(
          (row) =>
            row.state === state &&
            row.next_attempt_at !== null &&
            row.next_attempt_at <= now &&
            (row.lease_until ?? 0) <= now &&
            row.useful_until > now,
        )
        .sort((a, b) => a.next_attempt_at! - b.next_attempt_at! || rows.indexOf(a) - rows.indexOf(b))
        .slice(0, limit);
      for (const row of due) {
        row.lease_until = leaseUntil;
        if (state !== "pending") continue;
        row.state = "sending";
        row.attempt_count++;
        row.signed_at = nextSignedAt(row.id, now);
        row.next_attempt_at = null;
      }
      return due.map((row) => ({ ...row }));
    },
    release(now) {
      const waiting = rows.filter(
        (row) => row.state === "pending" && row.retry_step > 0 && (row.next_attempt_at ?? 0) > now,
      );
      for (const row of waiting) row.next_attempt_at = now;
      return waiting.length;
    },
    apply(id, decide) {
      const row = rows.find((candidate) => candidate.id === id)!;
      const transition = decide({ ...row });
      if (transition !== null && transition.note !== null) tell(id);
      Object.assign(row, transition?.set);
      if (transition?.heeds_other_slips === true && isSentBeside(rows, row)) row.may_be_repeat = true;
      return row;
    },
    held: () => ids(isHeld),
    overdue: (now) => ({
      useless: ids((row) => waits(row) && row.useful_until <= now),
      unconfirmed: ids((row) => row.state === "accepted" && row.confirm_by !== null && row.confirm_by <= now),
      lost: ids((row) => row.lease_until !== null && row.lease_until <= now),
    }),
    abandoned: () => ids((row) => row.lease_until !== null),
    waitingBeyond: (at) =>
      rows
        .filter((row) => waits(row) && row.next_attempt_at !== null && row.next_attempt_at > at)
        .sort((one, other) => (one.next_attempt_at ?? 0) - (other.next_attempt_at ?? 0))
        .map(({ id, state, retry_step, unknown_count, next_attempt_at }) => {
          return { id, state, retry_step, unknown_count, next_attempt_at };
        }),
    nextDueAt: () =>
      least(
        rows
          .filter(waits)
          .map((row) => (row.next_attempt_at === null ? null : (row.lease_until ?? row.next_attempt_at))),
      ),
    counts(now) {
      const due = rows.filter((row) => waits(row) && (row.next_attempt_at ?? Infinity) <= now);
      return {
        by_state: Object.fromEntries(
          DELIVERY_STATES.map((state) => [state, rows.filter((row) => row.state === state).length]),
        ),
        oldest_due_at: least(due.map((row) => row.next_attempt_at)),
      };
    },
  };
}

/** Whether another slip of its order went out, as far as anybody knows. */
function isSentBeside(rows: readonly Delivery[], { id, reprint_of }: Delivery): boolean {
  const first = reprint_of ?? id;
  return rows.some(
    (other) =>
      other.id !== id &&
      (other.id === first || other.reprint_of === first) &&
      (other.may_be_repeat || ["sending", "accepted", "printed", "rejected"].includes(other.state)),
  );
}
