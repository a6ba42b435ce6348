import { beforeEach, describe, expect, test } from "vitest";
import { ALONE } from "../../src/core/leadership.ts";
import type { Outage } from "../../src/ledger/service-ledger.ts";
import type { RelayEvent } from "../../src/observe/events.ts";
import { CLOUD, createGates, scopeOf, type Gates } from "../../src/worker/gates.ts";
import { FOLLOWER_PATIENCE_MS } from "../../src/worker/known-outages.ts";
import { FRESH, outcome, T0 } from "../core/a-delivery.ts";

const refused = outcome("unavailable");
const accepted = outcome("accepted", { http_status: 200 });

/** What stands in the ledger, and how often it was asked to make what waits due. */
let outages: Outage[];
let releases: number;
let failing: Error | null;
/** What every read waits for. */
let reading: Promise<undefined>;

const ledger = {
  async outages() {
    const found = [...outages];
    await reading;
    if (failing !== null) throw failing;
    return found;
  },
  beginOutage(outage: Outage) {
    if (failing !== null) return Promise.reject(failing);
    if (!outages.some(({ scope }) => scope === outage.scope)) outages.push(outage);
    return Promise.resolve();
  },
  endOutage(scope: string) {
    if (failing !== null) return Promise.reject(failing);
    outages = outages.filter((outage) => outage.scope !== scope);
    return Promise.resolve();
  },
  release() {
    releases++;
    return Promise.resolve(7);
  },
};

interface Relay {
  gates: Gates;
  place: { leads: boolean };
  told: string[];
}

function relay(leads: boolean): Relay {
  const place = { leads };
  const told: string[] = [];
  const emit = ({ event }: RelayEvent): void => void told.push(event);
  const leadership = { shared: true, leads: () => place.leads };
  return { gates: createGates({ ledger, emit, leadership }), place, told };
}

let leader: Relay;
let other: Relay;
beforeEach(() => {
  [outages, releases, failing, reading] = [[], 0, null, Promise.resolve(undefined)];
  [leader, other] = [relay(true), relay(false)];
});

const S = 1000;
const probes = (at: number): boolean[] =>
  [leader, other].map(({ gates }) => gates.mayProbe(CLOUD, at) || gates.takeTouch(CLOUD, at) !== null);
async function followAll(at: number): Promise<void> {
  for (const { gates } of [leader, other]) await gates.follow(at);
}

test("regression: a loss while the end of the last outage was written was told before that end, which closed its alert", async () => {
  const told: string[] = [];
  const releasing = Promise.withResolvers<number>();
  const gates = createGates({
    ledger: { ...ledger, release: () => releasing.promise },
    emit: ({ event }) => void told.push(event),
    leadership: ALONE,
  });
  const busy = outcome("unavailable", { http_status: 429, retry_after_ms: 3000 * S });
  await gates.settle(FRESH, busy, T0);
  const back = gates.settle(FRESH, accepted, T0 + 10);
  const again = gates.settle(FRESH, busy, T0 + 20);
  expect(gates.isShut(scopeOf(FRESH.printer))).toBe(true);
  releasing.resolve(1);
  await Promise.all([back, again]);
  expect(told).toEqual(["cloud.lost", "cloud.returned", "cloud.lost"]);
});

test("bug: a return that the ledger could not take was never told, nor what waited made due", async () => {
  const told: string[] = [];
  const full = new Error("the disk is full");
  let release = (): Promise<number> => Promise.reject(full);
  const gates = createGates({
    ledger: { ...ledger, release: () => release() },
    emit: ({ event }) => void told.push(event),
    leadership: ALONE,
  });
  await gates.settle(FRESH, refused, T0);
  await expect(gates.settle(FRESH, accepted, T0 + S)).rejects.toThrow(full);
  await expect(gates.follow(T0 + 2 * S)).rejects.toThrow(full);
  release = () => Promise.resolve(3);
  await gates.follow(T0 + 3 * S);
  await gates.follow(T0 + 4 * S);
  expect(told).toEqual(["cloud.lost", "cloud.returned"]);
});

