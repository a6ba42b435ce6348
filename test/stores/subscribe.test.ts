import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { StoreWatch } from "../../src/ledger/store-watch.ts";
import { TOKEN } from "../fakes/house.ts";
import { createStage, sha256, type Stage } from "./stage.ts";

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
});
afterEach(() => stage.close());

const NOODLES = "https://relay.test/webhooks/shopline/noodle-bar";
const BAKERY = "https://relay.test/webhooks/shoplazza/bakery";

type Options = Parameters<Stage["house"]["relay"]["subscribe"]>[2];
function subscribe(store: string, options?: Options): ReturnType<Stage["house"]["relay"]["subscribe"]> {
  return stage.house.relay.subscribe(store, "operator Ana", options);
}
async function watchOf(store: string): Promise<StoreWatch | undefined> {
  return (await stage.house.ledger.storeWatches(store))[0];
}
const addresses = (platform: keyof Stage["shops"]): string[] =>
  stage.shops[platform].subscriptions.map(({ address }) => address);
const checks = (): unknown[] =>
  stage.house.events.flatMap((event) => (event.event === "subscription.checked" ? [event.result] : []));

describe("subscribing", () => {
  test("is done once, however often it is asked for", async () => {
    expect(await subscribe("noodle-bar")).toMatchObject({
      ...{ result: "created", address: NOODLES },
      subscriptions: [{ address: NOODLES, of_store: "right", topic: "orders/cancelled" }],
    });
    expect(await subscribe("noodle-bar")).toMatchObject({ result: "existing" });
    expect(addresses("shopline")).toEqual([NOODLES]);
    expect(await watchOf("noodle-bar")).toMatchObject({ subscription_id: "sub-1", check_error: null });
  });

  test("only shows what there is when it is asked to", async () => {
    expect(await subscribe("noodle-bar", { check: true })).toMatchObject({
      result: "missing",
      subscriptions: [],
    });
    expect(addresses("shopline")).toEqual([]);
    expect((await watchOf("noodle-bar"))?.subscribed_at).toBeNull();
  });

  test("mends a wrong address: first the new one, then the old one goes; what is not ours stays", async () => {
    const topic = "orders/cancelled";
    stage.shops.shopline.subscriptions = [
      { id: "old", topic, address: "https://old.example.com/webhooks/shopline/noodle-bar" },
      { id: "erp", topic, address: "https://erp.example.com/hooks" },
      { id: "edit", topic: "orders/edited", address: NOODLES },
    ];
    expect(await subscribe("noodle-bar", { check: true })).toMatchObject({ result: "wrong" });
    expect(await subscribe("noodle-bar")).toMatchObject({ result: "repaired" });
    expect(addresses("shopline")).toEqual(["https://erp.example.com/hooks", NOODLES, NOODLES]);
    const asked = stage.shops.shopline.asked.filter((what) => /^(create|delete)/.test(what));
    expect(asked).toEqual([`createSubscription ${NOODLES}`, "deleteSubscription old"]);
  });

  test("where the platform takes one only, somebody else's is replaced only on demand", async () => {
    const topic = "orders/cancelled";
    stage.shops.shoplazza.subscriptions = [{ id: "erp", topic, address: "https://erp.example.com/hooks" }];
    await expect(subscribe("bakery")).rejects.toMatchObject({
      ...{ code: "conflict", message: expect.stringContaining("https://erp.example.com/hooks") as string },
    });
    expect(await subscribe("bakery", { replace: true })).toMatchObject({ result: "created" });
    expect(addresses("shoplazza")).toEqual([BAKERY]);
  });

  test("whose answer was lost finds what it has made", async () => {
    stage.shops.shopline.failOnce("createSubscription", "unknown", "done");
    expect(await subscribe("noodle-bar")).toMatchObject({ result: "created" });
    expect(addresses("shopline")).toEqual([NOODLES]);
  });

  test("is refused in the store's own words", async () => {
    stage.shops.shopline.failOnce("createSubscription", "forbidden");
    await expect(subscribe("noodle-bar")).rejects.toMatchObject({
      ...{ code: "store_refused", message: "the store said: forbidden" },
    });
    await expect(subscribe("by-hand")).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("subscribing FastPOD", () => {
  const tokensOf = async (): Promise<unknown[]> =>
    (await stage.house.ledger.settings()).stores.find(({ name }) => name === "tee-shop")?.token_hashes ?? [];

  test("makes a token that the relay takes from then on, and shows it to nobody", async () => {
    stage.shops.fastpod.api.topic = "order_notify";
    const result = await subscribe("tee-shop");
    expect(result).toMatchObject({
      ...{ result: "created", address: "https://relay.test/webhooks/fastpod/tee-shop/***" },
      subscriptions: [{ of_store: "right", address: "https://relay.test/webhooks/fastpod/tee-shop/***" }],
    });
    const token = addresses("fastpod")[0]?.split("/").at(-1) ?? "";
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect((await tokensOf())[0]).toBe(sha256(token));
    expect(JSON.stringify([result, stage.house.events])).not.toContain(token);
    expect(await subscribe("tee-shop")).toMatchObject({ result: "existing" });
    expect(await tokensOf()).toHaveLength(2);
  });

  test("leaves no token behind when the store refuses", async () => {
    for (let time = 0; time < 12; time++) {
      stage.shops.fastpod.failOnce("createSubscription", "refused");
      await expect(subscribe("tee-shop")).rejects.toMatchObject({ code: "store_refused" });
    }
    expect(await tokensOf()).toHaveLength(1);
  });
});

test("a token whose address FastPOD may have taken stays valid while nobody can look", async () => {
  const shop = stage.shops.fastpod;
  shop.failOnce("createSubscription", "unknown", "done");
  // Not the first look: the one after the address was made.
  shop.before = () => {
    shop.before = () => {
      shop.failOnce("listSubscriptions", "unavailable");
      return Promise.resolve();
    };
    return Promise.resolve();
  };
  await expect(subscribe("tee-shop")).rejects.toMatchObject({ code: "store_unavailable" });
  expect(addresses("fastpod")).toHaveLength(1);
  expect(await subscribe("tee-shop")).toMatchObject({ result: "existing" });
});

describe("replacing FastPOD's address", () => {
  const tokens = async (): Promise<unknown[]> =>
    (await stage.house.ledger.settings()).stores.find(({ name }) => name === "tee-shop")?.token_hashes ?? [];
  const hashOf = (address: string | undefined): string => sha256(address?.split("/").at(-1) ?? "");
  const inADay = (): number => stage.house.clock.now() + 86_400_000;

  test("regression: the old address stayed, though `subscribe --replace` is how it is changed", async () => {
    await subscribe("tee-shop");
    const [old] = addresses("fastpod");
    expect(await subscribe("tee-shop", { replace: true })).toMatchObject({ result: "repaired" });
    const [now, ...more] = addresses("fastpod");
    expect(more).toEqual([]);
    expect(now).not.toBe(old);
    const ends = { valid_until: inADay() };
    expect(await tokens()).toEqual([
      hashOf(now),
      { value: hashOf(old), ...ends },
      { value: sha256(TOKEN), ...ends },
    ]);
    expect(await subscribe("tee-shop")).toMatchObject({ result: "existing" });
    expect(await subscribe("tee-shop", { check: true, replace: true })).toMatchObject({ result: "existing" });
  });

  test("regression: with ten tokens the watch could not mend until somebody had ended old ones by hand", async () => {
    for (let time = 0; time < 9; time++) {
      await subscribe("tee-shop");
      stage.shops.fastpod.subscriptions = [];
    }
    expect(await stage.house.relay.watch("tee-shop")).toBe(false);
    const error = (await watchOf("tee-shop"))?.check_error;
    expect(error).toContain("run `relay subscribe tee-shop --replace`");
    expect(await subscribe("tee-shop", { replace: true })).toMatchObject({ result: "created" });
    // Nine of them end in a day, and then there is room again.
    expect(await tokens()).toEqual([
      hashOf(addresses("fastpod")[0]),
      ...Array.from({ length: 9 }, () => expect.objectContaining({ valid_until: inADay() }) as unknown),
    ]);
  });

  test("that the store refuses leaves the old one as it was", async () => {
    await subscribe("tee-shop");
    const before = [addresses("fastpod"), await tokens()];
    stage.shops.fastpod.failOnce("createSubscription", "refused");
    await expect(subscribe("tee-shop", { replace: true })).rejects.toMatchObject({ code: "store_refused" });
    expect([addresses("fastpod"), await tokens()]).toEqual(before);
  });

  test("whose answer was lost is looked for by its own token", async () => {
    await subscribe("tee-shop");
    const [old] = addresses("fastpod");
    stage.shops.fastpod.failOnce("createSubscription", "unknown");
    await expect(subscribe("tee-shop", { replace: true })).rejects.toMatchObject({
      code: "store_unavailable",
    });
    expect(await tokens()).toEqual([hashOf(old), sha256(TOKEN)]);
    stage.shops.fastpod.failOnce("createSubscription", "unknown", "done");
    await subscribe("tee-shop", { replace: true });
    expect(addresses("fastpod")).toHaveLength(1);
    expect((await tokens())[0]).toBe(hashOf(addresses("fastpod")[0]));
  });

  test("regression: a store that changes the address it has, under the same id, had it deleted again", async () => {
    await subscribe("tee-shop");
    const { api } = stage.shops.fastpod;
    api.createSubscription = (_store, address) => {
      const changed = { id: "sub-1", topic: api.topic, address };
      stage.shops.fastpod.subscriptions = [changed];
      return Promise.resolve({ kind: "answered", value: changed });
    };
    await subscribe("tee-shop", { replace: true });
    expect(addresses("fastpod")).toHaveLength(1);
  });
});

describe("the watchdog", () => {
  const watch = (store = "noodle-bar"): Promise<boolean> => stage.house.relay.watch(store);

  test("finds it in place", async () => {
    await subscribe("noodle-bar");
    expect(await watch()).toBe(false);
    expect(checks()).toEqual(["in_place"]);
  });

  test("makes it again when it is gone, once", async () => {
    await subscribe("noodle-bar");
    stage.shops.shopline.subscriptions = [];
    expect(await watch()).toBe(true);
    expect(addresses("shopline")).toEqual([NOODLES]);
    expect(await watch()).toBe(false);
    expect(checks()).toEqual(["restored", "in_place"]);
  });

  test("misses none that it has never seen: whoever registered by hand is let be", async () => {
    expect(await watch()).toBe(false);
    expect(addresses("shopline")).toEqual([]);
    expect(checks()).toEqual(["unseen"]);
  });

  test("knows one that was made elsewhere once it has seen it", async () => {
    stage.shops.shopline.subscriptions = [{ id: "x", topic: "orders/cancelled", address: NOODLES }];
    await watch();
    stage.shops.shopline.subscriptions = [];
    expect(await watch()).toBe(true);
  });

  test("does not take a store away from another relay that it calls instead", async () => {
    await subscribe("noodle-bar");
    const elsewhere = "https://new.example.com/webhooks/shopline/noodle-bar";
    stage.shops.shopline.subscriptions = [{ id: "x", topic: "orders/cancelled", address: elsewhere }];
    expect(await watch()).toBe(false);
    expect(addresses("shopline")).toEqual([elsewhere]);
    expect(checks()).toEqual(["moved"]);
    expect((await watchOf("noodle-bar"))?.check_error).toContain("relay subscribe noodle-bar");
  });

  test("tells why it could not make it again, and does so when it can", async () => {
    await subscribe("noodle-bar");
    stage.shops.shopline.subscriptions = [];
    stage.shops.shopline.failOnce("createSubscription", "forbidden");
    expect(await watch()).toBe(false);
    expect((await watchOf("noodle-bar"))?.check_error).toContain("the store said: forbidden");
    expect(await watch()).toBe(true);
    expect(checks()).toEqual(["gone", "restored"]);
    expect((await watchOf("noodle-bar"))?.check_error).toBeNull();
  });

  test("that cannot ask changes nothing", async () => {
    await subscribe("noodle-bar");
    stage.shops.shopline.failing = "unauthorized";
    expect(await watch()).toBe(false);
    expect(stage.house.events.at(-1)).toMatchObject({ result: "failed", api: "refused" });
  });
});
