import { expect } from "vitest";
import type { Delivery } from "../../src/core/delivery.ts";
import type { PruneCounts, PruneQuery } from "../../src/core/retention.ts";
import { bareTicket } from "../../src/core/ticket.ts";
import type { Ledger, Webhook } from "../../src/ledger/ledger.ts";
import type { Model } from "./model.ts";

/** One thing that pruning may take, under a mark of its own. */
export interface Kept {
  of: keyof PruneCounts;
  mark: string;
  /** Null: a webhook that became no delivery. */
  delivery: string | null;
  at: number;
  quarantined?: boolean;
}

export interface PruneWorld {
  ledger: Ledger;
  model: Model;
  now: number;
  /** The moments of a run that has not come to its end; null: the next one begins from the front. */
  underWay: string | null;
}

export interface PruneStep {
  bodiesMs: number;
  attemptsMs: number;
  limit: number;
  /** All of a run, or one batch of it. */
  whole: boolean;
  dry: boolean;
}

const KINDS = ["bodies", "attempts", "confirmations", "tickets"] as const;
const UNSETTLED = ["verifying", "pending", "sending"];

export const bodyMark = ({ id }: Pick<Webhook, "id">): string => `body ${id}`;

/** All that the model holds and pruning may take, each kind in the order in which it came. */
function allKept({ kept, rows }: Model): Kept[] {
  const whole = rows.filter(({ ticket }) => !ticket.problems.includes("pruned"));
  const tickets = whole.map(({ id, created_at }) => ticketOf(id, created_at));
  return [...kept, ...tickets];
}

const ticketOf = (id: string, at: number): Kept => ({
  of: "tickets",
  mark: `ticket ${id}`,
  delivery: id,
  at,
});

function mayGo(
  { of, delivery, at, quarantined }: Kept,
  query: PruneQuery,
  rows: readonly Delivery[],
): boolean {
  const state = rows.find(({ id }) => id === delivery)?.state;
  if (state !== undefined && UNSETTLED.includes(state)) return false;
  return at < (of === "bodies" && quarantined !== true ? query.bodies_before : query.attempts_before);
}

/**
 * What a run from the front to its end leaves to nobody: all that may go, but for what lies behind as many younger
 * ones in a row as one batch looks at. That is only so where the clock was set back.
 */
function mustGo(model: Model, query: PruneQuery): Kept[] {
  return KINDS.flatMap((kind) => {
    const { bodies_before, attempts_before, limit } = query;
    const youngFrom = kind === "bodies" ? Math.max(bodies_before, attempts_before) : attempts_before;
    let youngInARow = 0;
    return allKept(model).filter((one) => {
      if (one.of !== kind || youngInARow >= limit) return false;
      youngInARow = one.at >= youngFrom ? youngInARow + 1 : 0;
      return mayGo(one, query, model.rows);
    });
  });
}

/** The marks of all that the ledger still tells. */
async function marksIn(ledger: Ledger, { rows, webhooks }: Model): Promise<string[]> {
  const marks: string[] = [];
  for (const webhook of webhooks) {
    const found = await ledger.findWebhook(webhook.id);
    expect(found).toMatchObject({ status: webhook.status, delivery_id: webhook.delivery_id });
    if (!found?.body) continue;
    expect(found.body).toEqual(webhook.body);
    marks.push(bodyMark(webhook));
  }
  for (const { id } of rows) {
    const detail = await ledger.findDelivery(id);
    for (const { detail: mark } of detail?.attempts ?? []) marks.push(mark);
    for (const { raw } of detail?.confirmations ?? []) marks.push(raw);
    if (detail?.delivery.ticket.problems.includes("pruned") === false) marks.push(ticketOf(id, 0).mark);
  }
  return marks.sort();
}

/** No webhook is gone, and of what hangs on webhooks and deliveries nothing but what was pruned. */
export async function compareKept(ledger: Ledger, model: Model, limit: number): Promise<void> {
  const ids = (await ledger.listWebhooks({ limit })).map(({ id }) => id);
  expect(ids.sort()).toEqual(model.webhooks.map(({ id }) => id).sort());
  expect(await marksIn(ledger, model)).toEqual(
    allKept(model)
      .map(({ mark }) => mark)
      .sort(),
  );
}

/** Prunes, and holds what went to what may go and what must. The model lets go of the same. */
export async function prune(world: PruneWorld, step: PruneStep): Promise<void> {
  const { ledger, model, now } = world;
  const moments = { bodies_before: now - step.bodiesMs, attempts_before: now - step.attemptsMs };
  const query: PruneQuery = { ...moments, limit: step.limit, dry_run: step.dry };
  const run = JSON.stringify({ ...moments, dry: step.dry });
  const fromFront = world.underWay !== run;
  const { sum, done } = await runOf(ledger, query, step.whole);
  world.underWay = done ? null : run;

  const before = allKept(model);
  const may = before.filter((one) => mayGo(one, query, model.rows));
  const must = done && fromFront ? mustGo(model, query) : [];
  for (const kind of KINDS) {
    expect(sum[kind], kind).toBeLessThanOrEqual(may.filter(({ of }) => of === kind).length);
    expect(sum[kind], kind).toBeGreaterThanOrEqual(must.filter(({ of }) => of === kind).length);
  }
  if (step.dry) return;
  const marks = new Set(await marksIn(ledger, model));
  const gone = before.filter(({ mark }) => !marks.has(mark));
  expect(gone.filter((one) => !may.includes(one))).toEqual([]);
  expect(must.filter(({ mark }) => marks.has(mark))).toEqual([]);
  for (const kind of KINDS) expect(gone.filter(({ of }) => of === kind)).toHaveLength(sum[kind]);
  letGo(model, gone);
}

async function runOf(
  ledger: Ledger,
  query: PruneQuery,
  whole: boolean,
): Promise<{ sum: PruneCounts; done: boolean }> {
  const sum = { bodies: 0, attempts: 0, confirmations: 0, tickets: 0, alerts: 0 };
  for (;;) {
    const batch = await ledger.prune(query);
    for (const kind of KINDS) sum[kind] += batch[kind];
    if (batch.done || !whole) return { sum, done: batch.done };
  }
}

function letGo(model: Model, gone: readonly Kept[]): void {
  model.kept = model.kept.filter((one) => !gone.includes(one));
  for (const { of, delivery } of gone) {
    const row = of === "tickets" ? model.rows.find(({ id }) => id === delivery) : undefined;
    if (row === undefined) continue;
    const cancelled_at_known = row.cancelled_at !== null;
    const cancelled_at = row.cancelled_at ?? row.created_at;
    const known = { ...row, kind: "cancellation" as const, cancelled_at, cancelled_at_known, problems: [] };
    row.ticket = bareTicket(known, "pruned");
  }
}
