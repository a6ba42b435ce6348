import fc from "fast-check";
import { expect, test } from "vitest";
import { afterClockSetBack } from "../../src/core/clock-set.ts";
import {
  afterAttempt,
  afterCloudAccepted,
  afterConfirmation,
  afterConfirmTime,
  afterLostAttempt,
  afterUsefulTime,
  afterVerification,
  redriven,
} from "../../src/core/decide.ts";
import { OUTCOMES, VERDICTS, type Delivery, type Transition } from "../../src/core/delivery.ts";
import type { Ledger, NewWebhook } from "../../src/ledger/ledger.ts";
import { aDelivery, anAttempt, aTicket, aWebhook, HOUR, NOON } from "./entries.ts";
import { createModel, type ModelWebhook } from "./model.ts";
import { bodyMark, compareKept, prune, type PruneWorld } from "./model-prune.ts";
import type { OpenLedger } from "./under-test.ts";

const PRINTER = { endpoint: "cancelorder", confirm_within_s: 600, useful_for_s: 86_400 } as const;
const LIMIT = 500;

const pick = fc.nat({ max: 20 });
const pruning = fc.record({
  do: fc.constant("prune"),
  // Short beside the waits above, so that most runs find something, and the two not always in the same order.
  bodiesMs: fc.constantFrom(0, 0, 6000, HOUR, 30 * HOUR),
  attemptsMs: fc.constantFrom(0, 0, 6000, HOUR, 30 * HOUR),
  limit: fc.constantFrom(1, 2, 3, 100),
  whole: fc.boolean(),
  dry: fc.constantFrom(false, false, true),
});
const strange = fc.record({ do: fc.constant("strange"), status: fc.constantFrom("ignored", "quarantined") });
const confirm = fc.record({ do: fc.constant("confirm"), pick, verdict: fc.constantFrom(...VERDICTS) });
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("enqueue"), order: fc.nat(4), verify: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("claim"),
      state: fc.constantFrom("pending", "verifying"),
      limit: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("outcome"), pick, kind: fc.constantFrom(...OUTCOMES) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("verified"),
      pick,
      found: fc.constantFrom("cancelled", "not_cancelled", "unavailable"),
    }),
  },
  { weight: 2, arbitrary: confirm },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("wait"),
      ms: fc.constantFrom(1, 5000, 76_000, 700_000, 25 * HOUR),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom("sweep", "recover", "release", "free", "crash", "setBack") }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("redrive", "reprint"), pick }) },
  { weight: 1, arbitrary: strange },
  { weight: 4, arbitrary: pruning },
);
/** Much that is settled and old: among the steps above most of what a run of pruning looks at is neither. */
const oftenOld = fc.oneof(
  { weight: 6, arbitrary: step },
  { weight: 3, arbitrary: strange },
  { weight: 4, arbitrary: confirm },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("wait"), ms: fc.constantFrom(1, 5000, 25 * HOUR) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("setBack") }) },
  { weight: 4, arbitrary: pruning },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

interface World extends PruneWorld {
  /** The same file, opened anew. */
  reopen: () => Promise<Ledger>;
  next: number;
}

/** The same decision on both sides: here the question is what is kept, not what is decided. */
async function both(world: World, id: string, decide: (row: Delivery) => Transition | null): Promise<void> {
  const { ledger, model, now } = world;
  const mark = `attempt ${world.next++}`;
  const attempt = anAttempt({ detail: mark, finished_at: now });
  const after = await ledger.change(id, { at: now, by: "relay", attempt, decide });
  model.kept.push({ of: "attempts", mark, delivery: id, at: now });
  expect(after).toEqual(model.apply(id, decide));
}

