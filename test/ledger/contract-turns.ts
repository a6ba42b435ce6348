import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Delivery } from "../../src/core/delivery.ts";
import type { ClaimQuery, Ledger, NewDelivery } from "../../src/ledger/ledger.ts";
import { aDelivery, anEntry, dueQuery, HOUR, idOf, NOON } from "./entries.ts";
import { onLedger, type OpenLedger } from "./under-test.ts";

/** More than any claim looks through one by one. */
const FLOOD = 150;

async function put(ledger: Ledger, first: number, count: number, told: Partial<NewDelivery>): Promise<void> {
  const numbers = Array.from({ length: count }, (_, n) => first + n);
  await Promise.all(numbers.map((n) => ledger.enqueue(anEntry(n, { ...told, order_id: `order-${n}` }))));
}

const storesOf = (claimed: readonly Delivery[]): (string | null)[] => claimed.map(({ store }) => store);

export function contractOfTurns(name: string, open: OpenLedger): void {
  describe(`${name}: turns`, () => {
    test.each([
      ["a few", 5],
      ["a flood", FLOOD],
    ])(
      "%s of one store leave the others their turn, also where there is room for one at a time",
      (_, flood) =>
        onLedger(open, async ({ ledger }) => {
          await put(ledger, 0, flood, { store: "flood", created_at: NOON - HOUR });
          await put(ledger, 1000, 2, { store: "bakery" });
          await put(ledger, 2000, 1, { store: "tee-shop" });
          const one: (string | null)[] = [];
          for (let n = 0; n < 3; n++) one.push(...storesOf(await ledger.claim(dueQuery({ limit: 1 }))));
          expect(one.sort()).toEqual(["bakery", "flood", "tee-shop"]);
          expect(storesOf(await ledger.claim(dueQuery({ limit: 3 }))).sort()).toEqual([
            "bakery",
            "flood",
            "flood",
          ]);
        })(),
    );

    test(
      "what is no store's has a turn of its own",
      onLedger(open, async ({ ledger }) => {
        await put(ledger, 0, FLOOD, { store: "flood" });
        const slip = aDelivery(900, { kind: "test", store: null, platform: null });
        await ledger.add(slip, "operator", "test");
        const more = aDelivery(901, { kind: "test", store: null, platform: null });
        await ledger.add(more, "operator", "test");
        const one: (string | null)[] = [];
        for (let n = 0; n < 4; n++) one.push(...storesOf(await ledger.claim(dueQuery({ limit: 1 }))));
        expect(one).toEqual(["flood", null, "flood", null]);
      }),
    );

    test(
      "a store that is left out leaves room to the others, however many of its come before",
      onLedger(open, async ({ ledger }) => {
        await put(ledger, 0, FLOOD, { store: "flood", state: "verifying" });
        await put(ledger, 1000, 2, { store: "tee-shop", state: "verifying", created_at: NOON });
        const query = dueQuery({ state: "verifying", limit: 16, except_stores: ["flood"] });
        expect(await ledger.claim({ ...query, except_stores: ["flood", "tee-shop"] })).toEqual([]);
        expect(storesOf(await ledger.claim(query))).toEqual(["tee-shop", "tee-shop"]);
        expect(await ledger.claim(query)).toEqual([]);
      }),
    );

    test.each([3, FLOOD])("one of each store and no more, of %i", (count) =>
      onLedger(open, async ({ ledger }) => {
        await put(ledger, 0, count, { store: "flood", state: "verifying" });
        const query = dueQuery({ state: "verifying", limit: 16, one_of_each_store: true });
        expect(storesOf(await ledger.claim(query))).toEqual(["flood"]);
        await put(ledger, 1000, 2, { store: "tee-shop", state: "verifying" });
        expect(storesOf(await ledger.claim(query)).sort()).toEqual(["flood", "tee-shop"]);
        const rest = { ...query, except_stores: ["flood"] };
        expect(storesOf(await ledger.claim(rest))).toEqual(["tee-shop"]);
      })(),
    );
  });

  test(`${name}: every store gets as many turns as any other that waits`, { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(manyDue, manyClaims, (due, claims) => holds(open, due, claims)),
      {
        numRuns: 40,
        plugins: [fc.interruptAfterTimeLimit(60_000)],
      },
    );
  });
}

