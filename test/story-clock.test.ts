import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { everyCall } from "./fakes/busy-ledger.ts";
import { createHouse, type House } from "./fakes/house.ts";
import { recover } from "../src/worker/sweep.ts";

const HOUR_MS = 3_600_000;

let house: House;
beforeEach(async () => {
  house = await createHouse();
});
afterEach(() => house.close());

describe("a clock that is set back an hour", () => {
  test("makes no retry wait longer than its delay", async () => {
    house.cloud.script("unknown", "accepted");
    const id = await house.cancel("1001");
    house.clock.jump(-HOUR_MS);
    await house.clock.advance(7_000);
    expect(await house.delivery(id)).toMatchObject({ state: "accepted", attempt_count: 2 });
  });

  test("nor one that was stored while no process ran", async () => {
    house.cloud.script("unknown", "accepted");
    const id = await house.cancel("1001");
    house.clock.jump(-HOUR_MS);
    await house.crash();
    await house.clock.advance(7_000);
    expect(await house.delivery(id)).toMatchObject({ state: "accepted", attempt_count: 2 });
  });

  test("regression: nor the word that the printer has not confirmed", async () => {
    house.clock.jump(HOUR_MS);
    const id = await house.cancel("1001");
    expect(await house.delivery(id)).toMatchObject({ state: "accepted" });
    house.clock.jump(-HOUR_MS);
    await house.clock.advance(700_000);
    expect(await house.delivery(id)).toMatchObject({ attention: "unconfirmed" });
  });

  test("nor the next question to a store's API", async () => {
    await house.webhook("tee-shop", { data: { id: "FAS-1", order_status: "cancelled" } });
    await house.clock.advance(9_000);
    house.clock.jump(-HOUR_MS);
    house.fastpodSays("cancelled");
    await house.clock.advance(13_000);
    expect(house.cloud.sent).toHaveLength(1);
  });

  test("nor the delivery that a replayed webhook of that clock revives", async () => {
    house.fastpodSays("in_production");
    const receipt = await house.webhook("tee-shop", { data: { id: "FAS-1", order_status: "cancelled" } });
    await house.clock.advance(3_000);
    house.clock.jump(-HOUR_MS);
    await house.crash();
    house.fastpodSays("cancelled");
    await house.relay.replay(receipt.kind === "kept" ? receipt.webhook_id : "", "operator");
    await house.clock.advance(1_000);
    expect(house.cloud.sent).toHaveLength(1);
  });

  test("does not stop the probes of an outage", async () => {
    house.cloud.script("unavailable");
    house.cloud.canConnect = false;
    const ids = [await house.cancel("1001"), await house.cancel("1002")];
    await house.clock.advance(60_000);
    house.clock.jump(-HOUR_MS);
    house.cloud.script("accepted");
    house.cloud.canConnect = true;
    await house.clock.advance(7_000);
    for (const id of ids) expect(await house.delivery(id)).toMatchObject({ state: "accepted" });
  });

  test("lets a lost attempt be found no later than its lease says", async () => {
    house.cloud.script("hang", "accepted");
    const id = await house.cancel("1001");
    house.clock.jump(-HOUR_MS);
    await house.clock.advance(78_000);
    expect(await house.delivery(id)).toMatchObject({ state: "accepted", attempt_count: 2 });
  });
});

test("a Retry-After beyond the law is kept over a restart", async () => {
  house.cloud.script({ kind: "unavailable", http_status: 503, retry_after_ms: 1_800_000 }, "accepted");
  const id = await house.cancel("1001");
  const { next_attempt_at } = await house.delivery(id);
  await house.crash();
  expect(await house.delivery(id)).toMatchObject({ state: "pending", next_attempt_at });
});

test("a clock that is set forward does not make the attempt under way look lost", async () => {
  house.cloud.script("hang", "accepted");
  const id = await house.cancel("1001");
  house.clock.jump(HOUR_MS);
  await house.clock.advance(60_000);
  expect(house.cloud.sent).toHaveLength(1);
  expect(await house.delivery(id)).toMatchObject({ state: "sending", attempt_count: 1 });
});

test("a start and a sweep at once recover a lost attempt only once", async () => {
  house.cloud.script("hang");
  const id = await house.cancel("1001");
  const { clock } = house;
  const deps = { clock, chance: () => 0, emit: () => undefined };
  let others = 0;
  const late = everyCall(house.ledger, async (name, call) => {
    if (name === "change" && others++ === 0) {
      // The other is quicker, and the delivery goes out again before this one writes.
      await recover({ ...deps, ledger: house.ledger });
      const now = clock.now();
      await house.ledger.claim({ state: "pending", now, lease_until: now + 75_000, limit: 1 });
    }
    return call();
  });
  await recover({ ...deps, ledger: late });
  expect(await house.delivery(id)).toMatchObject({ state: "sending", attempt_count: 2, unknown_count: 1 });
});
