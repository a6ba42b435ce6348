import { afterEach, beforeEach, expect, test } from "vitest";
import type { Delivery, Transition } from "../../src/core/delivery.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import type { RelayEvent } from "../../src/observe/events.ts";
import { sweepIfLeading } from "../../src/worker/sweep.ts";
import { createHouse, type House } from "../fakes/house.ts";

let house: House;
beforeEach(async () => {
  house = await createHouse();
});
afterEach(() => house.close());

test("bug: what time did to many was written one after the other, each with a disk's or a network's time of its own", async () => {
  const { ledger, clock, worker, events } = house;
  await worker.stop(0);
  const now = clock.now();
  const orders = Array.from({ length: 90 }, (_, index) => `1${index}`);
  const ids = await Promise.all(orders.map((order) => house.cancel(order)));
  const kinds = [
    { state: "accepted", next_attempt_at: null, confirm_by: now - 1 },
    { state: "sending", attempt_count: 1, lease_until: now - 1 },
    { useful_until: now - 1 },
  ] as const;
  await Promise.all(
    ids.map((id, index) =>
      ledger.change(id, {
        at: now,
        by: "relay",
        decide: () => ({ set: kinds[index % 3] ?? {}, note: null }),
      }),
    ),
  );
  const commits = async (): Promise<number> =>
    (await ledger.vitals()).commit_s.counts.reduce((a, b) => a + b);
  const before = await commits();
  const leadership = { leads: () => true, shared: true };
  const deps = {
    ledger,
    clock,
    chance: () => 0,
    emit: (event: (typeof events)[number]) => events.push(event),
  };
  await sweepIfLeading({ ...deps, leadership }, now, now);
  expect((await commits()) - before).toBeLessThan(10);
  const told = (name: string): number => events.filter(({ event }) => event === name).length;
  expect(["delivery.unconfirmed", "delivery.recovered", "delivery.dead"].map(told)).toEqual([30, 30, 30]);
});

test("bug: an answer that came while its attempt was taken for lost was followed by an attempt that never was", async () => {
  const { ledger, clock, worker, events } = house;
  await worker.stop(0);
  const id = await house.cancel("1001");
  const now = clock.now();
  const under_way = { state: "sending", attempt_count: 1, lease_until: now - 1 } as const;
  const answered = { state: "accepted", next_attempt_at: null, lease_until: null } as const;
  const becomes = (set: Transition["set"]): Promise<Delivery> =>
    ledger.change(id, { at: now, by: "relay", decide: () => ({ set, note: null }) });
  await becomes(under_way);
  const late: Ledger = {
    ...ledger,
    async readDelivery(which) {
      const read = await ledger.readDelivery(which);
      await becomes(answered);
      return read;
    },
  };
  const leadership = { leads: () => true, shared: true };
  const emit = (event: RelayEvent): unknown => events.push(event);
  await sweepIfLeading({ ledger: late, clock, chance: () => 0, emit, leadership }, now, now);
  const { delivery, attempts } = (await ledger.findDelivery(id))!;
  expect([delivery.state, delivery.may_be_repeat, attempts]).toEqual(["accepted", false, []]);
  expect(events.filter(({ event }) => event === "delivery.recovered")).toEqual([]);
});
