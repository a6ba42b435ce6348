import fc from "fast-check";
import { expect, test } from "vitest";
import type { Delivery } from "../../src/core/delivery.ts";
import { keptSince } from "../../src/core/retention.ts";
import { DAY_MS } from "../../src/core/time.ts";
import type { Ticket } from "../../src/core/ticket.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { aDelivery, anAttempt, aTicket, aWebhook, idOf, NOON } from "./entries.ts";
import type { LedgerUnderTest, OpenLedger } from "./under-test.ts";

const STORES = ["noodle-bar", "tea"];
const pick = fc.nat({ max: 20 });
const buyer = fc.nat({ max: 1 });
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("enqueue" as const), buyer, store: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("again" as const), pick }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("ignored" as const), buyer, store: fc.nat(1) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("claim" as const) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("answer" as const), pick, state: fc.nat(3) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("confirm" as const), pick }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("verified" as const), pick }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("reprint" as const), pick }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("prune" as const), days: fc.constantFrom(0, 31) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("erase" as const),
      buyer,
      by: fc.constantFrom("phone" as const, "email" as const, "id" as const),
      limit: fc.constantFrom(1, 2, 7, 100),
      cutOff: fc.boolean(),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** A buyer's mark is in every text of theirs. One who was erased and orders again is another. */
interface World extends LedgerUnderTest {
  now: number;
  next: number;
  versions: number[];
  /** Whose each delivery is, and when it was last claimed. */
  owners: Map<string, { mark: string; claimedAt: number }>;
  erased: string[];
}

const markOf = (world: World, of: number): string => `zq${of}v${world.versions[of] ?? 0}qz`;
const phoneOf = (mark: string): string => `+49 30 ${mark.replace(/\D/g, "").padStart(2, "0")}98761`;
const emailOf = (mark: string): string => `${mark}@example.org`;

function ticketOf(mark: string): Ticket {
  return aTicket({
    reason: `${mark} asked`,
    merchant_note: `call ${mark}`,
    buyer_note: `I am ${mark}`,
    buyer: { name: `Ann ${mark}`, phone: phoneOf(mark), address: `${mark} Road 9`, town: mark },
    items: [
      {
        ...{ quantity: "1", name: "Soup", variant: null, sku: null, amount: null, note: `for ${mark}` },
        options: [{ name: "Name on it", value: mark }],
      },
    ],
  });
}

function bodyOf(mark: string, orderId: string): Buffer {
  const customer = { id: `id-${mark}`, email: emailOf(mark), phone: phoneOf(mark), name: mark };
  return Buffer.from(JSON.stringify({ order: { id: orderId, customer } }));
}

async function enqueue(world: World, mark: string, store: string, orderId: string): Promise<void> {
  const n = world.next++;
  const ticket = ticketOf(mark);
  const told = { store, order_id: orderId, ticket, reason: ticket.reason, created_at: world.now };
  const webhook = aWebhook(n, { store, body: bodyOf(mark, orderId), received_at: world.now });
  const result = await world.ledger.enqueue({ webhook, delivery: aDelivery(n, told) });
  if (result.delivery_id === idOf("DLVR", n)) {
    world.owners.set(result.delivery_id, { mark, claimedAt: 0 });
  }
}

async function erase(world: World, taken: Step & { do: "erase" }): Promise<void> {
  const mark = markOf(world, taken.buyer);
  const subject = {
    ...{ store: null, everything: false, orders: [], phone: null, email: null, customer_id: null },
    ...(taken.by === "phone" ? { phone: phoneOf(mark) } : {}),
    ...(taken.by === "email" ? { email: emailOf(mark) } : {}),
    ...(taken.by === "id" ? { customer_id: `id-${mark}`, store: STORES[0]! } : {}),
  };
  const erasure = { id: idOf("ERAS", world.next++), asked_at: world.now, by: "cli", subject };
  const before = await rowsOf(world.ledger);
  await world.ledger.beginErasure(erasure);
  let ledger = world.ledger;
  for (let batches = 0, done = false; !done; batches++) {
    // Another process begins from the front, and finds what is left.
    if (taken.cutOff && batches === 2) ledger = await world.another();
    done = (await ledger.eraseBatch({ erasure, limit: taken.limit, now: world.now })).done;
  }
  // Where only ids and e-mails are known, tickets that outlived their body do not tell whose they are.
  if (taken.by === "phone") world.erased.push(mark);
  world.versions[taken.buyer] = (world.versions[taken.buyer] ?? 0) + 1;
  const after = await rowsOf(world.ledger);
  expect(after.map(lasting)).toEqual(before.map(lasting));
  for (const [k, row] of after.entries()) {
    if (row.forgotten_at === before[k]?.forgotten_at) expect(row).toEqual(before[k]);
    else expect(ownerOf(world, row)).toBe(mark);
  }
}

const ownerOf = (world: World, { id, reprint_of }: Delivery): string | undefined =>
  world.owners.get(reprint_of ?? id)?.mark;

