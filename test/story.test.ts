import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HOUR_MS } from "../src/core/time.ts";
import { createHouse, type House } from "./fakes/house.ts";

let house: House;
beforeEach(async () => {
  house = await createHouse();
});
afterEach(() => house.close());

/** Seconds between the POSTs so far. */
function gaps(): number[] {
  return house.cloud.sent.slice(1).map(({ at }, index) => (at - (house.cloud.sent[index]?.at ?? 0)) / 1000);
}

describe("one cancellation", () => {
  test("is sent at once, accepted, and printed when the printer says so", async () => {
    const id = await house.cancel("1001");
    expect(house.cloud.sent).toHaveLength(1);
    const { request } = house.cloud.sent[0]!;
    expect(request).toMatchObject({ endpoint: "cancelorder", idempotency_key: id });
    expect(request.order.order_id).toBe("1001");
    expect(request.order.order_json.OrderId).toBe("1001");
    expect(request.order.order_txt).toContain("#1001");
    expect(await house.delivery(id)).toMatchObject({ state: "accepted", attempt_count: 1 });

    await house.clock.advance(90_000);
    const word = { confirmation: { verdict: "accepted", message: "OK", time: null } as const, raw: "{}" };
    expect(await house.relay.confirm(id, "x".repeat(43), word)).toBe(false);
    expect(await house.relay.confirm(id, house.callbackToken(id), word)).toBe(true);
    expect(await house.relay.confirm(id, house.callbackToken(id), word)).toBe(true);
    expect(await house.delivery(id)).toMatchObject({ state: "printed", printed_at: house.clock.now() });
    const told = house.events.filter(({ event }) => event.startsWith("delivery."));
    expect(told.map(({ event }) => event)).toEqual([
      "delivery.attempted",
      "delivery.confirmed",
      "delivery.confirmed",
    ]);
  });

  test("sent again by the store is a duplicate: the same delivery, no second slip", async () => {
    const id = await house.cancel("1001");
    const again = await house.webhook("noodle-bar", {
      id: "1001",
      cancelled_at: "2027-01-15T08:00:00Z",
      extra: 1,
    });
    expect(again).toMatchObject({ kind: "kept", status: "duplicate", delivery_id: id });
    await house.clock.advance(3_600_000);
    expect(house.cloud.sent).toHaveLength(1);
  });

  test("older than the store wants is recorded and not printed", async () => {
    const old = new Date(house.clock.now() - 3_601_000).toISOString();
    expect(await house.webhook("cocktails", { id: "7", cancelled_at: old })).toMatchObject({
      status: "ignored",
      reason: "cancelled more than 3600 s ago (ignore_older_than_s)",
    });
    expect(house.cloud.sent).toHaveLength(0);
  });
});