async function take(world: World, taken: Step): Promise<void> {
  const { ledger, model, now } = world;
  const moment = { now, chance: () => 0 };
  // Named lazily: most steps need an id, and the first may come before there is any.
  const chosen = "pick" in taken ? model.rows[taken.pick % Math.max(1, model.rows.length)]?.id : undefined;
  switch (taken.do) {
    case "enqueue": {
      const { order, verify } = taken as { order: number; verify: boolean };
      const n = world.next++;
      const delivery = aDelivery(n, {
        order_id: `o${order}`,
        state: verify || model.rows.some(({ state }) => state === "void") ? "verifying" : "pending",
        created_at: now,
        useful_until: now + 24 * HOUR,
      });
      const webhook = aWebhook(n, { received_at: now });
      const result = await ledger.enqueue({ webhook, delivery });
      const expected = model.enqueue(delivery, webhook.id);
      expect(result).toMatchObject(expected);
      keepWebhook(world, webhook, expected);
      return;
    }
    case "strange": {
      const { status } = taken as { status: "ignored" | "quarantined" };
      const webhook = aWebhook(world.next++, { received_at: now });
      await ledger.enqueue({ webhook, delivery: null, status, reason: "why" });
      keepWebhook(world, webhook, { status, delivery_id: null });
      return;
    }
    case "claim": {
      const { state, limit } = taken as { state: "pending" | "verifying"; limit: number };
      const lease_until = now + 75_000;
      const claimed = await ledger.claim({ state, now, lease_until, limit });
      expect(claimed).toEqual(model.claim(state, now, lease_until, limit));
      return;
    }
    case "wait":
      world.now += (taken as { ms: number }).ms;
      return;
    case "sweep":
      return sweep(world, moment);
    case "recover":
      for (const id of await ledger.abandoned())
        await both(world, id, (row) => afterLostAttempt(row, moment));
      return;
    case "crash":
      // No goodbye: the old connection stays as it is and is never used again.
      world.ledger = await world.reopen();
      world.underWay = null;
      model.restart();
      return;
    case "setBack":
      world.now -= HOUR;
      for (const { id } of await ledger.waitingBeyond(world.now))
        await both(world, id, (row) => afterClockSetBack(row, world.now));
      return;
    case "release":
      expect(await ledger.release(now, {})).toBe(model.release(now));
      return;
    case "free":
      for (const id of await ledger.held(LIMIT))
        await both(world, id, (row) => afterCloudAccepted(row, moment));
      return;
    case "prune":
      return prune(world, taken);
    default:
      if (chosen !== undefined) await takeOne(world, taken, chosen);
  }
}

/** A duplicate's body is not kept. */
function keepWebhook(
  { model, now }: World,
  { id, body }: NewWebhook,
  { status, delivery_id }: Pick<ModelWebhook, "status" | "delivery_id">,
): void {
  model.webhooks.push({ id, body, status, delivery_id });
  if (status === "duplicate") return;
  const quarantined = status === "quarantined";
  model.kept.push({ of: "bodies", mark: bodyMark({ id }), delivery: delivery_id, at: now, quarantined });
}

async function takeOne(world: World, taken: Step, id: string): Promise<void> {
  const { ledger, model, now } = world;
  const moment = { now, chance: () => 0 };
  const plain = { detail: "said so", http_status: null, retry_after_ms: null, refused: false };
  switch (taken.do) {
    case "outcome": {
      const { kind } = taken as { kind: (typeof OUTCOMES)[number] };
      const outcome = { ...plain, kind, order_unknown: false, response: null, clock_skew_ms: null };
      return both(world, id, (row) => afterAttempt(row, outcome, PRINTER, moment));
    }
    case "verified": {
      const { found } = taken as { found: "cancelled" | "not_cancelled" | "unavailable" };
      const told = { ticket: aTicket(), order_name: "#2", cancelled_at: now, reason: null };
      const answer = { kind: found, ...plain, ...told };
      // Of one that is being sent, an answer this late would take the lease away, which the ledger refuses.
      return both(world, id, (row) =>
        row.state === "sending" ? null : afterVerification(row, answer, moment),
      );
    }
    case "confirm": {
      const { verdict } = taken as { verdict: (typeof VERDICTS)[number] };
      const confirmation = { verdict, message: null, time: null };
      const decide = (row: Delivery): Transition | null => afterConfirmation(row, confirmation, now);
      const raw = `{"n":${world.next++}}`;
      const record = { ...confirmation, at: now, raw };
      const after = await ledger.change(id, { at: now, by: "printer", confirmation: record, decide });
      model.kept.push({ of: "confirmations", mark: raw, delivery: id, at: now });
      expect(after).toEqual(model.apply(id, decide));
      return;
    }
    case "redrive":
      return both(world, id, (row) => redriven(row, false, 3600, { now }));
    case "reprint": {
      const delivery = aDelivery(world.next++, { kind: "reprint", reprint_of: id, created_at: now });
      expect(await ledger.add(delivery, "operator", "reprint")).toEqual(model.reprint(delivery));
      return;
    }
    default:
  }
}