async function rowsOf(ledger: Ledger): Promise<Delivery[]> {
  return ledger.listDeliveries({ limit: 1000 });
}

/** All but what tells of a buyer. */
function lasting({ ticket, ...row }: Delivery): object {
  return {
    ...row,
    reason: null,
    last_error: null,
    forgotten_at: null,
    items: ticket.items.map(({ name }) => name),
  };
}

async function take(world: World, taken: Step): Promise<void> {
  const { ledger } = world;
  world.now += 1000;
  if (taken.do === "enqueue") {
    return enqueue(world, markOf(world, taken.buyer), STORES[taken.store]!, `o${world.next}`);
  }
  if (taken.do === "ignored") {
    const n = world.next++;
    const store = STORES[taken.store]!;
    const webhook = aWebhook(n, { store, body: bodyOf(markOf(world, taken.buyer), `i${n}`) });
    await ledger.enqueue({ webhook, delivery: null, status: "ignored", reason: "why" });
    return;
  }
  if (taken.do === "claim") {
    const query = { state: "pending" as const, now: world.now, lease_until: world.now + 75_000, limit: 2 };
    for (const { id } of await ledger.claim(query)) {
      const owner = world.owners.get(id);
      if (owner !== undefined) owner.claimedAt = world.now;
    }
    return;
  }
  if (taken.do === "erase") return erase(world, taken);
  if (taken.do === "prune") {
    const at = world.now + taken.days * DAY_MS;
    while (!(await ledger.prune({ ...keptSince(at), limit: 5 })).done);
    return;
  }
  const rows = await rowsOf(ledger);
  const row = rows[taken.pick % Math.max(1, rows.length)];
  if (row !== undefined) await takeOne(world, taken, row);
}

async function takeOne(world: World, taken: Step, row: Delivery): Promise<void> {
  const { ledger, now } = world;
  const mark = ownerOf(world, row) ?? "nobody";
  const by = "relay";
  switch (taken.do) {
    case "again":
      return enqueue(world, mark, row.store ?? "", row.order_id);
    case "answer": {
      const state = (["accepted", "dead", "pending", "void"] as const)[taken.state]!;
      const started_at = world.owners.get(row.id)?.claimedAt ?? now;
      // Of one that went out since there is no buyer in what is sent, and none in what is answered.
      const said = (row.forgotten_at ?? Infinity) <= started_at ? "busy" : `no client Ann ${mark}`;
      const attempt = anAttempt({ started_at, detail: said, request: said, response: said });
      const attention = state === "dead" ? ("dead" as const) : null;
      const set = { state, attention, last_error: said, lease_until: null, next_attempt_at: now };
      await ledger.change(row.id, {
        at: now,
        by,
        attempt,
        decide: () => ({ set, note: `refused: ${said}` }),
      });
      return;
    }
    case "confirm": {
      const message = `${mark} came`;
      const confirmation = { verdict: "rejected" as const, message, time: null, at: now, raw: message };
      const set = {
        state: "rejected" as const,
        lease_until: null,
        last_error: `refused at the printer: ${message}`,
      };
      await ledger.change(row.id, {
        at: now,
        by,
        confirmation,
        decide: () => ({ set, note: `refused: ${message}` }),
      });
      return;
    }
    case "verified": {
      const ticket = ticketOf(mark);
      const set = { ticket, reason: ticket.reason, state: "pending" as const, lease_until: null };
      await ledger.change(row.id, {
        at: now,
        by,
        decide: () => ({ set, note: "the store's API confirms it" }),
      });
      return;
    }
    case "reprint": {
      const n = world.next++;
      const told = { kind: "reprint" as const, store: row.store, order_id: row.order_id, created_at: now };
      const reprint = aDelivery(n, { ...told, reprint_of: row.id, ticket: ticketOf(mark), reason: mark });
      await ledger.add(reprint, "operator", "reprint");
      return;
    }
    default:
  }
}

/** Whatever happens in whatever order, of a buyer who was erased nothing is left in any row, and of others all. */
export function contractOfErasureModel(name: string, open: OpenLedger): void {
  test(`${name}: erases whatever has happened`, { timeout: 120_000 }, async () => {
    const property = fc.asyncProperty(
      fc.array(step, { minLength: 10, maxLength: 40, size: "max" }),
      async (steps) => {
        const opened = await open();
        try {
          const fresh = {
            now: NOON,
            next: 1,
            versions: [0, 0],
            owners: new Map<string, never>(),
            erased: [],
          };
          const world: World = { ...opened, ...fresh };
          for (const taken of steps) {
            await take(world, taken);
            const stored = world.erased.length === 0 ? "" : await opened.stored();
            for (const mark of world.erased) {
              expect(stored.split("\n").filter((line) => line.includes(mark))).toEqual([]);
            }
          }
        } finally {
          await opened.end();
        }
      },
    );
    await fc.assert(property, { numRuns: 60, plugins: [fc.interruptAfterTimeLimit(60_000)] });
  });
}
