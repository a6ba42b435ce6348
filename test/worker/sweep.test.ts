import { afterEach, beforeEach, expect, test } from "vitest";
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