test("a cloud that is lost again before its return could be written has not returned", async () => {
  const told: string[] = [];
  let release = (): Promise<number> => Promise.reject(new Error("the disk is full"));
  const gates = createGates({
    ledger: { ...ledger, release: () => release() },
    emit: ({ event }) => void told.push(event),
    leadership: ALONE,
  });
  await gates.settle(FRESH, refused, T0);
  await expect(gates.settle(FRESH, accepted, T0 + S)).rejects.toThrow();
  await gates.settle(FRESH, refused, T0 + 2 * S);
  release = () => Promise.resolve(3);
  await gates.follow(T0 + 3 * S);
  expect(told).toEqual(["cloud.lost", "cloud.lost"]);
  expect(gates.isShut(CLOUD)).toBe(true);
});

describe("an outage of the cloud that several relays see", () => {
  test("is looked after by the leader alone, whoever found it; the other asks the cloud seldom", async () => {
    await other.gates.settle(FRESH, refused, T0);
    expect(outages).toEqual([{ scope: CLOUD, since: T0, probe_at: T0 + 2 * S, unreachable: true }]);
    await followAll(T0 + S);
    expect([leader, other].map(({ gates }) => gates.isShut(CLOUD))).toEqual([true, true]);
    expect([leader.told, other.told]).toEqual([["cloud.lost"], ["cloud.lost"]]);
    expect(probes(T0 + 2 * S - 1)).toEqual([false, false]);
    expect(probes(T0 + 2 * S)).toEqual([true, false]);
    leader.gates.probed(CLOUD, T0 + 2 * S);
    expect(probes(T0 + 7 * S)).toEqual([true, false]);
    const late = T0 + 2 * S + FOLLOWER_PATIENCE_MS;
    expect(other.gates.mayProbe(CLOUD, late - 1)).toBe(false);
    expect(other.gates.mayProbe(CLOUD, late)).toBe(true);
    other.gates.probed(CLOUD, late);
    expect(other.gates.mayProbe(CLOUD, late + FOLLOWER_PATIENCE_MS)).toBe(false);
  });

  test("is over by the leader's first answer: then one delivery of the other's shows whether it is for that one too", async () => {
    await leader.gates.settle(FRESH, refused, T0);
    await other.gates.settle(FRESH, refused, T0 + 5);
    await followAll(T0 + S);
    await leader.gates.settle(FRESH, accepted, T0 + 20 * S);
    expect([outages, releases, leader.told]).toEqual([[], 1, ["cloud.lost", "cloud.returned"]]);
    expect(other.gates.isShut(CLOUD)).toBe(true);
    await other.gates.follow(T0 + 21 * S);
    expect(other.gates.mayProbe(CLOUD, T0 + 21 * S)).toBe(true);
    other.gates.probed(CLOUD, T0 + 21 * S);
    expect(other.gates.mayProbe(CLOUD, T0 + 22 * S)).toBe(false);
    await other.gates.settle(FRESH, accepted, T0 + 22 * S);
    expect([other.gates.isShut(CLOUD), other.told]).toEqual([false, ["cloud.lost", "cloud.returned"]]);
  });

  test("that is only one relay's own does not keep the others from sending, and is asked for as often as ever", async () => {
    await other.gates.settle(FRESH, refused, T0);
    await followAll(T0 + S);
    await leader.gates.settle(FRESH, accepted, T0 + 3 * S);
    await followAll(T0 + 4 * S);
    other.gates.probed(CLOUD, T0 + 4 * S);
    await other.gates.settle(FRESH, refused, T0 + 4 * S);
    await followAll(T0 + 5 * S);
    expect([leader, other].map(({ gates }) => gates.isShut(CLOUD))).toEqual([false, true]);
    expect(outages).toEqual([]);
    expect(other.gates.mayProbe(CLOUD, T0 + 9 * S)).toBe(true);
  });

  test("is looked after by the next leader when the first one dies", async () => {
    await leader.gates.settle(FRESH, refused, T0);
    await other.gates.settle(FRESH, refused, T0);
    await followAll(T0 + S);
    expect(other.gates.mayProbe(CLOUD, T0 + 11 * S)).toBe(false);
    other.place.leads = true;
    expect(other.gates.mayProbe(CLOUD, T0 + 11 * S)).toBe(true);
    expect(other.gates.takeTouch(CLOUD, T0 + 11 * S)).toBe("connection");
  });

  test("that was left behind by a relay long gone is probed by whoever leads, and shuts nobody else's gate", async () => {
    outages = [{ scope: CLOUD, since: T0 - 3600 * S, probe_at: T0 - 3598 * S, unreachable: true }];
    await followAll(T0);
    expect(other.gates.isShut(CLOUD)).toBe(false);
    expect(leader.gates.mayProbe(CLOUD, T0)).toBe(true);
    await leader.gates.settle(FRESH, accepted, T0 + 1);
    expect(outages).toEqual([]);
    await followAll(T0 + S);
    expect(leader.gates.isShut(CLOUD)).toBe(false);
  });

  test("regression: one that others had told of shut the account of a relay whose slips it took since", async () => {
    const busy = outcome("unavailable", { http_status: 429, retry_after_ms: 3000 * S });
    const account = scopeOf(FRESH.printer);
    await other.gates.settle(FRESH, busy, T0);
    await leader.gates.settle(FRESH, accepted, T0 + S);
    await leader.gates.follow(T0 + 2 * S);
    expect([leader.gates.isShut(account), outages, leader.told]).toEqual([false, [], ["cloud.returned"]]);
    await other.gates.follow(T0 + 3 * S);
    expect(other.gates.mayProbe(account, T0 + 3 * S)).toBe(true);
  });

  test("is over for all by what any relay's slip shows, whoever leads", async () => {
    const busy = outcome("unavailable", { http_status: 429, retry_after_ms: 3000 * S });
    await leader.gates.settle(FRESH, busy, T0);
    await followAll(T0 + S);
    await other.gates.settle(FRESH, accepted, T0 + 2 * S);
    expect([outages, other.told]).toEqual([[], ["cloud.returned"]]);
    await leader.gates.follow(T0 + 3 * S);
    expect(leader.gates.mayProbe(scopeOf(FRESH.printer), T0 + 3 * S)).toBe(true);
  });

  test("an account that asks for time gets it from the leader, too", async () => {
    const busy = outcome("unavailable", { http_status: 429, retry_after_ms: 30 * S });
    await other.gates.settle(FRESH, busy, T0);
    await followAll(T0 + S);
    const scope = scopeOf(FRESH.printer);
    expect(leader.gates.shutPrinters()).toEqual([FRESH.printer]);
    expect(leader.gates.mayProbe(scope, T0 + 30 * S - 1)).toBe(false);
    expect(leader.gates.mayProbe(scope, T0 + 30 * S)).toBe(true);
  });
});