const STORES = ["a", "b", "b-2", "c", "z9", null] as const;
const manyDue = fc.array(
  fc.record({
    store: fc.constantFrom(...STORES),
    /** Most come from few stores. */
    many: fc.constantFrom(1, 1, 2, 5, 40),
    printer: fc.constantFrom("kitchen", "kitchen", "bar"),
    at: fc.integer({ min: -50, max: 20 }),
  }),
  { maxLength: 8 },
);
const manyClaims = fc.array(
  fc.record({
    limit: fc.integer({ min: 1, max: 40 }),
    except_printers: fc.constantFrom([], [], ["bar"]),
    except_stores: fc.constantFrom([], [], ["a"], ["b", "z9"]),
    one_of_each_store: fc.constantFrom(false, false, true),
  }),
  { minLength: 1, maxLength: 12 },
);
type Due = typeof manyDue extends fc.Arbitrary<infer Value> ? Value : never;
type Claims = typeof manyClaims extends fc.Arbitrary<infer Value> ? Value : never;

/** What waits, as a list: in the order in which it was put. */
interface Waiting {
  id: string;
  store: string | null;
  printer: string;
  at: number;
}

async function holds(open: OpenLedger, due: Due, claims: Claims): Promise<void> {
  const opened = await open();
  try {
    let waiting = await putAll(opened.ledger, due);
    for (const claim of claims) {
      const query = dueQuery(claim);
      const claimed = await opened.ledger.claim(query);
      checkOne(waiting, query, claimed);
      waiting = waiting.filter(({ id }) => claimed.every((one) => one.id !== id));
    }
    const turns: Record<string, number> = {};
    // From here on one at a time: whoever still waits has had as many turns as anybody, or one less.
    for (;;) {
      const [one] = await opened.ledger.claim(dueQuery({ limit: 1 }));
      if (one === undefined) break;
      turns[String(one.store)] = (turns[String(one.store)] ?? 0) + 1;
      waiting = waiting.filter(({ id }) => id !== one.id);
      const left = eligible(waiting, dueQuery()).map(({ store }) => turns[String(store)] ?? 0);
      if (left.length > 0)
        expect(Math.max(...Object.values(turns)) - Math.min(...left)).toBeLessThanOrEqual(1);
    }
    expect(eligible(waiting, dueQuery())).toEqual([]);
  } finally {
    await opened.end();
  }
}

async function putAll(ledger: Ledger, due: Due): Promise<Waiting[]> {
  const waiting: Waiting[] = [];
  for (const { store, many, printer, at } of due) {
    for (let n = 0; n < many; n++) {
      const number = waiting.length;
      const told = { store, printer, created_at: NOON + at, order_id: `o${number}` };
      if (store === null) {
        await ledger.add(aDelivery(number, { ...told, kind: "test", platform: null }), "operator", "test");
      } else await ledger.enqueue(anEntry(number, told));
      waiting.push({ id: idOf("DLVR", number), store, printer, at: NOON + at });
    }
  }
  return waiting;
}

/** Oldest first. */
function eligible(waiting: readonly Waiting[], query: ClaimQuery): Waiting[] {
  return waiting
    .filter(({ at }) => at <= query.now)
    .filter(({ printer }) => !query.except_printers?.includes(printer))
    .filter(({ store }) => store === null || !query.except_stores?.includes(store))
    .sort((a, b) => a.at - b.at || waiting.indexOf(a) - waiting.indexOf(b));
}

function checkOne(waiting: readonly Waiting[], query: ClaimQuery, claimed: readonly Delivery[]): void {
  const may = eligible(waiting, query);
  const stores = new Set(may.map(({ store }) => store));
  const most = query.one_of_each_store ? stores.size : may.length;
  expect(claimed).toHaveLength(Math.min(query.limit, most));
  const counts = [...stores].map((store) => {
    const own = may.filter((one) => one.store === store).map(({ id }) => id);
    const taken = claimed.filter((one) => one.store === store).map(({ id }) => id);
    // Of each store its oldest, in their order.
    expect(taken).toEqual(own.slice(0, taken.length));
    return { taken: taken.length, left: own.length - taken.length };
  });
  const mostTaken = Math.max(0, ...counts.map(({ taken }) => taken));
  // Nobody who still waits has had two turns less than another.
  for (const { taken, left } of counts) if (left > 0) expect(mostTaken - taken).toBeLessThanOrEqual(1);
}
