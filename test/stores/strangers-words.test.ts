import { afterEach, beforeEach, expect, test } from "vitest";
import type { ApiFailure } from "../../src/platforms/store-api.ts";
import { createStage, type Stage } from "./stage.ts";

// Regression: whom a store named in its error stayed in ledger, log and alerts. Only who asked is told.

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
});
afterEach(() => stage.close());

const WORDS = "Order of Markedfirst Markedlast is locked";
const FAILURE: ApiFailure = {
  ...{ kind: "failed", why: "refused", http_status: 404, retry_after_ms: null },
  ...{ detail: `SHOPLINE's API answered 404: ${WORDS}; check it`, words: WORDS },
};
const failing = (): Promise<ApiFailure> => Promise.resolve(FAILURE);

async function expectUntold(): Promise<void> {
  expect(JSON.stringify(stage.house.events)).toContain("SHOPLINE's API answered 404; check it");
  expect(JSON.stringify(stage.house.events)).not.toContain("Markedlast");
  expect(JSON.stringify(await stage.house.ledger.storeWatches())).not.toContain("Markedlast");
}

test("by a run", async () => {
  stage.shops.shopline.api.listCancelled = failing;
  await expect(stage.house.relay.reconcile("noodle-bar", "relay")).rejects.toMatchObject({
    message: FAILURE.detail,
  });
  await expectUntold();
});

test("by a look at the subscription", async () => {
  stage.shops.shopline.api.listSubscriptions = failing;
  await stage.house.relay.watch("noodle-bar");
  await expectUntold();
});

test("by one that cannot be made again", async () => {
  await stage.house.relay.subscribe("noodle-bar", "cli");
  await stage.house.relay.watch("noodle-bar");
  stage.shops.shopline.subscriptions.splice(0);
  stage.shops.shopline.api.createSubscription = failing;
  await stage.house.relay.watch("noodle-bar");
  await expectUntold();
});

test("by a cancellation that is refused", async () => {
  stage.put("1001", null);
  stage.shops.shopline.api.cancelOrder = failing;
  const cancelling = stage.house.relay.cancelOrder("noodle-bar", "1001", { reason: "other" }, "cli");
  await expect(cancelling).rejects.toMatchObject({ message: FAILURE.detail });
  await expectUntold();
});
