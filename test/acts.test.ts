import { afterEach, beforeEach, expect, test } from "vitest";
import { createHouse, type House } from "./fakes/house.ts";

let house: House;
beforeEach(async () => {
  house = await createHouse();
});
afterEach(() => house.close());

test("redrive sends a dead delivery again, the same one", async () => {
  house.cloud.script("rejected", "accepted");
  const id = await house.cancel("1001");
  expect(await house.delivery(id)).toMatchObject({ state: "dead" });
  await house.relay.redrive(id, "operator");
  await house.clock.advance(1_000);
  expect(await house.delivery(id)).toMatchObject({ state: "accepted", attempt_count: 2 });
  expect(house.cloud.sent.map(({ request }) => request.idempotency_key)).toEqual([id, id]);
  await expect(house.relay.redrive(id, "operator")).rejects.toMatchObject({ code: "conflict" });
  await expect(house.relay.redrive("nothing", "operator")).rejects.toMatchObject({ code: "not_found" });
  const history = (await house.ledger.findDelivery(id))?.history;
  expect(history?.map(({ by, note }) => [by, note])).toEqual([
    ["relay", "received"],
    ["relay", "refused by the cloud: scripted: rejected"],
    ["operator", "redriven"],
    ["relay", "the cloud accepted it"],
  ]);
});

test("reprint is a delivery of its own, numbered, of the same ticket", async () => {
  const id = await house.cancel("1001", { cancel_reason: "allergy" });
  const first = await house.relay.reprint(id, "cook spilled soup on it", "operator");
  const second = await house.relay.reprint(first.id, "again", "operator");
  await house.clock.advance(1_000);
  expect([first.reprint_number, second.reprint_number]).toEqual([1, 2]);
  expect(second.reprint_of).toBe(id);
  const texts = house.cloud.sent.map(({ request }) => request.order.order_txt);
  expect(texts[1]).toContain("REPRINT 1");
  expect(texts[2]).toContain("REPRINT 2");
  expect(texts[2]).toContain("allergy");
  expect(new Set(house.cloud.sent.map(({ request }) => request.idempotency_key)).size).toBe(3);
});

test("a test slip is unmistakable and belongs to no store", async () => {
  const test = await house.relay.testSlip("kitchen", "cli");
  await house.clock.advance(1_000);
  expect(await house.delivery(test.id)).toMatchObject({ kind: "test", store: null, state: "accepted" });
  expect(house.cloud.sent[0]?.request.order.order_txt).toContain("TEST");
  await expect(house.relay.testSlip("garage", "cli")).rejects.toMatchObject({ code: "not_found" });
});

test("replay reads a stored webhook again; dedupe holds", async () => {
  const ignored = await house.webhook("noodle-bar", { id: "5", name: "#5" });
  expect(ignored).toMatchObject({ status: "ignored" });
  const webhookId = ignored.kind === "kept" ? ignored.webhook_id : "";
  expect(await house.relay.replay(webhookId, "operator")).toMatchObject({ status: "ignored" });

  await house.cancel("1001");
  const [accepted] = await house.ledger.listWebhooks({ status: "accepted", limit: 1 });
  expect(await house.relay.replay(accepted?.id ?? "", "operator")).toMatchObject({ status: "duplicate" });
  await house.cancel("1001");
  const [duplicate] = await house.ledger.listWebhooks({ status: "duplicate", limit: 1 });
  await expect(house.relay.replay(duplicate?.id ?? "", "operator")).rejects.toMatchObject({
    code: "conflict",
  });
  await house.clock.advance(60_000);
  expect(house.cloud.sent).toHaveLength(1);
});

test("a webhook replayed days after it came is printed, not given up as out of time", async () => {
  house.fastpodSays("in_production");
  const receipt = await house.webhook("tee-shop", { data: { id: "FAS-1", order_status: "cancelled" } });
  await house.clock.advance(3_000);
  house.clock.jump(3 * 86_400_000);
  expect(house.cloud.sent).toHaveLength(0);
  house.fastpodSays("cancelled");
  await house.relay.replay(receipt.kind === "kept" ? receipt.webhook_id : "", "operator");
  await house.clock.advance(1_000);
  expect(house.cloud.sent).toHaveLength(1);
});

test("the slip of a delivery is the one that was last sent, with its marks", async () => {
  house.cloud.script("unknown", "accepted");
  const id = await house.cancel("1001");
  const first = (await house.relay.slipOf(id)).marks;
  expect(first.may_be_repeat).toBe(false);
  await house.clock.advance(6_000);
  const second = (await house.relay.slipOf(id)).marks;
  expect(second.may_be_repeat).toBe(true);
  expect(second.sent_at).toBeGreaterThan(first.sent_at);
  await house.clock.advance(3_600_000);
  expect((await house.relay.slipOf(id)).marks).toEqual(second);
});
