import { describe, expect, test } from "vitest";
import { createDraw } from "./kill/draw.ts";
import type { Answer, History, LedgerFacts, PaperSlip } from "./kill/history.ts";
import { violations } from "./kill/invariants.ts";

// The kill harness is only as good as what it holds against a relay: made-up histories, each with one broken promise.

const answer = (order: string, changes: Partial<Answer> = {}): Answer => ({
  order,
  status: "accepted",
  webhook: `W-${order}`,
  delivery: `D-${order}`,
  ...changes,
});
const slip = (order: string, marked = false): PaperSlip => ({ order, delivery: `D-${order}`, marked });
const row = (order: string, changes: Partial<LedgerFacts["deliveries"][number]> = {}) => ({
  id: `D-${order}`,
  order,
  state: "printed" as const,
  ...changes,
});

/** Two cancellations: one printed at once, one answered twice, printed twice and marked. Nothing is wrong with it. */
const KEPT = {
  answers: [answer("1"), answer("2"), answer("2", { status: "duplicate", webhook: "W-2-again" })],
  slips: [slip("1"), slip("2"), slip("2", true)],
  confirmed: new Set(["D-1"]),
  refusals: [],
} satisfies History;
const SOUND = {
  integrity: "ok",
  broken_keys: 0,
  webhooks: new Set(["W-1", "W-2", "W-2-again"]),
  deliveries: [row("1"), row("2", { state: "accepted" })],
} satisfies LedgerFacts;

test("a relay that keeps its promises breaks none", () => {
  expect(violations(KEPT, SOUND)).toEqual([]);
});

test("a first slip may be marked: nobody could know that the one before it never left", () => {
  expect(violations({ ...KEPT, slips: [slip("1", true), slip("2"), slip("2", true)] }, SOUND)).toEqual([]);
});

test("what was never answered may print or not", () => {
  const deliveries = [...SOUND.deliveries, row("3")];
  expect(violations({ ...KEPT, slips: [...KEPT.slips, slip("3")] }, { ...SOUND, deliveries })).toEqual([]);
});

const BROKEN: [what: string, history: Partial<History>, facts: Partial<LedgerFacts>, says: string][] = [
  [
    "an answered webhook without a slip",
    { slips: [slip("2"), slip("2", true)] },
    {},
    "order 1 was answered 200 and has no slip",
  ],
  [
    "a second slip without its mark",
    { slips: [slip("1"), slip("1"), slip("2")] },
    {},
    "order 1 printed again without MAY BE A REPEAT",
  ],
  [
    "a third slip without it, after a marked second",
    { slips: [slip("1"), slip("2"), slip("2", true), slip("2")] },
    {},
    "order 2 printed again without MAY BE A REPEAT",
  ],
  [
    "an answered webhook that is not in the ledger",
    {},
    { webhooks: new Set(["W-1", "W-2"]) },
    "order 2: webhook W-2-again was answered 200 and is not stored",
  ],
  [
    "two deliveries answered for one order",
    { answers: [...KEPT.answers, answer("1", { status: "duplicate", delivery: "D-other" })] },
    {},
    "order 1 has deliveries D-1 and D-other",
  ],
  [
    "two deliveries stored for one order",
    {},
    { deliveries: [...SOUND.deliveries, row("1", { id: "D-other" })] },
    "order 1 has two deliveries in the ledger",
  ],
  [
    "one order accepted twice",
    { answers: [...KEPT.answers, answer("1")] },
    {},
    'order 1 was answered "accepted" again',
  ],
  [
    "a cancellation that was not taken for one",
    { answers: [...KEPT.answers, answer("1", { status: "quarantined" })] },
    {},
    'order 1: its cancellation was answered "quarantined"',
  ],
  [
    "an authentic webhook refused",
    { refusals: ["shopline order 9: 401"] },
    {},
    "a webhook was refused: shopline order 9: 401",
  ],
  [
    "a delivery that never came to an end",
    {},
    { deliveries: [row("1"), row("2", { state: "sending" })] },
    "order 2 ended as sending (delivery D-2)",
  ],
  [
    "a confirmation taken and forgotten",
    {},
    { deliveries: [row("1", { state: "accepted" }), row("2")] },
    "order 1: a confirmation was answered 200, and delivery D-1 is accepted",
  ],
  ["a damaged file", {}, { integrity: "row 7 missing" }, "integrity_check says: row 7 missing"],
  ["rows that point nowhere", {}, { broken_keys: 2 }, "foreign_key_check names 2 rows"],
];

test.each(BROKEN)("noticed, and nothing else: %s", (_, history, facts, says) => {
  expect(violations({ ...KEPT, ...history }, { ...SOUND, ...facts })).toEqual([says]);
});

describe("chance with a seed", () => {
  const drawn = (seed: number): number[] => {
    const draw = createDraw(seed);
    return Array.from({ length: 1000 }, () => draw.int(1, 6));
  };

  test("the same seed draws the same, another one something else", () => {
    expect(drawn(7)).toEqual(drawn(7));
    expect(drawn(7)).not.toEqual(drawn(8));
  });

  test("every number of the range comes, about as often as the others", () => {
    const numbers = drawn(1);
    for (const face of [1, 2, 3, 4, 5, 6]) {
      const times = numbers.filter((number) => number === face).length;
      expect(times).toBeGreaterThan(1000 / 6 / 1.5);
      expect(times).toBeLessThan((1000 / 6) * 1.5);
    }
  });

  test("shuffling loses nothing", () => {
    const shuffled = createDraw(3).shuffle([1, 2, 3, 4, 5]);
    expect(shuffled.toSorted()).toEqual([1, 2, 3, 4, 5]);
  });
});