test("a ledger that fails is no failure of the process while nobody waits for it yet", async () => {
  failing = new Error("away");
  const settled = leader.gates.settle(FRESH, refused, T0);
  await new Promise((resolve) => setImmediate(resolve));
  await expect(settled).rejects.toThrow("away");
});

test("what was read while this one ended the outage does not begin it again", async () => {
  await leader.gates.settle(FRESH, refused, T0);
  const { promise, resolve } = Promise.withResolvers<undefined>();
  reading = promise;
  const following = leader.gates.follow(T0 + S);
  await leader.gates.settle(FRESH, accepted, T0 + S);
  resolve(undefined);
  await following;
  expect([leader.gates.isShut(CLOUD), leader.told]).toEqual([false, ["cloud.lost", "cloud.returned"]]);
});

test("a ledger that cannot be told keeps no gate open or shut: what it says next counts", async () => {
  failing = new Error("away");
  await expect(leader.gates.settle(FRESH, refused, T0)).rejects.toThrow("away");
  expect(leader.gates.isShut(CLOUD)).toBe(true);
  failing = null;
  await leader.gates.follow(T0 + S);
  expect(leader.gates.mayProbe(CLOUD, T0 + 2 * S)).toBe(true);
  await leader.gates.settle(FRESH, accepted, T0 + 2 * S);
  await leader.gates.settle(FRESH, refused, T0 + 3 * S);
  failing = new Error("away");
  await expect(leader.gates.settle(FRESH, accepted, T0 + 4 * S)).rejects.toThrow("away");
  expect(leader.gates.isShut(CLOUD)).toBe(false);
  failing = null;
  await leader.gates.follow(T0 + 5 * S);
  expect([leader.gates.isShut(CLOUD), outages, leader.told.at(-1)]).toEqual([false, [], "cloud.returned"]);
});

test("the only relay on a ledger tells it nothing, and asks it nothing", async () => {
  failing = new Error("not to be asked");
  const { gates } = { gates: createGates({ ledger, emit: () => undefined, leadership: ALONE }) };
  await gates.settle(FRESH, refused, T0);
  await gates.follow(T0);
  expect(gates.mayProbe(CLOUD, T0 + 2 * S)).toBe(true);
  await gates.settle(FRESH, accepted, T0 + 2 * S);
  expect(gates.isShut(CLOUD)).toBe(false);
});