describe("a cloud that is away", () => {
  test("a single delivery is tried by the contract's list until it is no longer useful, then it is dead", async () => {
    house.cloud.script("unavailable");
    house.cloud.canConnect = false;
    const id = await house.cancel("1001");
    const { created_at, useful_until } = await house.delivery(id);
    expect(useful_until - created_at).toBe(24 * HOUR_MS);
    // The worker looks every second: a whole day of looks takes a slow machine two minutes.
    const set = { useful_until: created_at + HOUR_MS };
    await house.ledger.change(id, { at: created_at, by: "relay", decide: () => ({ set, note: null }) });
    await house.clock.advance(190_000);
    expect(gaps()).toEqual([2, 5, 10, 20, 40, 60]);
    await house.clock.advance(HOUR_MS);
    expect(await house.delivery(id)).toMatchObject({ state: "dead" });
    expect(house.events.filter(({ event }) => event === "delivery.dead")).toHaveLength(1);
    const posts = house.cloud.sent.length;
    house.cloud.script("accepted");
    await house.clock.advance(600_000);
    expect(house.cloud.sent).toHaveLength(posts);
  });

  test("burns no attempts of those that wait, and drains them at once when it is back", async () => {
    house.cloud.script("unavailable");
    const ids: string[] = [];
    for (let order = 0; order < 200; order++) ids.push(await house.cancel(`o${String(order)}`));
    await house.clock.advance(60_000);
    // One delivery found out, and one probe went every 5 s beside the retries of those that had been sent.
    expect(house.cloud.sent.length).toBeLessThanOrEqual(30);
    expect(house.cloud.sent.length).toBeGreaterThanOrEqual(12);
    house.cloud.script("accepted");
    await house.clock.advance(5_100);
    const states = await Promise.all(ids.map(async (id) => (await house.delivery(id)).state));
    expect(new Set(states)).toEqual(new Set(["accepted"]));
    const accepted = house.cloud.sent.filter(({ at }) => at >= house.clock.now() - 5_200);
    expect(new Set(accepted.map(({ request }) => request.idempotency_key)).size).toBe(200);
    expect(accepted.every(({ request }) => !request.order.order_txt.includes("MAY BE A REPEAT"))).toBe(true);
  });

  test("is noticed by a bare connection when nothing is due to try with", async () => {
    house.cloud.script("unavailable");
    house.cloud.canConnect = false;
    await house.cancel("1001");
    await house.clock.advance(80_000);
    house.cloud.script("accepted");
    house.cloud.canConnect = true;
    const before = house.cloud.sent.length;
    await house.clock.advance(5_000);
    expect(house.cloud.sent.length).toBe(before + 1);
  });

  test("429 holds back that printer only, for as long as the cloud asked", async () => {
    house.cloud.script({ kind: "unavailable", http_status: 429, retry_after_ms: 30_000 }, "accepted");
    const limited = await house.cancel("1");
    const waiting = await house.cancel("2");
    await house.webhook("cocktails", { id: "3", cancelled_at: new Date(house.clock.now()).toISOString() });
    expect(house.cloud.sent.map(({ request }) => request.order.order_id)).toEqual(["1", "3"]);
    await house.clock.advance(29_000);
    expect(house.cloud.sent).toHaveLength(2);
    await house.clock.advance(2_000);
    expect(await house.delivery(limited)).toMatchObject({ state: "accepted" });
    expect(await house.delivery(waiting)).toMatchObject({ state: "accepted" });
  });

  test("is probed by a printer that was told to wait, once its time has come and nobody else is due", async () => {
    house.cloud.script(
      { kind: "unavailable", http_status: 429, retry_after_ms: 3_000 },
      "unavailable",
      "accepted",
    );
    house.cloud.canConnect = false;
    const limited = await house.cancel("1");
    const receipt = await house.webhook("cocktails", {
      id: "3",
      cancelled_at: new Date(house.clock.now()).toISOString(),
    });
    // The printer's own word ends the one delivery that could have probed the cloud.
    const other = receipt.kind === "kept" ? (receipt.delivery_id ?? "") : "";
    const word = { confirmation: { verdict: "accepted", message: null, time: null } as const, raw: "{}" };
    await house.relay.confirm(other, house.callbackToken(other), word);
    await house.clock.advance(10_000);
    expect(await house.delivery(limited)).toMatchObject({ state: "accepted", attempt_count: 2 });
  });
});

describe("a cloud that prints and yet answers 500", () => {
  test("gives at most four slips, the later ones marked, then waits for a person", async () => {
    house.cloud.script("unknown");
    const id = await house.cancel("1001");
    await house.clock.advance(4_000_000);
    expect(gaps()).toEqual([5, 30, 120]);
    const marked = house.cloud.sent.map(({ request }) => request.order.order_txt.includes("MAY BE A REPEAT"));
    expect(marked).toEqual([false, true, true, true]);
    expect(await house.delivery(id)).toMatchObject({
      state: "pending",
      next_attempt_at: null,
      attention: "repeat_limit",
    });
    expect(house.events.filter(({ event }) => event === "delivery.held")).toHaveLength(1);
  });

  test("one more try when the cloud accepts another delivery, and no more after that", async () => {
    house.cloud.script("unknown");
    const id = await house.cancel("1001");
    await house.clock.advance(200_000);
    house.cloud.script("accepted", "unknown", "accepted");
    await house.cancel("1002");
    await house.clock.advance(5_000);
    expect(house.cloud.sent.filter(({ request }) => request.idempotency_key === id)).toHaveLength(5);
    await house.cancel("1003");
    await house.clock.advance(5_000);
    expect(house.cloud.sent.filter(({ request }) => request.idempotency_key === id)).toHaveLength(5);
    house.cloud.script("accepted");
    await house.relay.redrive(id, "operator");
    await house.clock.advance(5_000);
    expect(await house.delivery(id)).toMatchObject({ state: "accepted", may_be_repeat: true });
  });

  test("a confirmation that arrives while it is held ends it", async () => {
    house.cloud.script("unknown");
    const id = await house.cancel("1001");
    await house.clock.advance(200_000);
    const word = { confirmation: { verdict: "accepted", message: null, time: null } as const, raw: "{}" };
    await house.relay.confirm(id, house.callbackToken(id), word);
    house.cloud.script("accepted");
    await house.cancel("1002");
    await house.clock.advance(600_000);
    expect(await house.delivery(id)).toMatchObject({ state: "printed" });
    expect(house.cloud.sent.filter(({ request }) => request.idempotency_key === id)).toHaveLength(4);
  });
});
