import type { Answered } from "../src/platforms/store-api.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ALONE } from "../src/core/leadership.ts";
import type { RelayEvent } from "../src/observe/events.ts";
import { createWorker } from "../src/worker/worker.ts";
import { createHouse, type House, NO_ANSWER } from "./fakes/house.ts";

let house: House;
beforeEach(async () => {
  house = await createHouse();
});
afterEach(() => house.close());

describe("a process that dies", () => {
  test("between sending and writing down: due again at the start, and marked", async () => {
    house.cloud.script("hang", "accepted");
    const id = await house.cancel("1001");
    expect(await house.delivery(id)).toMatchObject({ state: "sending", attempt_count: 1 });
    await house.crash();
    expect(await house.delivery(id)).toMatchObject({
      state: "accepted",
      attempt_count: 2,
      may_be_repeat: true,
    });
    expect(house.cloud.sent[1]?.request.order.order_txt).toContain("MAY BE A REPEAT");
    const attempts = (await house.ledger.findDelivery(id))?.attempts;
    expect(attempts?.map(({ number, outcome }) => [number, outcome])).toEqual([
      [1, "unknown"],
      [2, "accepted"],
    ]);
  });

  test("again and again: never more than four slips by itself", async () => {
    house.cloud.script("hang");
    await house.cancel("1001");
    for (let crash = 0; crash < 8; crash++) await house.crash();
    expect(house.cloud.sent).toHaveLength(4);
  });

  test("while a store's API is asked: asked again", async () => {
    house.orderAnswer = { ...NO_ANSWER, detail: "503" };
    await house.webhook("tee-shop", { data: { id: "FAS-1", order_status: "cancelled" } });
    await house.crash();
    house.orderAnswer = found({ id: "FAS-1", order_status: "cancelled" });
    await house.clock.advance(2_500);
    expect(house.cloud.sent).toHaveLength(1);
  });
});

test("regression: a webhook that came while a new process recovered had its attempt taken for lost, and was sent twice", async () => {
  const { clock, ledger, relay, cloud, events } = house;
  await house.worker.stop(0);
  await house.cancel("1001");
  cloud.script("hang");
  const emit = (event: RelayEvent): void => void events.push(event);
  const reachable = (): Promise<boolean> => Promise.resolve(true);
  const worker = createWorker({
    ...{ relay, ledger, clock, chance: () => 0, emit, reachable },
    leadership: ALONE,
    nextTurn: () => Promise.resolve(),
  });
  const started = worker.start();
  worker.wake();
  await clock.settle();
  await started;
  await clock.settle();
  expect(cloud.sent).toHaveLength(1);
  void worker.stop(0);
});

describe("an attempt whose lease ran out", () => {
  test("does not decide over the attempt that came after it", async () => {
    house.cloud.script("hang", "hang");
    const id = await house.cancel("1001");
    await house.clock.advance(90_000);
    expect(await house.delivery(id)).toMatchObject({ state: "sending", attempt_count: 2 });
  });
});

