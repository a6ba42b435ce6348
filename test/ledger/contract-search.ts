import fc from "fast-check";
import { encodeTime } from "ulid";
import { describe, expect, test } from "vitest";
import { keptSince } from "../../src/core/retention.ts";
import { DAY_MS } from "../../src/core/time.ts";
import type { Delivery } from "../../src/core/delivery.ts";
import type { DeliverySearch, Ledger } from "../../src/ledger/ledger.ts";
import { anEntry, aTicket, HOUR, NOON } from "./entries.ts";
import { onLedger, type OpenLedger } from "./under-test.ts";

/** A ULID of that moment. */
function ulidAt(at: number, n: number): string {
  return encodeTime(at, 10) + String(n).padStart(16, "0");
}

interface Row {
  minute: number;
  /** Minutes from when it was created to when its id was made: a replay, or a clock that was set back. */
  apart: number;
  store: string;
  printer: string;
  name: string;
}

const STORES = ["noodle-bar", "tea-house"];
const anyRow: fc.Arbitrary<Row> = fc.record({
  minute: fc.integer({ min: 0, max: 200 }),
  apart: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: -300, max: 300 })),
  store: fc.constantFrom(...STORES),
  printer: fc.constantFrom("kitchen", "bar"),
  name: fc.constantFrom("7", "#7", "77", "8"),
});
const anySearch: fc.Arbitrary<DeliverySearch> = fc.record(
  {
    limit: fc.integer({ min: 1, max: 4 }),
    store: fc.constantFrom(...STORES),
    printer: fc.constantFrom("kitchen", "bar"),
    q: fc.constantFrom("7", "8", "order", "nothing"),
    since: fc.integer({ min: 0, max: 200 }).map((minute) => NOON + minute * 60_000),
    until: fc.integer({ min: 0, max: 200 }).map((minute) => NOON + minute * 60_000),
  },
  { requiredKeys: ["limit"] },
);

async function add(ledger: Ledger, row: Row, n: number): Promise<string> {
  const created_at = NOON + row.minute * 60_000;
  const id = ulidAt(created_at + row.apart * 60_000, n);
  const { store, printer, name } = row;
  await ledger.enqueue(
    anEntry(n, { id, created_at, store, printer, order_id: `order-${n}`, order_name: name }),
  );
  return id;
}

/** What the words say, without an index. */
function matches(
  row: Row,
  n: number,
  id: string,
  { store, printer, q, since, until }: DeliverySearch,
): boolean {
  const at = NOON + row.minute * 60_000;
  return (
    (store === undefined || row.store === store) &&
    (printer === undefined || row.printer === printer) &&
    (since === undefined || at >= since) &&
    (until === undefined || at < until) &&
    (q === undefined || `${id.toLowerCase()} order-${n} ${row.name} customer`.includes(q))
  );
}

/** Whatever is in the ledger, whatever is searched for, and whatever comes in while somebody turns the pages. */
export async function eachIsFoundOnce(open: OpenLedger): Promise<void> {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyRow, { maxLength: 25 }),
      fc.array(anyRow, { maxLength: 10 }),
      anySearch,
      async (before, meanwhile, search) => {
        await onLedger(open, async ({ ledger }) => {
          const ids: string[] = [];
          for (const [n, row] of before.entries()) ids.push(await add(ledger, row, n));
          const wanted = ids.filter((id, n) => matches(before[n]!, n, id, search));
          const seen: string[] = [];
          let after: string | null = null;
          let added = 0;
          do {
            const page = await ledger.searchDeliveries({
              ...search,
              ...(after === null ? {} : { after }),
            });
            expect(page.items.length).toBeLessThanOrEqual(search.limit);
            seen.push(...page.items.map(({ id }) => id));
            const row = meanwhile[added];
            if (row !== undefined) await add(ledger, row, 100 + added++);
            after = page.next;
          } while (after !== null);
          expect(new Set(seen).size).toBe(seen.length);
          expect(seen.filter((id) => ids.includes(id)).sort()).toEqual(wanted.sort());
          if (search.q === undefined) expect(seen).toEqual([...seen].sort().reverse());
        })();
      },
    ),
    { numRuns: 25, plugins: [fc.interruptAfterTimeLimit(60_000)] },
  );
}

