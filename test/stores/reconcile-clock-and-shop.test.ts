import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createStage, printedOn, reconcileOn, watchOn, type Stage } from "./stage.ts";

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
});
afterEach(() => stage.close());

const MINUTE_MS = 60_000;

/** The store's clock, and its list as that tells it. */
function behindBy(ms: number): void {
  const { shopline } = stage.shops;
  const list = shopline.api.listCancelled.bind(shopline.api);
  shopline.api.listCancelled = async (...asked) => {
    const page = await list(...asked);
    if (page.kind === "failed") return page;
    return { ...page, value: { ...page.value, told_at: stage.house.clock.now() - ms } };
  };
}

describe("regression: what was cancelled in the first minutes after a store was added was history by a store's slow clock", () => {
  test("its times are read by its own clock", async () => {
    behindBy(5 * MINUTE_MS);
    await stage.house.clock.advance(2 * MINUTE_MS);
    // A minute ago, and a minute before the store was added.
    stage.put("1001", 6 * 60);
    stage.put("900", 8 * 60);
    expect(await reconcileOn(stage)).toMatchObject({ found: 1, before: 1 });
    expect(printedOn(stage)).toEqual(["1001"]);
  });

  test.each([
    ["an answer's own way is no slow clock", 5000, 6],
    ["a clock that is ahead makes nothing history", -5 * MINUTE_MS, 1],
    ["nor does one that is off by more than a run looks back reach further", 26 * 60 * MINUTE_MS, 63 * 60],
  ])("%s", async (_, behind, agoS) => {
    behindBy(behind);
    await stage.house.clock.advance(0);
    const updated_at = new Date(stage.house.clock.now()).toISOString();
    stage.put("900", agoS, { updated_at });
    expect(await reconcileOn(stage)).toMatchObject({ found: 0, before: 1 });
  });
});

describe("regression: the orders of another shop, whose address and token a store was given, printed as its own", () => {
  test("none is taken, and the run says why", async () => {
    await stage.close();
    stage = await createStage({ shop_id: "1644828244663" });
    const { house } = stage;
    await house.clock.advance(10 * MINUTE_MS);
    stage.put("1001", 60, { store_id: "1644828244663" });
    stage.put("7001", 60, { store_id: "1700000000001" });
    await expect(reconcileOn(stage)).rejects.toThrow('another shop than its "shop_id"');
    expect(await watchOn(stage)).toMatchObject({ reconcile_error: expect.stringContaining("api.token") });
    await house.clock.advance(0);
    expect(printedOn(stage)).toEqual(["1001"]);
  });
});
