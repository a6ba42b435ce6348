import { expect, test } from "vitest";
import type { VainClaims } from "../../src/ledger/service-ledger.ts";
import { createClaims } from "../../src/worker/claims.ts";
import { LEASE_MS } from "../../src/worker/sweep.ts";

test("the clock was set back: what is under way is not handed back as if its claim were one that was lost", async () => {
  let now = 100_000;
  let isAway = true;
  const handedBack: VainClaims["lease_until"][] = [];
  const claims = createClaims({
    clock: { now: () => now },
    leadership: { id: "first", shared: true },
    ledger: {
      claim: () => (isAway ? Promise.reject(new Error("the answer was lost")) : Promise.resolve([])),
      handBack({ lease_until }) {
        handedBack.push(lease_until);
        return Promise.resolve(0);
      },
    },
  });
  const take = (): Promise<unknown> => claims.take({ state: "pending", limit: 1 });

  await expect(take()).rejects.toThrow();
  now = 105_000;
  await expect(take()).rejects.toThrow();
  await claims.handBackLost();
  expect(handedBack).toEqual([{ first: 100_000 + LEASE_MS, last: 105_000 + LEASE_MS }]);

  now = 103_000;
  isAway = false;
  await take();
  await claims.handBackLost();
  expect(handedBack).toHaveLength(1);
});

test("regression: a claim of the same millisecond as one that was lost had its slips sent again, unmarked", async () => {
  let isAway = false;
  const taken: number[] = [];
  const handedBack: VainClaims["lease_until"][] = [];
  const claims = createClaims({
    clock: { now: () => 100_000 },
    leadership: { id: "first", shared: true },
    ledger: {
      claim({ lease_until }) {
        if (isAway) return Promise.reject(new Error("the answer was lost"));
        taken.push(lease_until);
        return Promise.resolve([]);
      },
      handBack({ lease_until }) {
        handedBack.push(lease_until);
        return Promise.resolve(0);
      },
    },
  });
  const take = (): Promise<unknown> => claims.take({ state: "pending", limit: 1 });

  await take();
  isAway = true;
  await expect(take()).rejects.toThrow();
  isAway = false;
  await take();
  await claims.handBackLost();
  expect(taken).toHaveLength(2);
  expect(handedBack).toHaveLength(1);
  expect(
    taken.filter((lease) => handedBack.some(({ first, last }) => lease >= first && lease <= last)),
  ).toEqual([]);
});