export function contractOfSearch(name: string, open: OpenLedger): void {
  describe(`${name}: searches`, () => {
    test("page after page has each that matches once, whatever comes in meanwhile", () =>
      eachIsFoundOnce(open));

    test(
      "q that is an order's whole name or id comes first, whatever its age",
      onLedger(open, async ({ ledger }) => {
        const rows = ["#1001", "10010", "x", "#1001", "21001"];
        for (const [n, order_name] of rows.entries()) {
          const created_at = NOON + n * HOUR;
          await ledger.enqueue(anEntry(n, { id: ulidAt(created_at, n), created_at, order_name }));
        }
        const names = async (search: DeliverySearch): Promise<string[]> =>
          (await ledger.searchDeliveries(search)).items.map(({ order_name }) => order_name);
        expect(await names({ q: "1001", limit: 9 })).toEqual(["#1001", "#1001", "21001", "10010"]);
        expect(await names({ q: "#1001", limit: 1 })).toEqual(["#1001"]);
        expect(await names({ q: "1001", limit: 9, since: NOON + HOUR })).toEqual(["#1001", "21001", "10010"]);
        expect(await names({ q: ulidAt(NOON + 2 * HOUR, 2).toLowerCase(), limit: 9 })).toEqual(["x"]);
      }),
    );

    test(
      "by the buyer's name and the digits of the phone, which no answer shows, until the ticket is pruned",
      onLedger(open, async ({ ledger }) => {
        const buyer = { name: "Zoë ÅNGSTRÖM", phone: "+886 (912) 345-678", address: null, town: null };
        await ledger.enqueue(anEntry(1, { ticket: aTicket({ buyer }) }));
        await ledger.enqueue(anEntry(2));
        await ledger.change((await ledger.listDeliveries({ limit: 9 }))[1]!.id, {
          at: NOON,
          by: "relay",
          decide: () => ({ set: { state: "printed", next_attempt_at: null }, note: "printed" }),
        });
        const found = async (q: string): Promise<Delivery[]> =>
          (await ledger.searchDeliveries({ q, limit: 9 })).items;
        for (const q of ["zoë", "ångström", "0912 345 678", "912-345", "886912345678", "+886 912"]) {
          expect((await found(q)).map(({ order_name }) => order_name)).toEqual(["#1001"]);
        }
        expect(await found("345")).toEqual([]);
        const [told] = await found("zoë");
        expect(JSON.stringify({ ...told, ticket: null })).not.toMatch(/zoë|345/i);
        while (!(await ledger.prune({ ...keptSince(NOON + 91 * DAY_MS), limit: 10 })).done);
        expect(await found("zoë")).toEqual([]);
        expect(await found("345678")).toEqual([]);
        expect(await found("王小明")).toHaveLength(1);
      }),
    );

    test(
      "the buyer that a store's API names is found instead of the webhook's",
      onLedger(open, async ({ ledger }) => {
        const { delivery_id } = await ledger.enqueue(anEntry(1, { state: "verifying" }));
        const buyer = { name: "Li Na", phone: null, address: null, town: null };
        await ledger.change(delivery_id!, {
          at: NOON,
          by: "relay",
          decide: () => ({ set: { state: "pending", ticket: aTicket({ buyer }) }, note: null }),
        });
        expect((await ledger.searchDeliveries({ q: "li na", limit: 9 })).items).toHaveLength(1);
        expect((await ledger.searchDeliveries({ q: "王小明", limit: 9 })).items).toEqual([]);
      }),
    );

    test(
      "webhooks of a span of time, page by page",
      onLedger(open, async ({ ledger }) => {
        for (let n = 1; n <= 9; n++) {
          const { webhook } = anEntry(n);
          const received_at = NOON + n * HOUR;
          await ledger.enqueue({
            webhook: { ...webhook, received_at, store: n % 2 === 0 ? "tea-house" : "noodle-bar" },
            delivery: null,
            status: "ignored",
            reason: "why",
          });
        }
        const search = {
          since: NOON + 2 * HOUR,
          until: NOON + 8 * HOUR,
          status: "ignored",
          limit: 2,
        } as const;
        const hours: number[] = [];
        let after: string | null = null;
        do {
          const page = await ledger.searchWebhooks({ ...search, ...(after === null ? {} : { after }) });
          hours.push(...page.items.map(({ received_at }) => (received_at - NOON) / HOUR));
          after = page.next;
        } while (after !== null);
        expect(hours).toEqual([7, 6, 5, 4, 3, 2]);
        const one = await ledger.searchWebhooks({ ...search, store: "tea-house", limit: 9 });
        expect(one.items.map(({ received_at }) => (received_at - NOON) / HOUR)).toEqual([6, 4, 2]);
      }),
    );
  });
}
