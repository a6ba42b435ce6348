import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createHouse, type House, type OtherRelay } from "./fakes/house.ts";

/** Two relays on one ledger, the first of which leads. */
let house: House;
let first: OtherRelay;
let second: OtherRelay;
/** Bare connections that each has tried. */
let touches: Map<OtherRelay, number>;

beforeEach(async () => {
  house = await createHouse();
  await house.worker.stop(0);
  first = await house.another("first");
  second = await house.another("second");
  touches = new Map([first, second].map((relay) => [relay, 0]));
  for (const relay of [first, second]) {
    relay.cloud.reachable = () => {
      touches.set(relay, (touches.get(relay) ?? 0) + 1);
      return Promise.resolve(relay.cloud.canConnect);
    };
  }
});
afterEach(() => house.close());

const told = ({ events }: OtherRelay, name: string): number =>
  events.filter(({ event }) => event === name).length;
const tries = (relay: OtherRelay): number => relay.cloud.sent.length + (touches.get(relay) ?? 0);

function away(...relays: OtherRelay[]): void {
  for (const { cloud } of relays) {
    cloud.script("unavailable");
    cloud.canConnect = false;
  }
}
function back(...relays: OtherRelay[]): void {
  for (const { cloud } of relays) {
    cloud.script("accepted");
    cloud.canConnect = true;
  }
}

/** Both have sent one, and have seen that the cloud is away. */
async function bothLoseIt(): Promise<string[]> {
  away(first, second);
  second.pause();
  const ids = [await house.cancel("1001")];
  await house.clock.advance(1_000);
  first.pause();
  ids.push(await house.cancel("1002"));
  await second.goOn();
  await house.clock.advance(1_000);
  await first.goOn();
  for (const relay of [first, second]) expect(told(relay, "cloud.lost")).toBe(1);
  return ids;
}

describe("while the cloud is away for all", () => {
  test("one relay asks for it, every 5 s, and all send again within seconds when it is back", async () => {
    const ids = await bothLoseIt();
    for (let n = 0; n < 40; n++) ids.push(await house.cancel(`o${n}`));
    await house.clock.advance(10_000);
    const [leaders, others] = [tries(first), tries(second)];
    await house.clock.advance(40_000);
    expect(tries(second)).toBe(others);
    expect(tries(first) - leaders).toBeGreaterThanOrEqual(7);
    expect(tries(first) - leaders).toBeLessThanOrEqual(16);
    expect(await house.ledger.outages()).toMatchObject([{ scope: "cloud" }]);

    back(first, second);
    await house.clock.advance(8_000);
    const states = await Promise.all(ids.map(async (id) => (await house.delivery(id)).state));
    expect(new Set(states)).toEqual(new Set(["accepted"]));
    expect(await house.ledger.outages()).toEqual([]);
    const accepted = [first, second].flatMap(({ cloud }) =>
      cloud.sent.filter(({ at }) => at >= house.clock.now() - 8_000),
    );
    expect(new Set(accepted.map(({ request }) => request.idempotency_key)).size).toBe(accepted.length);
  });

  test("the next leader asks when the one that did has died", async () => {
    const ids = await bothLoseIt();
    first.die();
    await house.clock.advance(20_000);
    back(second);
    await house.clock.advance(8_000);
    for (const id of ids) expect(await house.delivery(id)).toMatchObject({ state: "accepted" });
    expect(await house.ledger.outages()).toEqual([]);
  });
});

test("a leader that cannot reach the cloud keeps the others from sending no longer than a minute or so", async () => {
  await bothLoseIt();
  back(second);
  await house.clock.advance(75_000);
  const id = await house.cancel("1003");
  await house.clock.advance(10_000);
  expect(await house.delivery(id)).toMatchObject({ state: "accepted" });
  expect(second.cloud.sent.length).toBeGreaterThan(0);
});

test("what is overdue is swept by one, and the next leader goes on", async () => {
  second.cloud.script("hang");
  first.cloud.script("hang");
  const ids = [await house.cancel("1001"), await house.cancel("1002")];
  await house.clock.advance(80_000);
  expect(told(first, "delivery.recovered")).toBe(2);
  expect(told(second, "delivery.recovered")).toBe(0);
  first.die();
  await house.clock.advance(90_000);
  expect(told(second, "delivery.recovered")).toBeGreaterThanOrEqual(2);
  for (const id of ids) expect((await house.delivery(id)).may_be_repeat).toBe(true);
});

test("a relay that starts leaves alone what another is sending", async () => {
  first.cloud.script("hang");
  second.cloud.script("hang");
  const id = await house.cancel("1001");
  await house.clock.advance(1_000);
  await house.another("third");
  await house.clock.advance(60_000);
  expect(await house.delivery(id)).toMatchObject({ state: "sending", attempt_count: 1 });
});

test("the only relay on a ledger writes nothing of an outage, nor of itself", async () => {
  const alone = await createHouse();
  alone.cloud.script("unavailable");
  alone.cloud.canConnect = false;
  await alone.cancel("1001");
  await alone.clock.advance(30_000);
  expect([await alone.ledger.outages(), await alone.ledger.services(0)]).toEqual([[], []]);
  await alone.close();
});