describe("FastPOD, whose webhooks prove nothing", () => {
  const hint = {
    event: { status: "cancelled" },
    data: { id: "FAS-1", order_status: "cancelled", reference_id: "from body" },
  };

  test("prints what the store's API says, not what the body says", async () => {
    house.orderAnswer = found({ id: "FAS-1", reference_id: "from API", order_status: "cancelled" });
    await house.webhook("tee-shop", hint);
    expect(house.cloud.sent).toHaveLength(1);
    expect(house.cloud.sent[0]?.request.order.order_txt).toContain("from API");
    expect(house.cloud.sent[0]?.request.order.order_txt).not.toContain("from body");
  });

  test("waits, verifying, while the API is down", async () => {
    const receipt = await house.webhook("tee-shop", hint);
    await house.clock.advance(600_000);
    expect(house.cloud.sent).toHaveLength(0);
    const id = receipt.kind === "kept" ? (receipt.delivery_id ?? "") : "";
    expect(await house.delivery(id)).toMatchObject({
      state: "verifying",
      attention: "verify_failing",
      attempt_count: 0,
    });
    house.orderAnswer = found({ id: "FAS-1", order_status: "cancelled" });
    await house.clock.advance(61_000);
    expect(await house.delivery(id)).toMatchObject({ state: "accepted" });
  });

  test("does not print what the API does not confirm; a later webhook of the same order does", async () => {
    house.orderAnswer = found({ id: "FAS-1", order_status: "in_production" });
    const receipt = await house.webhook("tee-shop", hint);
    await house.clock.advance(3_000);
    const id = receipt.kind === "kept" ? (receipt.delivery_id ?? "") : "";
    expect(await house.delivery(id)).toMatchObject({ state: "void" });
    house.orderAnswer = found({ id: "FAS-1", order_status: "cancelled" });
    expect(await house.webhook("tee-shop", hint)).toMatchObject({ status: "accepted", delivery_id: id });
    await house.clock.advance(1_000);
    expect(await house.delivery(id)).toMatchObject({ state: "accepted" });
    expect(house.cloud.sent).toHaveLength(1);
  });

  test("bug: an API that answered with another order had said nothing of this one, which was void unseen", async () => {
    house.orderAnswer = found({ id: "FAS-2", order_status: "cancelled" });
    const receipt = await house.webhook("tee-shop", hint);
    const id = receipt.kind === "kept" ? (receipt.delivery_id ?? "") : "";
    await house.clock.advance(301_000);
    expect(house.cloud.sent).toHaveLength(0);
    expect(await house.delivery(id)).toMatchObject({ state: "verifying", attention: "verify_failing" });
    house.orderAnswer = found({ id: "FAS-1", order_status: "cancelled" });
    await house.clock.advance(61_000);
    expect(await house.delivery(id)).toMatchObject({ state: "accepted", order_id: "FAS-1" });
  });

  test("test orders are recorded and not printed, whoever says so", async () => {
    const told = await house.webhook("tee-shop", {
      data: { id: "FAS-3", order_status: "cancelled", test_order: true },
    });
    expect(told).toMatchObject({ status: "ignored" });
    house.orderAnswer = found({ id: "FAS-1", order_status: "cancelled", test_order: true });
    await house.webhook("tee-shop", hint);
    await house.clock.advance(3_000);
    expect(house.cloud.sent).toHaveLength(0);
  });
});

describe("a cloud that knows only submitted orders", () => {
  test("gets the refused cancellation at submitorder, under the same banner", async () => {
    house.cloud.script({ kind: "rejected", order_unknown: true, detail: "order not found" }, "accepted");
    await house.webhook("cocktails", { id: "9", cancelled_at: new Date(house.clock.now()).toISOString() });
    await house.clock.advance(100);
    expect(house.cloud.sent.map(({ request }) => request.endpoint)).toEqual(["cancelorder", "submitorder"]);
    expect(house.cloud.sent[1]?.request.order).toEqual(house.cloud.sent[0]?.request.order);
  });
});

test("a ticket that cannot be laid out still prints as ORDER n CANCELLED", async () => {
  const { compose } = house;
  house.compose = (ticket, marks, printer) => {
    if (ticket.items.length > 0) throw new Error("a layout's bug");
    return compose(ticket, marks, printer);
  };
  await house.cancel("1001", { line_items: [{ title: "soup", quantity: 1, price: "5" }] });
  const text = house.cloud.sent[0]?.request.order.order_txt;
  expect(text).toContain("ORDER #1001 CANCELLED");
  expect(text).toContain("Not everything could be read");
});

test("a slip that goes out more than ten minutes later says LATE with both times", async () => {
  house.cloud.script("unavailable");
  house.cloud.canConnect = false;
  await house.cancel("1001");
  await house.clock.advance(605_000);
  house.cloud.script("accepted");
  house.cloud.canConnect = true;
  await house.clock.advance(6_000);
  const first = house.cloud.sent[0]?.request.order.order_txt ?? "";
  const last = house.cloud.sent.at(-1)?.request.order.order_txt ?? "";
  expect(first).not.toContain("LATE");
  expect(last).toContain("LATE");
  // 1_800_000_000 is 2027-01-15 08:00:00 UTC.
  expect(last).toContain("08:00");
  expect(last).toContain("08:10");
});

function found(order: Record<string, unknown>): Answered<Buffer> {
  return { kind: "answered", value: Buffer.from(JSON.stringify({ status: true, message: "", data: order })) };
}