async function sweep(world: World, moment: { now: number; chance: () => number }): Promise<void> {
  const { useless, unconfirmed, lost } = await world.ledger.overdue(world.now, LIMIT);
  for (const id of lost) await both(world, id, (row) => afterLostAttempt(row, moment));
  for (const id of useless) await both(world, id, (row) => afterUsefulTime(row, world.now));
  for (const id of unconfirmed) await both(world, id, (row) => afterConfirmTime(row, world.now));
}

async function compare({ ledger, model, now }: World): Promise<void> {
  const newestFirst = [...model.rows].sort((a, b) => (a.id < b.id ? 1 : -1));
  expect(await ledger.listDeliveries({ limit: LIMIT })).toEqual(newestFirst);
  expect((await ledger.held(LIMIT)).sort()).toEqual(model.held().sort());
  const found = await ledger.overdue(now, LIMIT);
  const expected = model.overdue(now);
  for (const list of ["useless", "unconfirmed", "lost"] as const) {
    expect(found[list].sort()).toEqual(expected[list].sort());
  }
  expect((await ledger.abandoned()).sort()).toEqual(model.abandoned().sort());
  expect(await ledger.waitingBeyond(now)).toEqual(model.waitingBeyond(now));
  for (const { id } of model.rows) {
    const detail = await ledger.findDelivery(id);
    expect(detail?.history.length).toBe(model.history.get(id));
  }
  await compareKept(ledger, model, LIMIT);
  expect(await ledger.nextDueAt()).toBe(model.nextDueAt());
  expect(await ledger.counts(now)).toEqual(model.counts(now));
}

/** Found once in thousands of runs: what one process signed last, the next one does not know of another delivery. */
const CLAIMED_AROUND_A_CRASH = [
  { do: "enqueue", order: 1, verify: false },
  { do: "claim", state: "pending", limit: 1 },
  { do: "enqueue", order: 0, verify: false },
  { do: "crash" },
  { do: "claim", state: "pending", limit: 1 },
] as Step[];

/** Whatever happens in whatever order: the ledger keeps what a list in memory would keep. */
export function contractOfModel(name: string, open: OpenLedger): void {
  test.each([
    ["whatever happens", fc.array(step, { minLength: 5, maxLength: 40 })],
    ["while it is pruned", fc.array(oftenOld, { minLength: 15, maxLength: 60, size: "max" })],
  ])(`${name}: agrees with a model in memory, %s`, { timeout: 120_000 }, async (_, manySteps) => {
    const property = fc.asyncProperty(manySteps, async (steps) => {
      const opened = await open();
      try {
        const { ledger, another } = opened;
        const world = { ledger, reopen: another, model: createModel(), now: NOON, next: 0, underWay: null };
        for (const taken of steps) {
          await take(world, taken);
          await compare(world);
        }
      } finally {
        await opened.end();
      }
    });
    await fc.assert(property, {
      numRuns: 60,
      plugins: [fc.interruptAfterTimeLimit(60_000)],
      examples: [[CLAIMED_AROUND_A_CRASH]],
    });
  });
}
